"""A guest book: a page from the database, durable writes with ids, and the truth about them."""

import json
import os
import socket
import threading

import psycopg2
from flask import Flask, jsonify, render_template_string, request

TABLE = """
CREATE TABLE IF NOT EXISTS entries (
    id text PRIMARY KEY,
    written timestamptz NOT NULL DEFAULT now(),
    server text NOT NULL
)
"""
# Servers that start at once would race to make the table: "IF NOT EXISTS" looks before it locks.
LOCK = 20417
LONGEST_ID = 200

PAGE = """<!doctype html>
<title>Guest book</title>
<h1>{{ count }} entries</h1>
<ol>{% for id, written in latest %}<li>{{ id }} at {{ written.isoformat() }}</li>{% endfor %}</ol>
<p>Served by {{ server }}</p>
"""

application = Flask(__name__)
_mine = threading.local()


def _connect():
    with open(os.environ["WEBAPP_SETTINGS"], encoding="utf-8") as file:
        settings = json.load(file)
    connection = psycopg2.connect(
        **settings,
        connect_timeout=2,
        # A database server that vanished must not hold a thread for the two hours of a default TCP keepalive.
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=2,
        tcp_user_timeout=5000,
        options="-c statement_timeout=4000",
    )
    with connection, connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))
        cursor.execute(TABLE)
    return connection


def _transaction(statements):
    """What the function gives for a cursor, once its transaction is on disk. Tried anew on a new connection when the
    old one turns out dead, which is safe here: every statement may run twice.
    """
    if getattr(_mine, "connection", None) is not None:
        try:
            return _committed(_mine.connection, statements)
        except (psycopg2.OperationalError, psycopg2.InterfaceError):
            _mine.connection.close()
    _mine.connection = None
    _mine.connection = _connect()
    return _committed(_mine.connection, statements)


def _committed(connection, statements):
    with connection, connection.cursor() as cursor:
        return statements(cursor)


@application.errorhandler(psycopg2.Error)
def no_database(error):
    application.logger.warning("database: %s", str(error).strip())
    return jsonify(error="the database does not answer"), 503


@application.get("/")
def page():
    def read(cursor):
        cursor.execute("SELECT count(*) FROM entries")
        (count,) = cursor.fetchone()
        cursor.execute("SELECT id, written FROM entries ORDER BY written DESC, id LIMIT 10")
        return count, cursor.fetchall()

    count, latest = _transaction(read)
    return render_template_string(PAGE, count=count, latest=latest, server=socket.gethostname())


@application.post("/write")
def write():
    body = request.get_json(silent=True)
    id_ = body.get("id") if isinstance(body, dict) else None
    if not isinstance(id_, str) or not 0 < len(id_) <= LONGEST_ID or "\0" in id_:
        return jsonify(error=f'send a JSON object {{"id": text of 1 to {LONGEST_ID} characters}}'), 400

    def insert(cursor):
        cursor.execute(
            "INSERT INTO entries (id, server) VALUES (%s, %s) ON CONFLICT (id) DO NOTHING", (id_, socket.gethostname())
        )
        return cursor.rowcount == 1

    is_new = _transaction(insert)
    return jsonify(id=id_, server=socket.gethostname()), 201 if is_new else 200


@application.get("/truth")
def truth():
    def read(cursor):
        cursor.execute("SELECT id FROM entries ORDER BY written, id")
        return [id_ for (id_,) in cursor.fetchall()]

    return jsonify(ids=_transaction(read))


@application.get("/health")
def health():
    """200 when a transaction goes through: the whole chain from here on works."""
    _transaction(lambda cursor: cursor.execute("SELECT 1 FROM entries LIMIT 1"))
    return jsonify(status="ok", server=socket.gethostname())


@application.get("/alive")
def alive():
    """200 when this process answers. For the proxy: a database that is away is no reason to take every server out."""
    return jsonify(status="ok", server=socket.gethostname())
