"""`portability behaviours` and `portability explain`: the catalogue."""

from fnmatch import fnmatch
from typing import Annotated

import typer

from portability.cli import options
from portability.cli.console import console
from portability.errors import UsageError
from portability.model.behaviour import Behaviour


def register(app: typer.Typer) -> None:
    app.command(
        "behaviours", epilog="[bold]Examples[/bold]\n\n  portability behaviours net\n\n  portability behaviours --json"
    )(list_behaviours)
    app.command(epilog="[bold]Example[/bold]\n\n  portability explain net.mtu.path_internal")(explain)


def list_behaviours(
    area: Annotated[str | None, typer.Argument(help="boot, net, vol, …; all when left out.")] = None,
    json: options.Json = False,
) -> None:
    """List what is observed on a cloud."""
    from portability.behaviours.catalogue import catalogue
    from portability.model.codec import to_json

    found = tuple(behaviour for behaviour in catalogue() if area is None or behaviour.area == area)
    if not found:
        areas = sorted({behaviour.area for behaviour in catalogue()})
        raise UsageError(f"no area is called {area!r}", way_out=f"one of {', '.join(areas)}")
    if json:
        typer.echo(to_json(found, indent=2))
        return
    _print_list(found)


def _print_list(found: tuple[Behaviour, ...]) -> None:
    from rich.table import Table

    out = console()
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(no_wrap=True, style="bold")
    table.add_column(no_wrap=True, style="dim")
    table.add_column()
    for behaviour in found:
        kind = behaviour.level.value + (f", {behaviour.unit}" if behaviour.unit else "")
        table.add_row(behaviour.id, kind, behaviour.means)
    out.print(table)
    out.print(f"\n{len(found)} behaviours. portability explain ID says all about one.", style="dim")


def explain(
    behaviour: Annotated[str, typer.Argument(help="An id, as net.mtu.path_internal.")], json: options.Json = False
) -> None:
    """Say all that is known of one behaviour: what it means, who says so, what breaks, what to do."""
    from portability.behaviours.catalogue import catalogue
    from portability.model.codec import to_json

    everything = {found.id: found for found in catalogue()}
    if behaviour not in everything:
        near = [
            name
            for name in everything
            if fnmatch(name, f"*{behaviour}*") or name.split(".")[0] == behaviour.split(".")[0]
        ]
        raise UsageError(f"no behaviour is called {behaviour!r}", way_out=f"one of {', '.join(near or everything)}")
    found = everything[behaviour]
    if json:
        typer.echo(to_json(found, indent=2))
        return
    from rich.text import Text

    out = console()
    out.print(Text(found.id, style="bold"))
    out.print(f"{found.means}\n", markup=False)
    rows = {
        "level": found.level.value,
        "scale": found.scale.value + (f", in {found.unit}" if found.unit else ""),
        "authority": found.authority,
        "breaks": found.breaks,
        "remedy": found.remedy,
        "cost": found.cost.value,
        "accepted": ", ".join(found.accepted),
        "margin": f"{found.margin.relative:.0%} or {found.margin.absolute:g} {found.unit}: {found.margin.reason}"
        if found.margin
        else "",
        "absorbed by": f"the binding's {found.absorbed_by}" if found.absorbed_by else "",
    }
    for name, text in rows.items():
        if text:
            out.print(Text.assemble((f"{name:<12}", "dim"), text))
