"""`portability plan`: the dry run."""

import typer

from portability.cli import options
from portability.cli.console import console
from portability.model.plan import UNLIMITED, Binding, Plan, QuotaFit

_EXAMPLES = """
[bold]Examples[/bold]

  portability plan three-tier onprem public

  portability plan three-tier onprem public --json | jq .differences
"""


def register(app: typer.Typer) -> None:
    app.command(epilog=_EXAMPLES)(plan)


def plan(
    workload: options.Workload,
    baseline: options.Baseline,
    candidate: options.Candidate,
    repetitions: options.Repetitions = 6,
    seed: options.Seed = None,
    bindings: options.Bindings = None,
    json: options.Json = False,
) -> None:
    """Read both clouds and say what a comparison would choose, make and take. Nothing is made."""
    from portability.cli.signals import stop_switch
    from portability.model.codec import to_json
    from portability.model.event import nobody
    from portability.pipeline.order import plan as make_plan
    from portability.pipeline.request import Request

    request = Request(
        workload=workload,
        clouds=(baseline, candidate),
        repetitions=repetitions,
        seed=seed,
        bindings=options.bindings_file(bindings),
    )
    with stop_switch() as switch:
        made = make_plan(request, nobody, switch)
    if json:
        typer.echo(to_json(made, indent=2))
    else:
        _print_plan(made)


def _print_plan(plan: Plan) -> None:
    from rich.table import Table
    from rich.text import Text

    from portability.report.clean import plain

    out = console()
    first, second = plan.clouds
    chosen = Table("", first, second, title="What was chosen", title_justify="left", box=None, pad_edge=False)
    rows = [_binding_rows(binding) for binding in plan.bindings]
    for (aspect, left), (_, right) in zip(*rows, strict=True):
        style = "" if left == right else "bold"
        chosen.add_row(aspect, Text(plain(left), style=style), Text(plain(right), style=style))
    out.print(chosen)
    out.print("\n[bold]What to change when the application moves[/bold]")
    for difference in plan.differences:
        out.print(Text(plain(f"  {difference.aspect}: {difference.baseline} → {difference.candidate}")))
        out.print(Text(plain(f"      {difference.what_to_do}"), style="dim"))
    if not plan.differences:
        out.print("  nothing")
    heads = (head for cloud, _ in plan.quotas for head in (f"needed on {cloud}", "free"))
    quotas = Table("Quota", *heads, box=None, pad_edge=False)
    for fits in zip(*(fits for _, fits in plan.quotas), strict=True):
        quotas.add_row(fits[0].quota, *(text for fit in fits for text in (str(fit.needed), _free(fit))))
    out.print()
    out.print(quotas)
    hours = ", ".join(f"{hours:.2f} on {cloud}" for cloud, hours in plan.estimate.server_hours)
    out.print(f"\nAbout {plan.estimate.duration / 60:.0f} minutes; server-hours: {hours}. Seed {plan.seed}.")
    for warning in plan.warnings:
        out.print(Text(plain(f"note: {warning}"), style="yellow"))


def _binding_rows(binding: Binding) -> tuple[tuple[str, str], ...]:
    flavors = (
        (f"flavor of {tier}", f"{flavor.name} ({flavor.vcpus} vCPU, {flavor.ram_mib} MiB, {flavor.disk_gib} GiB)")
        for tier, flavor in binding.flavors
    )
    return (
        ("image", binding.image.name),
        *flavors,
        ("access", binding.access.value),
        ("network", binding.network.name),
        ("login user", binding.user),
        ("config drive", "yes" if binding.config_drive else "no"),
        ("boot from volume", ", ".join(binding.boot_from_volume) or "no"),
        ("volume type", binding.volume_type.name if binding.volume_type else "the default"),
        ("zone", binding.compute_zone or "any"),
    )


def _free(fit: QuotaFit) -> str:
    if fit.free is None:
        return "not told"
    return "no limit" if fit.free == UNLIMITED else str(fit.free)
