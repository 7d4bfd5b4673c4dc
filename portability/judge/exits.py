"""The exit code that a verdict asks for."""

from typing import Literal, TypeAlias

from portability.errors import ExitCode
from portability.judge.failures import Blame, blame
from portability.model.behaviour import Impact
from portability.model.comparison import Status
from portability.model.verdict import Verdict, VerdictKind

FailOn: TypeAlias = Literal["change", "blocker", "difference"]


def exit_code(verdict: Verdict, *, fail_on: FailOn = "blocker") -> ExitCode:
    """What resources cost comes first, then why the run ended, then the verdict.

    What the policy forbids was seen, and stays forbidden when the rest is inconclusive. An inconclusive run in which a
    cloud or a guest failed says so (69), for the way out is another than more readings (2).
    """
    kinds = {failure.kind for failure in verdict.failures}
    for kind, code in (
        ("left behind", ExitCode.LEFT_BEHIND),
        ("interrupted", ExitCode.INTERRUPTED),
        ("bug", ExitCode.BUG),
    ):
        if kind in kinds:
            return code
    if _is_forbidden(verdict, fail_on):
        return ExitCode.NOT_PORTABLE
    if verdict.kind is not VerdictKind.INCONCLUSIVE:
        return ExitCode.PORTABLE
    has_failed = any(blame(failure) is not Blame.NOBODY for failure in verdict.failures)
    return ExitCode.UNAVAILABLE if has_failed else ExitCode.INCONCLUSIVE


def _is_forbidden(verdict: Verdict, fail_on: FailOn) -> bool:
    if verdict.kind is VerdictKind.NOT_PORTABLE:
        return True
    match fail_on:
        case "blocker":
            return False
        case "change":
            return verdict.kind is VerdictKind.WITH_CHANGES or bool(
                verdict.with_impact(Impact.CHANGE) or verdict.with_impact(Impact.BLOCKER)
            )
        case "difference":
            return any(
                finding.comparison.status is Status.DIFFERENT or finding.impact is not None
                for finding in verdict.findings
            )
