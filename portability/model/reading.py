"""What an outcome says: in words, and about a demand."""

from typing import assert_never

from portability.model.observation import Measured, Outcome, Refused, Unknown, Value


def value_text(value: Value) -> str:
    """The value as people write it in conditions and `accepted`: `true`, `1450`, `0.25`, `a, b`."""
    match value:
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:.4g}"
        case tuple():
            return ", ".join(value) if value else "nothing"
        case int() | str():
            return str(value)
        case _:
            assert_never(value)


def outcome_text(outcome: Outcome) -> str:
    match outcome:
        case Measured(value=value):
            return value_text(value)
        case Refused(reason=reason):
            return f"refused ({reason})" if reason else "refused"
        case Unknown(reason=reason):
            return f"unknown ({reason})" if reason else "unknown"
        case _:
            assert_never(outcome)


def is_demand_met(outcome: Outcome) -> bool | None:
    """Whether a limit leaves room for the workload; None: could not be told.

    A limit is read either as a boolean (it fits) or as the room that is left once the demand is met: below zero is too
    little. A cloud that refuses does not meet the demand.
    """
    match outcome:
        case Measured(value=bool(fits)):
            return fits
        case Measured(value=int() | float() as room):
            return room >= 0
        case Measured(value=other):
            raise TypeError(f"a limit is a boolean or a number, not {other!r}")
        case Refused():
            return False
        case Unknown():
            return None
        case _:
            assert_never(outcome)
