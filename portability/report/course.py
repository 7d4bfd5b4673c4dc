"""How the run went: where the time went, what Ansible did, what is left, and how to do it again."""

from collections import defaultdict
from urllib.parse import quote

from portability.model.deployment import Deployment
from portability.model.journal import ApiCalls, Census, Remark, Run
from portability.model.observation import Observation
from portability.model.run import CanaryBoot, Spent, StageTime, TaskTime, Work
from portability.model.units import CloudLabel, Seconds
from portability.report.blocks import (
    Cell,
    Chip,
    Code,
    Column,
    Evidence,
    Figure,
    Gantt,
    KeyValues,
    Paragraph,
    Row,
    Section,
    Side,
    Table,
    Task,
    Tone,
)
from portability.report.commands import compare_again, sweep
from portability.report.words import NOTHING, count, listed, seconds

_SLOWEST = 10
_MOST_CALLED = 12
_BOTH = "both at once"


def time_spent(run: Run) -> Section | None:
    """The stages of both clouds on one axis, what the time was spent on, and what the APIs were asked."""
    stages: tuple[StageTime, ...] = run.of(StageTime)
    if not stages:
        return None
    sides: dict[CloudLabel | None, Side | None] = dict(zip(run.info.clouds, Side, strict=True))
    tasks = tuple(
        Task(
            side=sides.get(stage.cloud),
            label=stage.stage.value,
            start=stage.start,
            seconds=stage.seconds,
            ok=stage.ok,
        )
        for stage in stages
    )
    whole = max(stage.start + stage.seconds for stage in stages)
    spent = _sums(run)
    sum_of_all = sum(sum(times.values()) for times in spent.values()) or 1.0
    shares = listed([f"{work.value} {sum(spent[work].values()) / sum_of_all:.0%}" for work in Work if work in spent])
    summary = f"{seconds(whole)} in all" + (f": {shares}." if shares else ".")
    return Section(
        id="time",
        title="Where the time went",
        nav="Time",
        lead=summary,
        blocks=(
            Figure(drawing=Gantt(tasks=tasks), summary=summary, caption="Seconds since the run began."),
            *_spent(run, spent),
            *_api_calls(run),
        ),
        is_brief=True,
    )


def ansible_tasks(run: Run) -> Section | None:
    """The slowest tasks; of several hosts the slowest one counts."""
    slowest: dict[tuple[str, str], dict[CloudLabel, Seconds]] = defaultdict(dict)
    for task in run.of(TaskTime):
        times = slowest[(task.role, task.task)]
        times[task.cloud] = max(task.seconds, times.get(task.cloud, 0.0))
    if not slowest:
        return None
    ranked = sorted(slowest.items(), key=lambda item: -max(item[1].values()))[:_SLOWEST]
    columns = (
        Column(title="Task"),
        Column(title=run.info.clouds[0], side=Side.BASELINE, is_number=True),
        Column(title=run.info.clouds[1], side=Side.CANDIDATE, is_number=True),
    )
    rows = tuple(
        Row(
            cells=(
                Cell(text=task, fine=role),
                *(Cell(text=seconds(times[c]) if c in times else NOTHING) for c in run.info.clouds),
            )
        )
        for (role, task), times in ranked
    )
    failed = tuple(
        Paragraph(text=f"{task.cloud}/{task.host}: {task.role}: {task.task} failed", tone=Tone.BAD)
        for task in run.of(TaskTime)
        if not task.ok
    )
    return Section(
        id="ansible",
        title="Slowest Ansible tasks",
        nav="Ansible",
        lead=f"{len(slowest)} tasks; where several servers ran one, the slowest counts.",
        blocks=(*failed, Table(columns=columns, rows=rows)),
    )


def evidence(run: Run) -> Section | None:
    """Every file that a reading rests on."""
    users: dict[str, dict[str, None]] = defaultdict(dict)
    for observation in run.of(Observation):
        if observation.evidence:
            users[observation.evidence][f"{observation.behaviour} on {observation.cloud}"] = None
    if not users:
        return None
    columns = (Column(title="File", is_code=True), Column(title="For"))
    rows = tuple(
        Row(cells=(Cell(text=path, link=_link(path)), Cell(text=_first(tuple(users[path]))))) for path in sorted(users)
    )
    return Section(
        id="evidence",
        title="Evidence",
        lead="Console logs, facts and tool output, kept beside this report.",
        blocks=(Evidence(title=count(len(rows), "file"), blocks=(Table(columns=columns, rows=rows),)),),
    )


def census(run: Run) -> Section | None:
    """What stands on the clouds after the run that did not stand there before."""
    counted: dict[CloudLabel, Census] = {one.cloud: one for one in run.of(Census)}
    touched = {record.cloud for kind in (Census, CanaryBoot, Deployment) for record in run.of(kind)}
    if not touched:
        return None
    left = {cloud: sum(len(line.ours_left) for line in one.lines) for cloud, one in counted.items()}
    clean = [cloud for cloud in run.info.clouds if left.get(cloud) == 0]
    told = [Paragraph(text=f"Nothing of this run is left on {listed(clean)}.", tone=Tone.GOOD)] if clean else []
    told += [
        Paragraph(text=f"{count(amount, 'resource')} of this run left on {cloud}.", tone=Tone.BAD)
        for cloud, amount in left.items()
        if amount
    ]
    told += [
        Paragraph(text=f"What is left on {cloud} was not counted.", tone=Tone.UNSURE)
        for cloud in run.info.clouds
        if cloud in touched and cloud not in counted
    ]
    sweeps = tuple(
        Code(text=sweep(run, cloud), caption="Remove what is left")
        for cloud in run.info.clouds
        if cloud in touched and left.get(cloud) != 0
    )
    tables = (Evidence(title="Count of resources before and after", blocks=(_counts(counted),)),) if counted else ()
    return Section(
        id="census",
        title="What is left behind",
        nav="Left behind",
        blocks=(*told, *sweeps, *tables),
        is_brief=True,
    )


def repeat(run: Run) -> Section:
    """What one needs to do the same again."""
    items = [
        ("Seed", str(run.info.seed)),
        ("Repetitions", str(run.info.repetitions)),
        ("Program", f"portability {run.info.version}"),
        ("Started", run.info.started),
        ("Workload", f"{run.workload.source or run.info.workload}, SHA-256 {run.workload.digest[:16] or 'not kept'}"),
    ]
    items += [
        (f"{offer.cloud} ({'baseline' if offer.cloud == run.info.clouds[0] else 'candidate'})", text)
        for offer in run.offers
        if (text := _offer(offer.auth_url, offer.region, offer.compute_microversion))
    ]
    if run.plan is not None:
        items.append(("Order of boots", " ".join(run.plan.canaries) or NOTHING))
    return Section(
        id="repeat",
        title="How to repeat this",
        nav="Repeat",
        blocks=(
            Code(text=compare_again(run), caption="The same run again"),
            Code(text=f"portability report {run.info.id}", caption="What was recorded judged again, without any cloud"),
            KeyValues(items=tuple(items)),
        ),
    )


def remarks(run: Run) -> Section | None:
    """Retries, warnings and interruptions, in the order in which they were written."""
    noted = tuple(
        Row(cells=(Cell(text=remark.at[11:19]), Cell(text=remark.cloud or "both"), Cell(text=remark.text)))
        for remark in run.of(Remark)
    )
    warned = tuple(
        Row(cells=(Cell(text="plan"), Cell(text="both"), Cell(text=warning)))
        for warning in (run.plan.warnings if run.plan else ())
    )
    if not (noted or warned):
        return None
    columns = (Column(title="At"), Column(title="Cloud"), Column(title="Remark"))
    return Section(id="remarks", title="Remarks", blocks=(Table(columns=columns, rows=warned + noted),))


def _counts(counted: dict[CloudLabel, Census]) -> Table:
    columns = (
        Column(title="Kind"),
        Column(title="Before", is_number=True),
        Column(title="After", is_number=True),
        Column(title="Ours, left behind"),
    )
    rows = []
    for cloud, one in counted.items():
        for line in one.lines:
            left = Cell(text="none")
            if line.ours_left:
                left = Cell(text="", chip=Chip(text=", ".join(line.ours_left), tone=Tone.BAD))
            cells = (Cell(text=line.kind), Cell(text=str(line.before)), Cell(text=str(line.after)), left)
            rows.append(Row(cells=cells, group=cloud))
    return Table(columns=columns, rows=tuple(rows))


def _sums(run: Run) -> dict[Work, dict[CloudLabel | None, Seconds]]:
    sums: dict[Work, dict[CloudLabel | None, Seconds]] = defaultdict(lambda: defaultdict(float))
    for spent in run.of(Spent):
        sums[spent.work][spent.cloud] += spent.seconds
    return dict(sums)


def _spent(run: Run, sums: dict[Work, dict[CloudLabel | None, Seconds]]) -> tuple[Table, ...]:
    if not sums:
        return ()
    whole = sum(sum(times.values()) for times in sums.values()) or 1.0
    sides: dict[CloudLabel | None, Side] = dict(zip(run.info.clouds, Side, strict=True))
    has_both = any(None in times for times in sums.values())
    has_each = any(cloud in times for times in sums.values() for cloud in run.info.clouds)
    clouds: tuple[CloudLabel | None, ...] = (
        *(run.info.clouds if has_each else ()),
        *((None,) if has_both else ()),
    )
    columns = (
        Column(title="Time spent on"),
        *(Column(title=cloud or _BOTH, side=sides.get(cloud), is_number=True) for cloud in clouds),
        Column(title="Share", is_number=True),
    )
    rows = tuple(
        Row(
            cells=(
                Cell(text=work.value),
                *(Cell(text=seconds(sums[work][c]) if c in sums[work] else NOTHING) for c in clouds),
                Cell(text=f"{sum(sums[work].values()) / whole:.0%}"),
            )
        )
        for work in Work
        if work in sums
    )
    return (Table(columns=columns, rows=rows, is_detail=True),)


def _api_calls(run: Run) -> tuple[Evidence, ...]:
    asked: tuple[ApiCalls, ...] = run.of(ApiCalls)
    if not asked:
        return ()
    calls: dict[str, dict[CloudLabel, int]] = defaultdict(lambda: defaultdict(int))
    for one in asked:
        for call, amount in one.calls:
            calls[call][one.cloud] += amount
    ranked = sorted(calls.items(), key=lambda item: (-sum(item[1].values()), item[0]))[:_MOST_CALLED]
    columns = (
        Column(title="Call", is_code=True),
        Column(title=run.info.clouds[0], side=Side.BASELINE, is_number=True),
        Column(title=run.info.clouds[1], side=Side.CANDIDATE, is_number=True),
    )
    rows = tuple(
        Row(cells=(Cell(text=call), *(Cell(text=str(amounts.get(cloud, 0))) for cloud in run.info.clouds)))
        for call, amounts in ranked
    )
    whole = sum(sum(amounts.values()) for amounts in calls.values())
    retries = sum(one.retries for one in asked)
    title = f"{count(whole, 'API call')}, {count(retries, 'retry', 'retries')}"
    return (Evidence(title=title, blocks=(Table(columns=columns, rows=rows, caption="Most asked first"),)),)


def _link(path: str) -> str:
    return "evidence/" + quote(path.removeprefix("evidence/"))


def _first(users: tuple[str, ...], limit: int = 6) -> str:
    return ", ".join(users[:limit]) + (f" and {len(users) - limit} more" if len(users) > limit else "")


def _offer(auth_url: str, region: str | None, microversion: str | None) -> str:
    parts = (
        auth_url,
        f"region {region}" if region else "",
        f"compute microversion {microversion}" if microversion else "",
    )
    return ", ".join(part for part in parts if part)
