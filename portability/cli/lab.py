"""The verb `lab`: two small clouds on this machine."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from portability.errors import LabError

if TYPE_CHECKING:
    from portability.lab.control import LabStatus

app = typer.Typer(no_args_is_help=True, help="Two small OpenStack clouds on this machine, with servers to log in to.")

Name = Annotated[str, typer.Option("--name", help="Which lab; several can be up with different address ranges.")]
_EXTRA = ("starlette", "uvicorn", "pyroute2")
_PASSED_ON = ("PORTABILITY_LAB_DIR", "PORTABILITY_CACHE", "PATH", "TERM")


@app.command()
def up(
    file: Annotated[Path | None, typer.Option("--file", help="A lab.yaml of your own; see examples/lab.yaml.")] = None,
    name: Name = "default",
    kind: Annotated[
        str, typer.Option("--kind", help="container (real servers, needs root) or imaginary.")
    ] = "container",
) -> None:
    """Start the lab, or say what is running already."""
    if not all(find_spec(module) for module in _EXTRA):
        raise LabError("the lab's own packages are not installed", way_out="pip install 'portability[lab]'")
    from portability.lab.control import up as bring_up
    from portability.lab.folder import Kind

    if kind not in list(Kind):
        raise typer.BadParameter(f"{kind!r} is not one of {', '.join(Kind)}", param_hint="--kind")
    if kind == Kind.CONTAINER:
        _become_root()
    _show(bring_up(name, file=file, kind=Kind(kind), say=_say))


@app.command()
def down(name: Name = "default") -> None:
    """Remove the lab with all that its servers hold."""
    from portability.lab.control import down as take_down

    if not _is_imaginary(name):
        _become_root()
    if take_down(name, say=_say):
        typer.echo(f"lab {name} is gone")
    else:
        typer.echo(f"there is no lab {name}")


@app.command()
def status(
    name: Name = "default",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Show clouds, APIs and servers."""
    from portability.lab import control

    if not _is_imaginary(name):
        _become_root()
    found = control.status(name)
    if as_json:
        typer.echo(control.as_json(found))
    else:
        _show(found)


@app.command()
def restart(name: Name = "default") -> None:
    """Restart the API process; servers and networks do not notice."""
    from portability.lab.control import restart as start_again

    if not _is_imaginary(name):
        _become_root()
    _show(start_again(name, say=_say))


def _say(line: str) -> None:
    typer.echo(f"… {line}", err=True)


def _show(found: "LabStatus") -> None:
    typer.echo(f"lab {found.name} ({found.kind.value} servers), files in {found.folder}")
    for cloud in found.clouds:
        state = "answers" if cloud.answers else "does not answer"
        typer.echo(f"  {cloud.name:<10} {cloud.url}  {state}, {len(cloud.servers)} servers")
        for server, status in cloud.servers:
            typer.echo(f"      {server}  {status}")
    typer.echo(f"export OS_CLIENT_CONFIG_FILE={found.clouds_file}")


def _become_root() -> None:
    """Go on as root: through sudo when it asks for no password.

    Raises:
        LabError: when there is no way to become root.
    """
    if os.geteuid() == 0:
        return
    sudo = shutil.which("sudo")
    if sudo is None or subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode != 0:
        raise LabError("the lab needs root for its servers and networks", way_out="run it as root, or with sudo")
    passed = [f"{name}={os.environ[name]}" for name in _PASSED_ON if name in os.environ]
    sys.stdout.flush()
    os.execv(sudo, [sudo, "-n", "env", *passed, sys.executable, *sys.argv])


def _is_imaginary(name: str) -> bool:
    """A lab without servers in a folder of one's own needs no root."""
    from portability.lab.folder import Kind, folder

    lab = folder(name)
    return os.access(lab.plan_file, os.R_OK | os.W_OK) and lab.plan().kind is Kind.IMAGINARY
