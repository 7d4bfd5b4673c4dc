"""Run in a server as `python3 - JSON`: metadata service, resolver, names, way out. Standard library only.

Argument: {"resolvers": [address, …], "names": [public name, own name], "egress": [[host, port], …], "seconds": number}
`seconds` is waited for somebody to take a connection; who did may take longer to answer.
Prints one JSON object with `metadata`, `resolver`, `egress`.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs
import concurrent.futures
import http.client
import json
import random
import socket
import struct
import sys
import time

METADATA = "169.254.169.254"
SIZE_LIMIT = 65536
ANSWER_WITHIN = 10.0  # As cloud-init: an idle metadata service takes a second or more for its first answer.


def get(path, seconds):
    """Status and text; None: no answer."""
    connection = http.client.HTTPConnection(METADATA, 80, timeout=seconds)
    try:
        connection.connect()
        connection.sock.settimeout(ANSWER_WITHIN)
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read(SIZE_LIMIT).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def metadata(seconds):
    """Documents of the metadata service; `answers` false: nobody does."""
    first = get("/openstack", seconds)
    if first is None:
        return {"answers": False, "status": None}
    if first[0] != 200:
        return {"answers": False, "status": first[0]}

    def document(path):
        answer = get(path, seconds)
        return answer[1] if answer and answer[0] == 200 else ""

    return {
        "answers": True,
        "status": 200,
        "versions": first[1].split(),
        "meta_data": document("/openstack/latest/meta_data.json"),
        "network_data": document("/openstack/latest/network_data.json"),
        "vendor_data": document("/openstack/latest/vendor_data.json"),
        "ec2_instance_id": document("/latest/meta-data/instance-id"),
    }


def resolver(servers, names, seconds):
    """What each server says: `resolves` the public name, `answers` (with a no, or for our own name only), `silent`."""
    if not servers:
        return []
    with concurrent.futures.ThreadPoolExecutor(2 * len(servers)) as pool:
        asked = [[pool.submit(ask, server, name, 2 * seconds) for name in names] for server in servers]
        pairs = [(one.result(), other.result()) for one, other in asked]
    return [one if one == "resolves" else "silent" if {one, other} == {"silent"} else "answers" for one, other in pairs]


def ask(server, name, seconds):
    number = random.randrange(65536)
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    # RFC 1035, 4.1: a header with recursion desired, one question, type A, class IN.
    question = struct.pack(">6H", number, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">2H", 1, 1)
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as sock:
        sock.settimeout(seconds)
        try:
            sock.connect((server.split("%")[0], 53))
            sock.send(question)
            while True:
                answer = sock.recv(4096)
                if len(answer) >= 12 and struct.unpack(">H", answer[:2])[0] == number:
                    break
        except OSError:
            return "silent"
    flags, _, answers = struct.unpack(">3H", answer[2:8])
    return "resolves" if flags & 15 == 0 and answers else "answers"


def egress(targets, seconds):
    """Whether any of these could be reached."""

    def reach(target):
        try:
            socket.create_connection(tuple(target), timeout=seconds).close()
        except OSError:
            return False
        return True

    with concurrent.futures.ThreadPoolExecutor(max(1, len(targets))) as pool:
        return any(pool.map(reach, targets))


def main():
    wanted = json.loads(sys.argv[1])
    seconds = wanted["seconds"]
    start = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        told = pool.submit(metadata, seconds)
        names = pool.submit(resolver, wanted["resolvers"], wanted["names"], seconds)
        out = pool.submit(egress, wanted["egress"], seconds)
        result = {"metadata": told.result(), "resolver": names.result(), "egress": out.result()}
    result["seconds"] = time.monotonic() - start
    sys.stdout.write(json.dumps(result))


if __name__ == "__main__":
    main()
