"""What is written down about stages and failures."""

import pytest

from portability.errors import (
    ConfigurationFailed,
    Interrupted,
    LeftBehind,
    NotReached,
    PortabilityError,
    Refused,
    Unreachable,
)
from portability.model.event import Event, StageEnded, StageStarted
from portability.model.journal import Record, Remark
from portability.model.run import Stage, StageTime
from portability.model.verdict import Failure
from portability.pipeline.recorder import Recorder, failure_kind


def test_records_from_before_the_journal_opened_come_first() -> None:
    written: list[Record] = []
    recorder = Recorder(lambda event: None)
    recorder.remark(None, "early")
    recorder.open(written.append)
    recorder.remark("onprem", "late")
    assert [record.text for record in written if isinstance(record, Remark)] == ["early", "late"]


def test_a_stage_that_fails_is_timed_and_told_with_its_problem() -> None:
    events: list[Event] = []
    written: list[Record] = []
    recorder = Recorder(events.append)
    recorder.open(written.append)
    with pytest.raises(Refused), recorder.stage(Stage.DEPLOY, "onprem"):
        raise Refused("onprem", "quota exceeded for cores", status=403)
    assert isinstance(events[0], StageStarted)
    assert isinstance(events[1], StageEnded)
    assert "quota exceeded" in events[1].problem
    assert isinstance(written[0], StageTime)
    assert not written[0].ok


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (Interrupted("x"), "interrupted"),
        (KeyboardInterrupt(), "interrupted"),
        (Refused("a", "Quota exceeded for instances", status=403), "quota"),
        (Refused("a", "too much", status=413), "quota"),
        (Refused("a", "Policy doesn't allow", status=403), "refused"),
        (NotReached("a", "db-0: ERROR: No valid host was found"), "capacity"),
        (NotReached("a", "still BUILD"), "timeout"),
        (Unreachable("db-0", "no SSH"), "unreachable"),
        (ConfigurationFailed("a", "task x"), "configuration"),
        (LeftBehind("a"), "left behind"),
        (PortabilityError("a"), "cloud"),
        (ZeroDivisionError(), "bug"),
    ],
)
def test_every_error_has_a_kind(error: BaseException, kind: str) -> None:
    recorder = Recorder(lambda event: None)
    written: list[Record] = []
    recorder.open(written.append)
    recorder.failure("a", Stage.DEPLOY, error)
    assert failure_kind(error) == kind
    assert isinstance(written[0], Failure)
    assert written[0].kind == kind
