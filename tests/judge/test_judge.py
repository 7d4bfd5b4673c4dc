from dataclasses import replace

import pytest

from portability.errors import BadFile, ExitCode
from portability.judge.exits import FailOn, exit_code
from portability.judge.judge import judge
from portability.model.behaviour import Impact, Level, Scale
from portability.model.comparison import Status
from portability.model.journal import Census, Record, Run
from portability.model.observation import Unknown
from portability.model.plan import BindingDifference
from portability.model.run import CensusLine, Stage, StageTime
from portability.model.verdict import VerdictKind
from portability.model.workload import Exercise
from tests.judge.runs import (
    A,
    B,
    behaviour,
    complete,
    exercise,
    expects,
    failure,
    judged,
    observed,
    plan,
    ran_on,
    run,
    workload,
)

PORTABLE, WITH_CHANGES = VerdictKind.PORTABLE, VerdictKind.WITH_CHANGES
NOT_PORTABLE, INCONCLUSIVE = VerdictKind.NOT_PORTABLE, VerdictKind.INCONCLUSIVE

MTU = behaviour("net.mtu", level=Level.REQUIRED)
DISK = behaviour("vol.device", level=Level.REQUIRED, impact=Impact.BLOCKER)
NAME = behaviour("meta.name", level=Level.INFORMATIONAL, impact=Impact.HARMLESS)
BOOT = behaviour("boot.time", level=Level.REQUIRED, scale=Scale.QUANTITY)
ROOM = behaviour("quota.room", level=Level.REQUIRED, scale=Scale.LIMIT)
LOST = Unknown(reason="no shell")

SAME = observed(MTU, 1450, 1450)
CHANGED = observed(MTU, 1450, 1400)
BLOCKED = observed(DISK, "id", "none")


@pytest.mark.parametrize(
    ("records", "expected"),
    [
        (SAME, PORTABLE),
        (CHANGED, WITH_CHANGES),
        ((*SAME, *BLOCKED), NOT_PORTABLE),
        ((*CHANGED, *BLOCKED), NOT_PORTABLE),
        # What was required and could not be told decides; a quantity, or what is not required, does not.
        (observed(MTU, 1450, LOST), INCONCLUSIVE),
        (observed(MTU, LOST, LOST), INCONCLUSIVE),
        (observed(MTU, 1450, None), INCONCLUSIVE),
        ((*SAME, *observed(ROOM, True, LOST)), INCONCLUSIVE),
        ((*SAME, *observed(NAME, "a", LOST)), PORTABLE),
        ((*SAME, *observed(BOOT, [1.0], [90.0])), PORTABLE),
        ((*SAME, *observed(BOOT, [1.0], LOST)), PORTABLE),
        ((*observed(MTU, 1450, LOST), *BLOCKED), NOT_PORTABLE),
        ((*CHANGED, *observed(ROOM, True, LOST)), INCONCLUSIVE),
        ((*SAME, *observed(ROOM, True, False)), WITH_CHANGES),
        # The workload failed on one cloud, by the cloud's fault.
        ((*SAME, failure(B, Stage.DEPLOY, "timeout")), NOT_PORTABLE),
        ((*SAME, failure(B, Stage.DEPLOY, "refused")), NOT_PORTABLE),
        ((*SAME, failure(B, Stage.CONFIGURE, "configuration")), NOT_PORTABLE),
        ((*SAME, failure(B, Stage.CONFIGURE, "unreachable")), NOT_PORTABLE),
        ((*SAME, failure(B, Stage.EXERCISE, "timeout")), NOT_PORTABLE),
        ((*SAME, failure(A, Stage.CONFIGURE, "configuration")), INCONCLUSIVE),
        ((*SAME, failure(A, Stage.DEPLOY, "timeout"), failure(B, Stage.DEPLOY, "timeout")), INCONCLUSIVE),
        ((*BLOCKED, failure(A, Stage.DEPLOY, "timeout")), INCONCLUSIVE),
        # Failures that tell nothing about a cloud.
        ((*SAME, failure(B, Stage.DEPLOY, "quota")), INCONCLUSIVE),
        ((*SAME, failure(B, Stage.DEPLOY, "capacity")), INCONCLUSIVE),
        ((*SAME, failure(B, Stage.DEPLOY, "interrupted")), INCONCLUSIVE),
        ((*SAME, failure(B, Stage.CONFIGURE, "bug")), INCONCLUSIVE),
        ((*SAME, failure(B, Stage.DEPLOY, "cloud")), INCONCLUSIVE),
        ((*SAME, failure(B, Stage.OBSERVE, "bug")), INCONCLUSIVE),
        ((*SAME, failure(B, Stage.CANARIES, "quota")), PORTABLE),
        ((*SAME, failure(A, Stage.PLAN, "refused")), INCONCLUSIVE),
        ((*SAME, failure(B, Stage.CHECK, "unreachable")), INCONCLUSIVE),
        ((*CHANGED, failure(B, Stage.EXERCISE, "interrupted")), INCONCLUSIVE),
        ((*BLOCKED, failure(B, Stage.EXERCISE, "interrupted")), NOT_PORTABLE),
        # What happens while cleaning up changes no verdict; what was not observed speaks for itself.
        ((*SAME, failure(B, Stage.TEAR_DOWN, "left behind")), PORTABLE),
        ((*SAME, failure(B, Stage.TEAR_DOWN, "interrupted")), PORTABLE),
        ((*SAME, failure(B, Stage.OBSERVE, "unreachable")), PORTABLE),
        ((*observed(MTU, 1450, None), failure(B, Stage.OBSERVE, "unreachable")), INCONCLUSIVE),
        # The truth of the application.
        ((*SAME, exercise(A), exercise(B)), PORTABLE),
        ((*SAME, exercise(A), exercise(B, lost=1)), NOT_PORTABLE),
        ((*SAME, exercise(A, lost=1), exercise(B)), INCONCLUSIVE),
        ((*SAME, exercise(A, lost=1), exercise(B, lost=1)), INCONCLUSIVE),
        ((*SAME, exercise(A), exercise(B, acknowledged=0)), NOT_PORTABLE),
        ((*SAME, exercise(A, acknowledged=0), exercise(B)), INCONCLUSIVE),
        ((*SAME, exercise(A), exercise(B, restored=None)), WITH_CHANGES),
        ((*SAME, exercise(A, restored=None), exercise(B, restored=None)), PORTABLE),
    ],
)  # fmt: skip
def test_the_verdict_of_a_complete_run(records: tuple[Record, ...], expected: VerdictKind) -> None:
    observed_ids = {record.behaviour for record in records if hasattr(record, "behaviour")}
    in_scope = tuple(of for of in (MTU, DISK, NAME, BOOT, ROOM) if of.id in observed_ids)
    verdict = judged(complete(*records), *in_scope)
    assert verdict.kind is expected, verdict.reasons
    assert verdict.sentence.endswith(".")
    assert A in verdict.sentence
    assert B in verdict.sentence
    assert bool(verdict.reasons) or expected is PORTABLE


@pytest.mark.parametrize("missing", [A, B])
def test_a_workload_that_did_not_run_on_a_cloud_proves_nothing(missing: str) -> None:
    present = B if missing == A else A
    verdict = judged(run(*ran_on(present), *SAME), MTU)
    assert verdict.kind is INCONCLUSIVE
    assert f"{missing}: the run ended before shop ran there" in verdict.reasons


@pytest.mark.parametrize("lacking", [0, 1])
def test_deployed_and_configured_are_both_needed_to_have_run(lacking: int) -> None:
    half = tuple(record for index, record in enumerate(ran_on(B)) if index != lacking)
    assert judged(run(*ran_on(A), *half, *SAME), MTU).kind is INCONCLUSIVE


def test_a_stage_of_both_clouds_at_once_counts_for_each() -> None:
    (deployment_a, time), (deployment_b, _) = ran_on(A), ran_on(B)
    assert isinstance(time, StageTime)
    assert judged(run(deployment_a, deployment_b, replace(time, cloud=None), *SAME), MTU).kind is PORTABLE
    failed = replace(time, cloud=None, ok=False)
    assert judged(run(deployment_a, deployment_b, failed, *SAME), MTU).kind is INCONCLUSIVE


def test_an_empty_run_is_inconclusive() -> None:
    assert judged(run()).kind is INCONCLUSIVE
    assert judged(complete()).kind is PORTABLE, "only the absence of the workload decided"


def test_what_the_workload_does_not_care_about_need_not_be_told() -> None:
    careless = complete(*observed(MTU, 1450, LOST), of=workload(expects("any")))
    assert judged(careless, MTU).kind is PORTABLE


def test_what_the_workload_counts_on_must_be_told_though_it_is_not_required() -> None:
    counting = complete(*observed(NAME, "a", LOST), of=workload(expects("== a", of="meta.name")))
    assert judged(counting, NAME).kind is INCONCLUSIVE


def test_an_inconclusive_verdict_says_what_is_missing_and_how_to_get_it() -> None:
    verdict = judged(complete(*observed(MTU, 1450, LOST)), MTU)
    assert verdict.sentence == (
        "Whether shop can move from onprem to public cannot be told: net.mtu is inconclusive: no answer on "
        "public: no shell."
    )
    assert "To tell, remove the causes and repeat: portability compare shop onprem public" in verdict.reasons


def test_the_sentence_names_what_has_to_change() -> None:
    verdict = judged(complete(*CHANGED, *observed(ROOM, True, False)), MTU, ROOM)
    assert verdict.sentence == "shop can run on onprem and public once 2 things are changed: net.mtu and quota.room."


def test_the_sentence_of_a_portable_application_counts_what_was_excused() -> None:
    absorbed = behaviour("net.ext", absorbed_by="access")
    records = (*observed(NAME, "a", "b"), *observed(absorbed, "floating", "direct"))
    assert judged(complete(*records), NAME, absorbed).sentence == (
        "shop can move between onprem and public: it ran on both, and of 2 differences found 1 is harmless to it and "
        "1 is dealt with by the choices made for each cloud."
    )
    assert "no difference" in judged(complete(*SAME), MTU).sentence


def test_what_was_not_tested_is_listed_and_never_called_the_same() -> None:
    killing = Exercise(scenario="kill_server", tier="app", rate=20.0, before_seconds=5.0, after_seconds=10.0)
    verdict = judged(complete(*SAME, exercise(A), of=workload(exercises=(killing,))), MTU, NAME)
    assert "Not tested, and so not called the same: meta.name" in verdict.reasons
    assert "Not tested: the exercise kill_server on public" in verdict.reasons
    assert [finding.comparison.status for finding in verdict.findings] == [Status.SAME, Status.NOT_TESTED]


def test_quantities_without_enough_readings_are_listed_with_the_way_to_get_them() -> None:
    verdict = judged(complete(*SAME, *observed(BOOT, [1.0], [2.0])), MTU, BOOT)
    assert "Inconclusive, which alone decides nothing: boot.time; repeat with -r 6" in verdict.reasons


def test_what_is_wrong_on_both_clouds_alike_is_told_though_it_is_no_difference() -> None:
    closed = behaviour("net.sg", level=Level.REQUIRED, accepted=("blocked",))
    remark = "Not as a portable cloud should be, on both alike: net.sg"
    wrong = judged(complete(*observed(closed, "passes", "passes")), closed)
    assert wrong.kind is PORTABLE
    assert remark in wrong.reasons
    assert remark not in judged(complete(*observed(closed, "blocked", "blocked")), closed).reasons
    careless = complete(*observed(closed, "passes", "passes"), of=workload(expects("any", of="net.sg")))
    assert remark not in judged(careless, closed).reasons


def test_untruths_and_leftovers_are_told() -> None:
    left = Census(cloud=B, lines=(CensusLine(kind="server", before=0, after=1, ours_left=("pb-r1-db-0",)),))
    verdict = judged(complete(*SAME, replace(exercise(A), duplicate=2), left), MTU)
    assert "onprem: 0 phantom and 2 duplicate writes in the database (kill_server)" in verdict.reasons
    assert "public: left behind: pb-r1-db-0" in verdict.reasons


def test_findings_keep_the_order_of_the_catalogue_and_the_plan_gives_the_to_do_list() -> None:
    difference = BindingDifference(aspect="image", baseline="a", candidate="b", what_to_do="name it")
    verdict = judged(complete(*CHANGED, *SAME, planned=plan(difference)), ROOM, MTU, NAME)
    assert [finding.behaviour.id for finding in verdict.findings] == ["quota.room", "net.mtu", "meta.name"]
    assert verdict.to_do == (difference,)


def test_a_run_without_a_plan_is_judged_too() -> None:
    aborted = replace(run(failure(A, Stage.PLAN, "refused")), plan=None)
    verdict = judge(aborted, (), ())
    assert (verdict.kind, verdict.to_do, len(verdict.failures)) == (INCONCLUSIVE, (), 1)
    assert verdict.sentence.startswith("Whether shop can move from onprem to public cannot be told: plan failed")


def test_a_broken_condition_is_the_files_fault() -> None:
    with pytest.raises(BadFile, match=r"shop/workload\.yaml"):
        judged(complete(*CHANGED, of=workload(expects(">= big"))), MTU)


@pytest.mark.parametrize(
    ("judged_run", "fail_on", "expected"),
    [
        (complete(*SAME), "blocker", ExitCode.PORTABLE),
        (complete(*SAME), "difference", ExitCode.PORTABLE),
        (complete(*observed(NAME, "a", "b")), "change", ExitCode.PORTABLE),
        (complete(*observed(NAME, "a", "b")), "difference", ExitCode.NOT_PORTABLE),
        (complete(*CHANGED), "blocker", ExitCode.PORTABLE),
        (complete(*CHANGED), "change", ExitCode.NOT_PORTABLE),
        (complete(*CHANGED), "difference", ExitCode.NOT_PORTABLE),
        (complete(*BLOCKED), "blocker", ExitCode.NOT_PORTABLE),
        (complete(*observed(MTU, 1450, LOST)), "blocker", ExitCode.INCONCLUSIVE),
        (complete(*observed(MTU, 1450, LOST)), "difference", ExitCode.INCONCLUSIVE),
        (complete(*observed(MTU, 1450, LOST), *observed(NAME, "a", "b")), "difference", ExitCode.NOT_PORTABLE),
        (complete(failure(B, Stage.DEPLOY, "timeout")), "blocker", ExitCode.NOT_PORTABLE),
        (complete(failure(A, Stage.DEPLOY, "timeout")), "blocker", ExitCode.UNAVAILABLE),
        (complete(*BLOCKED, failure(A, Stage.DEPLOY, "timeout")), "blocker", ExitCode.UNAVAILABLE),
        (complete(failure(B, Stage.DEPLOY, "quota")), "blocker", ExitCode.UNAVAILABLE),
        (complete(*observed(MTU, 1, LOST), failure(B, Stage.OBSERVE, "unreachable")), "blocker", ExitCode.INCONCLUSIVE),
        (complete(exercise(A), exercise(B, restored=None)), "blocker", ExitCode.PORTABLE),
        (complete(exercise(A), exercise(B, restored=None)), "change", ExitCode.NOT_PORTABLE),
        (complete(failure(B, Stage.OBSERVE, "interrupted")), "blocker", ExitCode.INTERRUPTED),
        (complete(failure(B, Stage.OBSERVE, "bug")), "blocker", ExitCode.BUG),
        (complete(*BLOCKED, failure(B, Stage.TEAR_DOWN, "left behind")), "blocker", ExitCode.LEFT_BEHIND),
        (complete(failure(B, Stage.OBSERVE, "interrupted"), failure(B, Stage.TEAR_DOWN, "left behind")), "change",
         ExitCode.LEFT_BEHIND),
    ],
)  # fmt: skip
def test_the_exit_code_says_how_it_ended(judged_run: Run, fail_on: FailOn, expected: ExitCode) -> None:
    observed_ids = {record.behaviour for record in judged_run.records if hasattr(record, "behaviour")}
    in_scope = tuple(of for of in (MTU, DISK, NAME, ROOM) if of.id in observed_ids)
    assert exit_code(judged(judged_run, *in_scope), fail_on=fail_on) is expected
