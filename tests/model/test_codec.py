import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portability.model.codec import decode, encode, to_json
from portability.model.comparison import SampleSummary, Status
from portability.model.deployment import BootTimeline
from portability.model.journal import Record, decode_record, encode_record
from portability.model.observation import Measured, Observation, Refused, Unknown
from portability.model.plan import Plan
from portability.model.run import StageTime
from portability.model.verdict import Failure
from tests.model.values import TYPES

FEW = settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
@FEW
@given(data=st.data())
def test_a_value_comes_back_from_json_as_it_was(kind: type[Any], data: st.DataObject) -> None:
    value = data.draw(st.from_type(kind))
    text = to_json(value)
    back = decode(kind, json.loads(text))
    assert back == value
    assert to_json(back) == text, "True and 1 are equal in Python and not in JSON"


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.from_type(Record))
def test_a_record_comes_back_from_its_journal_line(record: Record) -> None:
    line = json.dumps(encode_record(record))
    assert "\n" not in line
    back = decode_record(json.loads(line))
    assert back == record
    assert type(back) is type(record)


@pytest.mark.parametrize("value", [True, 1, 1.0, "1", "true", "", (), ("a",), ("1", "2")])
def test_a_value_keeps_its_type(value: Any) -> None:
    back = decode(Measured, json.loads(to_json(Measured(value=value))))
    assert back.value == value
    assert type(back.value) is type(value)


def test_outcomes_are_told_apart_by_their_kind_and_not_by_their_fields() -> None:
    assert encode(Refused(reason="x")) == {"kind": "refused", "reason": "x"}
    assert encode(Unknown(reason="x")) == {"kind": "unknown", "reason": "x"}
    failure = Failure(cloud="a", stage="deploy", message="x", kind="refused")
    assert decode(Failure, encode(failure)) == failure


def test_absent_is_not_zero() -> None:
    timeline = decode(BootTimeline, {"active": 0})
    assert (timeline.accepted, timeline.active) == (None, 0.0)
    assert encode(BootTimeline())["accepted"] is None


def test_fields_of_a_newer_version_are_left_out() -> None:
    assert decode(Refused, {"kind": "refused", "reason": "x", "since": 3}) == Refused(reason="x")


@pytest.mark.parametrize(
    ("kind", "data", "where"),
    [
        (Refused, {}, "Refused"),
        (Refused, {"reason": 3}, r"Refused\.reason: 3 where str is due"),
        (Refused, [], "Refused: .* where an object is due"),
        (BootTimeline, {"active": "soon"}, r"BootTimeline\.active"),
        (BootTimeline, {"inside": [["kernel", 0.0]]}, r"BootTimeline\.inside\[0\]: 2 items where 3 are due"),
        (SampleSummary, {"values": 3}, r"SampleSummary\.values: 3 where a list is due"),
        (Plan, {"clouds": ["a", "b", "c"]}, r"Plan\.clouds: 3 items where 2 are due"),
        (StageTime, {"stage": "lunch"}, r"StageTime\.stage: 'lunch' where one of \['check'"),
        (StageTime, {"stage": []}, r"StageTime\.stage: \[\] where one of"),
        (
            Observation,
            {"outcome": {"kind": "skipped", "reason": "later"}},
            r"Observation\.outcome: no outcome is of the",
        ),
        (Observation, {"outcome": {"reason": "later"}}, r"Observation\.outcome: no outcome is of the kind None"),
        (Observation, {"outcome": {"kind": [], "value": 1}}, r"Observation\.outcome: no outcome is of the kind \[\]"),
        (Observation, {"outcome": "fine"}, r"Observation\.outcome: 'fine' fits none of"),
    ],
)
def test_what_does_not_fit_is_told_with_its_place(kind: type[Any], data: Any, where: str) -> None:
    with pytest.raises(ValueError, match=where):
        decode(kind, data)


def test_a_record_of_no_known_kind_is_told() -> None:
    with pytest.raises(ValueError, match="no record is called 'wish'"):
        decode_record({"record": "wish"})


def test_enums_are_written_by_value() -> None:
    assert encode({"status": Status.NOT_TESTED}) == {"status": "not tested"}
