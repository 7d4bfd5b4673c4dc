"""Options and arguments that several verbs have, and the request they add up to."""

from pathlib import Path
from typing import Annotated

import typer

Workload = Annotated[str, typer.Argument(help="A shipped workload's name, or the path of a workload.yaml.")]
Baseline = Annotated[str, typer.Argument(help="The cloud the application runs on, as named in clouds.yaml.")]
Candidate = Annotated[str, typer.Argument(help="The cloud it might move to.")]
Repetitions = Annotated[
    int,
    typer.Option(
        "-r", "--repetitions", min=1, max=100, help="Boot canaries a cloud; 6 give a 95 % interval of a median."
    ),
]
Seed = Annotated[int | None, typer.Option(help="Seed of every random order; recorded, to repeat a run.")]
Bindings = Annotated[
    Path | None,
    typer.Option(
        "--bindings", help="Your choices a cloud: image, flavors, network … (default: portability.yaml here)."
    ),
]
Runs = Annotated[Path, typer.Option("--runs", help="The folder of run directories.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on standard output instead.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="No progress, only the result.")]

DEFAULT_BINDINGS = Path("portability.yaml")
DEFAULT_RUNS = Path("runs")


def bindings_file(given: Path | None) -> Path | None:
    """The file that was named, else the one in this folder if there is one."""
    if given is not None:
        return given
    return DEFAULT_BINDINGS if DEFAULT_BINDINGS.exists() else None
