"""Values to JSON and back: dataclasses by their fields, unions by a `kind`, enums by value."""

import dataclasses
import json
import types
import typing
from enum import Enum
from functools import cache
from typing import Any, TypeVar

from portability.model.observation import Measured, Refused, Unknown

T = TypeVar("T")

_TAGS: dict[type, str] = {Measured: "measured", Refused: "refused", Unknown: "unknown"}
_TYPES = {tag: kind for kind, tag in _TAGS.items()}


def encode(value: Any) -> Any:
    """The value as what `json` can write."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: encode(getattr(value, field.name)) for field in dataclasses.fields(value)}
        tag = _TAGS.get(type(value))
        return fields if tag is None else {"kind": tag, **fields}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple | list):
        return [encode(item) for item in value]
    if isinstance(value, dict):
        return {str(key): encode(item) for key, item in value.items()}
    return value


def to_json(value: Any, *, indent: int | None = None) -> str:
    return json.dumps(encode(value), ensure_ascii=False, indent=indent)


def decode(kind: type[T], data: Any) -> T:
    """The value of this type that `data` (from `json`) stands for. Unknown fields are left out, as of newer versions.

    Raises:
        ValueError: with the path of the field that does not fit.
    """
    return typing.cast(T, _decode(kind, data, kind.__name__))


def _decode(kind: Any, data: Any, where: str) -> Any:
    origin = typing.get_origin(kind)
    if kind is Any:
        return data
    if origin is typing.Union or origin is types.UnionType:
        return _decode_union(typing.get_args(kind), data, where)
    if origin is tuple:
        return _decode_tuple(typing.get_args(kind), data, where)
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _decode_dataclass(kind, data, where)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _decode_enum(kind, data, where)
    if kind is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if kind is type(None):
        kind = types.NoneType
    if type(data) is not kind:
        raise ValueError(f"{where}: {data!r:.80} where {getattr(kind, '__name__', kind)} is due")
    return data


def _decode_enum(kind: type[Enum], data: Any, where: str) -> Enum:
    try:
        return kind(data)
    except ValueError as error:
        raise ValueError(f"{where}: {data!r:.80} where one of {[member.value for member in kind]} is due") from error


def _decode_union(members: tuple[Any, ...], data: Any, where: str) -> Any:
    if any(member in _TAGS for member in members) and isinstance(data, dict):
        # By its tag or not at all: a kind of a newer version must not pass for another with the same fields.
        tagged = next((member for member in members if _TAGS.get(member) == data.get("kind")), None)
        if tagged is None:
            raise ValueError(f"{where}: no outcome is of the kind {data.get('kind')!r:.80}")
        return _decode(tagged, data, where)
    exact = [member for member in members if type(data) is member or (data is None and member is type(None))]
    for member in exact or [m for m in members if m is not type(None)]:
        try:
            return _decode(member, data, where)
        except ValueError:
            continue
    raise ValueError(f"{where}: {data!r:.80} fits none of {members}")


def _decode_tuple(members: tuple[Any, ...], data: Any, where: str) -> Any:
    if not isinstance(data, list):
        raise ValueError(f"{where}: {data!r:.80} where a list is due")
    if len(members) == 2 and members[1] is Ellipsis:
        return tuple(_decode(members[0], item, f"{where}[{index}]") for index, item in enumerate(data))
    if len(members) != len(data):
        raise ValueError(f"{where}: {len(data)} items where {len(members)} are due")
    return tuple(_decode(m, item, f"{where}[{i}]") for i, (m, item) in enumerate(zip(members, data, strict=True)))


def _decode_dataclass(kind: type, data: Any, where: str) -> Any:
    if not isinstance(data, dict):
        raise ValueError(f"{where}: {data!r:.80} where an object is due")
    hints = _hints(kind)
    values = {name: _decode(hint, data[name], f"{where}.{name}") for name, hint in hints.items() if name in data}
    try:
        return kind(**values)
    except TypeError as error:
        raise ValueError(f"{where}: {error}") from error


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
