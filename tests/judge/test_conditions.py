import pytest
from hypothesis import given
from hypothesis import strategies as st

from portability.errors import BadFile, UsageError
from portability.judge.conditions import parse
from portability.judge.expectations import check_expectations, expected_of
from portability.model.observation import Measured, Refused, Unknown, Value
from tests.judge.runs import behaviour, expects, workload

values = st.one_of(st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.text()).map(tuple))


@pytest.mark.parametrize(
    ("condition", "fitting", "unfitting"),
    [
        ("any", [True, 0, "x", ()], []),
        ("== true", [True], [False, 1, "yes"]),
        ("== false", [False], [True, 0]),
        ("!= none", ["kvm", 3], ["none"]),
        (">= 1280", [1280, 1500.5], [1279, True, "1500", ("1500",)]),
        ("<= 2.5", [2.5, -1], [2.6]),
        ("> 0", [1], [0]),
        ("< -1", [-2], [-1]),
        ("== 12", [12, 12.0, "12"], [13, "12.0", True]),
        ("== 1e3", [1000], [1001]),
        (">= 1280 and <= 9000", [1280, 9000], [1279, 9001]),
        ("in [ConfigDrive, OpenStack]", ["OpenStack", "ConfigDrive"], ["Ec2", True]),
        ("in [full-uuid, 20-char prefix]", ["20-char prefix"], ["20-char"]),
        ("in [1, 2]", [1, 2.0, "1"], [3, True]),
        ("in ['a, b', \"and\"]", ["a, b", "and"], ["a"]),
        ("in [a, b]", [("a",), ("a", "b"), ()], [("a", "c")]),
        ("== [a, b]", [("b", "a")], [("a",), "a"]),
        ("== [a]", [("a",), "a"], [("a", "b")]),
        ("contains avx2", [("avx", "avx2")], [("avx",), "avx2"]),
        ("contains [aes, avx] and != [aes, avx]", [("aes", "avx", "x")], [("aes", "avx"), ("aes",)]),
        ("== 'rock and roll'", ["rock and roll"], ["rock"]),
        ("  ==true  and  !=false ", [True], [False]),
    ],
)
def test_a_condition_means_what_it_says(condition: str, fitting: list[Value], unfitting: list[Value]) -> None:
    parsed = parse(condition)
    assert [value for value in fitting if not parsed.holds(value)] == []
    assert [value for value in unfitting if parsed.holds(value)] == []


@pytest.mark.parametrize(
    ("condition", "problem"),
    [
        ("", "a comparison is due, found 'nothing'"),
        ("whatever", "found 'whatever'"),
        ("= 3", "found '= 3'"),
        (">=", "nothing stands after >="),
        (">= fast", "after >= a number is due, found 'fast'"),
        (">= [1]", "after >= a number is due"),
        ("in a", "a list in brackets is due, found 'a'"),
        ("in []", "found 'nothing' in a list"),
        ("in [a,,b]", "a value is due"),
        ("in [a, b", "a list in brackets is due"),
        ("in [it's, b]", "a value is due"),
        ("== [a", "neither a value nor a list"),
        (">= 1 and", "a comparison is due, found 'nothing'"),
        (">= 1 and 2", "a comparison is due, found '2'"),
        ("== == 3", "neither a value nor a list"),
        ("any and any", "found 'any and any'"),
    ],
)
def test_a_broken_condition_says_what_is_wrong_and_what_is_allowed(condition: str, problem: str) -> None:
    with pytest.raises(UsageError) as error:
        parse(condition)
    assert problem in str(error.value)
    assert "allowed are any, or comparisons" in str(error.value)


pieces = st.sampled_from(
    ["any", "==", ">=", "in", "contains", "and", "[", "]", ",", "'", '"', "a", "1", " ", "nan", "é"]
)


@given(st.lists(pieces, max_size=12), values)
def test_any_text_is_a_condition_or_a_usage_error(words: list[str], value: Value) -> None:
    """Nothing else comes out, and a condition answers for every value."""
    try:
        condition = parse("".join(words))
    except UsageError:
        return
    assert condition.holds(value) in (True, False)
    assert condition.is_any is ("".join(words).strip() == "any")


@given(st.integers(-10_000, 10_000), st.integers(-10_000, 10_000))
def test_numbers_are_ordered_as_numbers(value: int, bound: int) -> None:
    assert parse(f">= {bound}").holds(value) is (value >= bound)
    assert parse(f"< {bound}").holds(value) is (value < bound)


def test_a_refusal_meets_any_and_nothing_else_and_the_unknown_stays_unknown() -> None:
    no, lost = Refused(reason="403"), Unknown(reason="no shell")
    anything = expected_of(workload(expects("any")), "net.mtu")
    large = expected_of(workload(expects(">= 1280")), "net.mtu")
    assert anything is not None
    assert large is not None
    assert anything.is_met([no, lost]) is True
    assert large.is_met([Measured(value=1500), no]) is False
    assert large.is_met([Measured(value=1500), lost]) is None
    assert large.is_met([Measured(value=1000), lost]) is False
    assert large.is_met([]) is None


def test_several_expectations_of_one_behaviour_must_all_hold() -> None:
    both = expected_of(workload(expects(">= 1280"), expects("<= 1500")), "net.mtu")
    assert both is not None
    assert both.is_met([Measured(value=1500)]) is True
    assert both.is_met([Measured(value=9000)]) is False


def test_expectations_are_checked_before_a_run() -> None:
    check_expectations(workload(expects(">= 1280")), [behaviour()])
    with pytest.raises(BadFile, match=r"shop/workload.yaml: expects net.mtu: condition '>= big'"):
        check_expectations(workload(expects(">= big")), [behaviour()])
    with pytest.raises(BadFile, match=r"no behaviour is called 'net.mut' \(did you mean net.mtu\?\)"):
        check_expectations(workload(expects("any", of="net.mut")), [behaviour()])
