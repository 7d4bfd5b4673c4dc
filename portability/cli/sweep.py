"""`portability sweep`: what earlier runs left on a cloud."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from portability.errors import ExitCode, UsageError

_EXAMPLES = """
[bold]Examples[/bold]

  portability sweep onprem                        list, delete nothing

  portability sweep onprem --older-than 6h --yes  for cron

  portability sweep onprem --run 1hc4xk2m7q3d --yes
"""
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def register(app: typer.Typer) -> None:
    app.command(epilog=_EXAMPLES)(sweep)


def sweep(
    cloud: Annotated[str, typer.Argument(help="As named in clouds.yaml.")],
    run: Annotated[str | None, typer.Option(help="Only what this run made.")] = None,
    older_than: Annotated[
        str | None, typer.Option(help="Only what runs made that began so long ago: 30m, 6h, 2d.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Delete it.")] = False,
) -> None:
    """List what earlier runs left on CLOUD, by our name alone; with --yes delete it. Needs no local file of the run."""
    from portability.cloud.session import open_cloud
    from portability.deploy.sweep import delete_command, find_leftovers
    from portability.deploy.sweep import sweep as delete_all
    from portability.history.identity import started_at
    from portability.model.event import nobody
    from portability.report.clean import plain

    age = None if older_than is None else _age(older_than)
    opened = open_cloud(cloud, label=cloud)
    found = find_leftovers(opened, run, age, started=started_at, now=datetime.now(UTC))
    for item in found:
        typer.echo(f"{item.kind:<15} {plain(item.name)}  {item.id}")
    if not found:
        typer.echo(f"{cloud}: nothing of ours", err=True)
        return
    if not yes:
        typer.echo(f"{len(found)} found, nothing deleted: --yes deletes them.", err=True)
        return
    left = delete_all(opened, found, listener=nobody)
    typer.echo(f"{len(found)} found, {len(left)} left.", err=True)
    for item in left:
        typer.echo(f"  {delete_command(cloud, item)}", err=True)
    if left:
        raise typer.Exit(ExitCode.LEFT_BEHIND)


def _age(text: str) -> timedelta:
    number, unit = text[:-1], text[-1:]
    if not number.isdigit() or unit not in _UNITS:
        raise UsageError(f"--older-than {text!r} is no age", way_out="a number and m, h or d, as 6h")
    return timedelta(**{_UNITS[unit]: int(number)})
