"""The little language in which a workload says what it can live with.

`any`, or comparisons joined with `and`: `== true`, `!= none`, `>= 1280`, `< 2.5`, `in [a, b]`, `contains [aes, avx]`.
Texts need quotes only where they hold a comma, a bracket or the word `and`.
"""

import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from portability.errors import UsageError
from portability.model.observation import Value
from portability.model.reading import value_text

ALLOWED = "any, or comparisons joined with `and`: == true, != none, >= 1280, in [a, b], contains [a, b]"


class Operator(StrEnum):
    EQUAL = "=="
    UNEQUAL = "!="
    AT_LEAST = ">="
    AT_MOST = "<="
    ABOVE = ">"
    BELOW = "<"
    IN = "in"
    CONTAINS = "contains"


_ORDER: dict[Operator, Callable[[float, float], bool]] = {
    Operator.AT_LEAST: operator.ge,
    Operator.AT_MOST: operator.le,
    Operator.ABOVE: operator.gt,
    Operator.BELOW: operator.lt,
}

_CLAUSE = re.compile(
    r"""\s* (?P<operator> == | != | >= | <= | > | < | (?:in|contains)\b )
        \s* (?P<operand> \[ (?: "[^"]*" | '[^']*' | [^\]"'] )* \] | "[^"]*" | '[^']*' | .*? )
        \s* (?: \band\b (?P<more>) | $ )""",
    re.VERBOSE,
)
_ITEM = re.compile(r"""\s* ( "[^"]*" | '[^']*' | [^,"']+? ) \s* (?: ,(?=.) | $ )""", re.VERBOSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    operator: Operator
    operands: tuple[str, ...]

    def holds(self, value: Value) -> bool:
        """Whether the value is as the clause says. Only numbers are above or below; sets are `in` by every member."""
        match self.operator:
            case Operator.EQUAL:
                return _equals(value, self.operands)
            case Operator.UNEQUAL:
                return not _equals(value, self.operands)
            case Operator.IN:
                return all(_is_one_of(member, self.operands) for member in _members(value))
            case Operator.CONTAINS:
                return isinstance(value, tuple) and set(self.operands) <= set(value)
            case Operator.AT_LEAST | Operator.AT_MOST | Operator.ABOVE | Operator.BELOW:
                is_number = isinstance(value, int | float) and not isinstance(value, bool)
                return is_number and _ORDER[self.operator](value, float(self.operands[0]))  # type: ignore[arg-type]
            case _:
                assert_never(self.operator)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    clauses: tuple[Clause, ...]
    """None: anything goes."""

    @property
    def is_any(self) -> bool:
        return not self.clauses

    def holds(self, value: Value) -> bool:
        return all(clause.holds(value) for clause in self.clauses)


def parse(text: str) -> Condition:
    """The condition that the text stands for.

    Raises:
        UsageError: says what was found and what is allowed.
    """
    if text.strip() == "any":
        return Condition(clauses=())
    clauses: list[Clause] = []
    position, is_more_due = 0, True
    while is_more_due:
        match = _CLAUSE.match(text, position)
        if match is None:
            found = text[position:].strip() or "nothing"
            raise _wrong(text, f"a comparison is due, found {found!r}")
        clauses.append(_clause(text, Operator(match["operator"]), match["operand"]))
        position, is_more_due = match.end(), match["more"] is not None
    return Condition(clauses=tuple(clauses))


def _clause(text: str, comparison: Operator, operand: str) -> Clause:
    is_list = operand.startswith("[") and operand.endswith("]")
    operands = _items(text, operand[1:-1]) if is_list else (_unquoted(operand),)
    if not operand:
        raise _wrong(text, f"nothing stands after {comparison}")
    if comparison in _ORDER and (is_list or _number(operands[0]) is None):
        raise _wrong(text, f"after {comparison} a number is due, found {operand!r}")
    if comparison is Operator.IN and not is_list:
        raise _wrong(text, f"after {comparison} a list in brackets is due, found {operand!r}")
    if not is_list and operand[0] in "[]=<>!":
        raise _wrong(text, f"{operand!r} is neither a value nor a list")
    return Clause(operator=comparison, operands=operands)


def _wrong(text: str, problem: str) -> UsageError:
    return UsageError(f"condition {text!r}: {problem}", way_out=f"allowed are {ALLOWED}")


def _items(text: str, inside: str) -> tuple[str, ...]:
    items: list[str] = []
    position = 0
    while position < len(inside) or not items:
        match = _ITEM.match(inside, position)
        if match is None:
            raise _wrong(text, f"a value is due, found {inside[position:].strip() or 'nothing'!r} in a list")
        items.append(_unquoted(match[1]))
        position = match.end()
    return tuple(items)


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _members(value: Value) -> Sequence[Value]:
    return value if isinstance(value, tuple) else (value,)


def _equals(value: Value, operands: tuple[str, ...]) -> bool:
    if isinstance(value, tuple):
        return set(value) == set(operands)
    return len(operands) == 1 and _is_one_of(value, operands)


def _is_one_of(value: Value, operands: tuple[str, ...]) -> bool:
    """Numbers are compared as numbers, all else by its words: `== 12` fits the number 12 and the text "12"."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return any(_number(operand) == value for operand in operands)
    return value_text(value) in operands
