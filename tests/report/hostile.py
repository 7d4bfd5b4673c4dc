"""A run in which everything that a cloud or a guest can say is an attack."""

from dataclasses import replace

from portability.model.behaviour import Impact
from portability.model.comparison import Status
from portability.model.journal import Remark, Run
from portability.model.observation import Measured, Observation, Refused
from portability.model.plan import BindingDifference
from portability.model.run import StageTime
from portability.model.verdict import Failure, Verdict
from tests.report import sample

MARK = "h0st1le"
ATTACK = (
    f"{MARK}<script>alert(1)</script>\"><img src=x onerror=alert(1)>'`${{7*7}}{{{{7*7}}}}[bold]x[/nope]"
    "\x1b]0;title\x07\x1b[2J\x9b31m\x00\u202e]]>&amp;$a_b^c$"
)


def hostile() -> tuple[Run, Verdict]:
    at = "2026-11-23T00:40:12.000+00:00"
    seen = sample.behaviour("net.mtu.interface", means=ATTACK)
    attacked = sample.finding(
        seen,
        (
            sample.measured(
                "", Measured(value=(ATTACK, "a")), Measured(value=("b",)), Status.DIFFERENT, subject=ATTACK, note=ATTACK
            ),
            sample.measured("", Measured(value=ATTACK), Refused(reason=ATTACK), Status.DIFFERENT, subject="db-0"),
        ),
        impact=Impact.CHANGE,
        sentence=ATTACK,
        remedy=ATTACK,
        because=ATTACK,
        reason=ATTACK,
    )
    run, verdict = sample.with_changes()
    clouds = ("onprem", ATTACK)
    evidence = Observation(
        cloud="onprem",
        behaviour="boot.console_log",
        subject="db-0",
        outcome=Measured(value=ATTACK),
        at=at,
        evidence=f"javascript:alert(1)//{ATTACK}",
    )
    kept = tuple(
        replace(record, cloud=ATTACK) if getattr(record, "cloud", None) == "public" else record
        for record in run.records
        if not isinstance(record, StageTime)
    )
    run = replace(
        run,
        info=replace(run.info, clouds=clouds, command=ATTACK),
        records=(*kept, evidence, Remark(cloud=ATTACK, text=ATTACK, at=at)),
    )
    difference = BindingDifference(aspect="image", baseline=ATTACK, candidate=ATTACK, what_to_do=ATTACK)
    return run, replace(
        verdict,
        sentence=ATTACK,
        reasons=(ATTACK,),
        findings=(attacked, *verdict.findings[2:9]),
        to_do=(difference,),
        failures=(Failure(cloud=ATTACK, stage="deploy", message=ATTACK, kind="refused"),),
    )
