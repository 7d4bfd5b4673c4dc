import pytest
from hypothesis import given
from hypothesis import strategies as st

from portability.model.observation import Measured, Outcome, Refused, Unknown, Value
from portability.model.reading import is_demand_met, outcome_text, value_text


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), (1450, "1450"), (0.25, "0.25"), (("a", "b"), "a, b"), ((), "nothing"), ("", "")],
)
def test_values_read_as_people_write_them(value: Value, text: str) -> None:
    assert value_text(value) == text
    assert outcome_text(Measured(value=value)) == text


def test_a_refusal_and_the_unknown_tell_their_reason() -> None:
    assert outcome_text(Refused(reason="403")) == "refused (403)"
    assert outcome_text(Unknown(reason="")) == "unknown"


@pytest.mark.parametrize(
    ("outcome", "is_met"),
    [
        (Measured(value=True), True),
        (Measured(value=False), False),
        (Measured(value=0), True),
        (Measured(value=-1), False),
        (Measured(value=2.5), True),
        (Refused(reason="no"), False),
        (Unknown(reason="?"), None),
    ],
)
def test_a_demand_is_met_by_room_that_is_left(outcome: Outcome, is_met: bool | None) -> None:
    assert is_demand_met(outcome) is is_met


@given(st.one_of(st.text(), st.lists(st.text()).map(tuple)))
def test_a_limit_of_another_kind_is_a_bug(value: Value) -> None:
    with pytest.raises(TypeError, match="a limit is a boolean or a number"):
        is_demand_met(Measured(value=value))
