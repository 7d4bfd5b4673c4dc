"""What is printed when a run is over, and the exit code."""

import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from portability.cli.console import console
from portability.judge.exits import FailOn, exit_code

if TYPE_CHECKING:
    from portability.pipeline.request import Result


def finish(result: "Result", *, json: bool, fail_on: FailOn) -> int:
    """Prints the report, what was left behind and how to delete it, and where everything is; gives the exit code."""
    show(result, json=json)
    if result.left:
        _print_leftovers(result)
    if result.bug is not None:
        traceback.print_exception(result.bug)
        typer.echo("This is a bug in portability: please report it with the lines above.", err=True)
    return int(exit_code(result.verdict, fail_on=fail_on))


def show(result: "Result", *, json: bool) -> None:
    """The verdict on standard output: for people, or as JSON."""
    if json:
        typer.echo((result.directory / "verdict.json").read_text(encoding="utf-8"))
        return

    from portability.report.document import build
    from portability.report.terminal import show as print_document

    out = console()
    print_document(build(result.run, result.verdict), out)
    out.print(f"Report: {_short(result.directory / 'report.html')}", soft_wrap=True)


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _print_leftovers(result: "Result") -> None:
    from portability.deploy.sweep import delete_command

    typer.echo("\nThese could not be deleted; they may cost money:", err=True)
    for left in result.left:
        typer.echo(f"  {delete_command(left.cloud_name, left.resource)}", err=True)
    sys.stderr.flush()
