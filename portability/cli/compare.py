"""`portability compare`: the whole pipeline on two clouds."""

import sys
from typing import Annotated

import typer

from portability.cli import options
from portability.judge.exits import FailOn

_EXAMPLES = """
[bold]Examples[/bold]

  portability compare three-tier onprem public

  portability compare three-tier onprem onprem -r 6      the noise floor: a cloud with itself

  portability compare ./my-app/workload.yaml a b --only 'net.*' --quiet --json
"""


def register(app: typer.Typer) -> None:
    app.command(epilog=_EXAMPLES)(compare)


def compare(
    workload: options.Workload,
    baseline: options.Baseline,
    candidate: options.Candidate,
    repetitions: options.Repetitions = 6,
    seed: options.Seed = None,
    bindings: options.Bindings = None,
    runs: options.Runs = options.DEFAULT_RUNS,
    only: Annotated[list[str] | None, typer.Option(help="Behaviours to observe, as net.*; may be repeated.")] = None,
    without: Annotated[list[str] | None, typer.Option("--except", help="Behaviours to leave out.")] = None,
    exercise: Annotated[
        bool, typer.Option(help="Break something on purpose while the application is under load.")
    ] = True,
    keep: Annotated[bool, typer.Option("--keep", help="Leave everything running for inspection.")] = False,
    observer_cidr: Annotated[
        str | None,
        typer.Option(help="Where you are seen to come from, if the clouds see another address than this machine has."),
    ] = None,
    patience: Annotated[float, typer.Option(min=0.1, help="Stretches every deadline, for slow clouds.")] = 1.0,
    fail_on: Annotated[FailOn, typer.Option(help="What makes the exit code 1, besides `not portable`.")] = "blocker",
    json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Deploy WORKLOAD on both clouds, watch how they behave, and say whether it can move from BASELINE to CANDIDATE."""
    from portability.cli.live import live
    from portability.cli.outcome import finish
    from portability.cli.signals import stop_switch
    from portability.pipeline.order import compare as run_comparison
    from portability.pipeline.request import Request, labels

    request = Request(
        workload=workload,
        clouds=(baseline, candidate),
        repetitions=repetitions,
        seed=seed,
        bindings=options.bindings_file(bindings),
        runs=runs,
        only=tuple(only or ()),
        without=tuple(without or ()),
        exercise=exercise,
        keep=keep,
        observer_cidr=observer_cidr,
        patience=patience,
        command="portability " + " ".join(sys.argv[1:]),
    )
    with live(labels(request.clouds), mode="quiet" if quiet or json else "auto") as listener, stop_switch() as switch:
        result = run_comparison(request, listener, switch)
    raise typer.Exit(finish(result, json=json, fail_on=fail_on))
