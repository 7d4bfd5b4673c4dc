"""Foreign text made harmless: nothing that a cloud or a guest says may steer a terminal, hide, or break a file."""

import dataclasses
import re
from typing import Any, TypeVar

T = TypeVar("T")

# Terminal escape sequences (ECMA-48: CSI, OSC and other strings, two-byte escapes), with their 8-bit forms.
_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f]).*?(?:\x07|\x1b\\|\x9c|$)|\x1b[ -/]*[0-~]?",
    re.MULTILINE,
)
# Other control characters, and the marks that turn the direction of text (Unicode UAX 9) and so can hide what it says.
# The surrogates and non-characters cannot be written into XML.
_CONTROLS = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufffe\uffff]"
)


def plain(text: str) -> str:
    """Text from a cloud or guest without what could steer a terminal, hide, or break XML."""
    return _CONTROLS.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n")))


def cleaned(value: T) -> T:
    """A tree of dataclasses and tuples with every string in it made harmless."""
    return _clean(value)  # type: ignore[no-any-return]


def _clean(value: Any) -> Any:
    # Enums are strings too, and are ours.
    if type(value) is str:
        return plain(value)
    if isinstance(value, tuple):
        return tuple(_clean(item) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(value, **{f.name: _clean(getattr(value, f.name)) for f in dataclasses.fields(value)})
    return value
