"""YAML that remembers its lines, so that an error can point at one."""

import difflib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from portability.errors import BadFile

M = TypeVar("M", bound=BaseModel)
KeyPath: TypeAlias = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedYaml:
    """What a file says, and on which line (from 1) each of its keys and items stands."""

    file: str
    text: str
    data: Any
    lines: dict[KeyPath, int]

    def line(self, path: KeyPath) -> int | None:
        """The line of the deepest part of the path that the file has."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path)

    def bad(self, path: KeyPath, problem: str, *, way_out: str = "") -> BadFile:
        return BadFile(self.file, problem, line=self.line(path), key=_key(path), way_out=way_out)


def read_marked(file: Path) -> MarkedYaml:
    """The file's YAML with its lines.

    Raises:
        BadFile: it cannot be read, is not YAML, or has a key twice.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise BadFile(str(file), f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BadFile(str(file), f"is not UTF-8 text: byte {error.start} is {error.object[error.start]:#x}") from error
    return parse_marked(text, file=str(file))


def parse_marked(text: str, *, file: str) -> MarkedYaml:
    """The YAML of a text with its lines.

    Raises:
        BadFile: it is not YAML, or has a key twice.
    """
    lines: dict[KeyPath, int] = {}
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        _note_lines(root, (), lines, file)
        data = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise BadFile(file, f"is not YAML: {error.problem}", line=mark.line + 1 if mark else None) from error
    except yaml.YAMLError as error:
        raise BadFile(file, f"is not YAML: {error}") from error
    return MarkedYaml(file=file, text=text, data=data, lines=lines)


def validated(marked: MarkedYaml, model: type[M]) -> M:
    """The file as a model.

    Raises:
        BadFile: the first thing that does not fit, with line, key, what was found and what is allowed.
    """
    if not isinstance(marked.data, dict):
        found = "nothing" if marked.data is None else f"a {type(marked.data).__name__}"
        raise BadFile(marked.file, f"holds {found} where keys and values are due", way_out=_names(_field_names(model)))
    try:
        return model.model_validate(marked.data)
    except ValidationError as error:
        raise _bad_field(marked, model, error) from error


def closest(word: str, known: tuple[str, ...]) -> str:
    """` (did you mean x?)`, or nothing where no known word is like it."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.5)
    return f" (did you mean {near[0]}?)" if near else ""


def _note_lines(node: Any, path: KeyPath, lines: dict[KeyPath, int], file: str) -> None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*path, key.value)
            if inner in lines:
                raise BadFile(
                    file, f"is there twice, first on line {lines[inner]}", line=key.start_mark.line + 1, key=_key(inner)
                )
            lines[inner] = key.start_mark.line + 1
            _note_lines(value, inner, lines, file)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            lines[(*path, index)] = item.start_mark.line + 1
            _note_lines(item, (*path, index), lines, file)


def _bad_field(marked: MarkedYaml, model: type[BaseModel], error: ValidationError) -> BadFile:
    # Unknown keys first: a misspelt key is also reported as a missing one, and the misspelling is what helps.
    problems = sorted(error.errors(), key=lambda problem: problem["type"] != "extra_forbidden")
    first = problems[0]
    path = tuple(part for part in first["loc"] if part != "[key]")
    if first["type"] == "extra_forbidden":
        known = _field_names(_model_at(model, path[:-1]))
        return marked.bad(path, f"is no key that is known here{closest(str(path[-1]), known)}", way_out=_names(known))
    if first["type"] == "missing":
        return marked.bad(path[:-1], f"lacks {path[-1]!r}")
    message = first["msg"].removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    found = first.get("input")
    shown = "" if isinstance(found, dict | list) else f"; found {found!r:.80}"
    return marked.bad(path, message + shown)


def _model_at(model: type[BaseModel], path: KeyPath) -> type[BaseModel] | None:
    """The model that describes this place of the file; None: not one of ours."""
    here: Any = model
    for part in path:
        if not (isinstance(here, type) and issubclass(here, BaseModel)):
            return None
        field = next((f for name, f in here.model_fields.items() if part in (name, f.alias)), None)
        if field is None:
            # The key of a mapping, or the index of a list: the model of its values was taken on the step before.
            continue
        here = _innermost_model(field.annotation)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _innermost_model(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _innermost_model(argument)
        if found is not None:
            return found
    return None


def _field_names(model: type[BaseModel] | None) -> tuple[str, ...]:
    return () if model is None else tuple(field.alias or name for name, field in model.model_fields.items())


def _names(known: tuple[str, ...]) -> str:
    return f"known: {', '.join(known)}" if known else ""


def _key(path: KeyPath) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")
