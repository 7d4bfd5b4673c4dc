"""The root command: its verbs, and what becomes of an error."""

import importlib
import os
import sys
import threading
import time
import traceback

import typer

from portability import __version__
from portability.errors import ExitCode, PortabilityError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Can this application move between these two OpenStack clouds, and what must change? Answered by doing it.",
    epilog="Clouds are named as in clouds.yaml. Exit codes: 0 portable · 1 not portable · 2 inconclusive · "
    "64 usage · 69 a cloud failed · 70 bug · 75 resources left behind · 130 interrupted.",
)

_GRACE = 2.0
"""Seconds that threads get to end by themselves after an interruption."""

_VERBS = ("compare", "plan", "report", "behaviours", "sweep", "lab")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"portability {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Say the version."),
) -> None:
    """The options that come before a verb."""


def _register() -> None:
    for verb in _VERBS:
        module = importlib.import_module(f"portability.cli.{verb}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=verb)
        else:
            module.register(app)


def _usage_errors_exit_with(code: int) -> None:
    """2 means `inconclusive` here, so a wrong command line must not end with it."""
    for kind in typer.BadParameter.__mro__:
        if kind.__name__ == "UsageError":
            kind.exit_code = code  # type: ignore[attr-defined]


def main() -> None:
    """The entry point. Expected failures become one message and an exit code; a bug looks like a bug."""
    _usage_errors_exit_with(ExitCode.USAGE)
    _register()
    try:
        app(prog_name="portability")
    except SystemExit as end:
        if end.code == ExitCode.INTERRUPTED:
            _leave()
        raise
    except PortabilityError as error:
        _print_error(error)
        if error.exit_code == ExitCode.INTERRUPTED:
            _leave()
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(ExitCode.INTERRUPTED)
    except OSError as error:
        typer.echo(f"error: {error.strerror or error}: {error.filename or ''}".rstrip(": "), err=True)
        sys.exit(ExitCode.UNAVAILABLE)
    except Exception:  # noqa: BLE001 (a bug must look like a bug, and say what to do)
        traceback.print_exc()
        typer.echo("This is a bug in portability: please report it with the lines above.", err=True)
        sys.exit(ExitCode.BUG)


def _leave() -> None:
    """End now, as was asked: the interpreter would wait for threads that are held up by a cloud or a server."""
    deadline = time.monotonic() + _GRACE
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(max(0.0, deadline - time.monotonic()))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(ExitCode.INTERRUPTED)


def _print_error(error: PortabilityError) -> None:
    from portability.report.clean import plain

    typer.echo(f"error: {plain(error.message)}", err=True)
    if error.way_out:
        typer.echo(f"  try: {plain(error.way_out)}", err=True)
    for note in getattr(error, "__notes__", ()):
        typer.echo(f"  {plain(note)}", err=True)
