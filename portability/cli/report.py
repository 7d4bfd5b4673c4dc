"""`portability report`: verdict and reports again, from a run directory; `portability runs`: which there are."""

from pathlib import Path
from typing import Annotated

import typer

from portability.cli import options

_EXAMPLES = """
[bold]Examples[/bold]

  portability report                 the newest run

  portability report 1hc4x           a run by the beginning of its id

  portability report runs/1hc4xk2m7q3d --json
"""


def register(app: typer.Typer) -> None:
    app.command(epilog=_EXAMPLES)(report)
    app.command()(runs)


def report(
    run: Annotated[str, typer.Argument(help="A run's directory, id, or beginning of an id.")] = "latest",
    runs: options.Runs = options.DEFAULT_RUNS,
    json: options.Json = False,
) -> None:
    """Compare and judge an earlier RUN again, and write its reports anew. No cloud is asked."""
    from portability.cli.outcome import show
    from portability.history.store import find_run
    from portability.pipeline.conclude import report_again

    show(report_again(find_run(run, root=runs)), json=json)


def runs(runs: Annotated[Path, typer.Argument(help="The folder of run directories.")] = options.DEFAULT_RUNS) -> None:
    """List the runs in a folder, newest first."""
    from portability.history.store import list_runs

    for summary in list_runs(runs):
        verdict = summary.verdict.kind.value if summary.verdict else "no verdict"
        clouds = " ".join(summary.info.clouds)
        typer.echo(f"{summary.info.id}  {summary.info.started}  {summary.info.workload} {clouds}: {verdict}")
