"""Runs on disk: one directory a run, which holds all that is known about it."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

from portability.errors import BadFile, UsageError
from portability.history.identity import new_run_id as new_run_id
from portability.lines import cannot_write
from portability.model.codec import decode, to_json
from portability.model.journal import Record, Run
from portability.model.plan import Offer, Plan
from portability.model.run import RunInfo
from portability.model.verdict import Verdict
from portability.model.workload import Workload

DEFAULT_ROOT = Path("runs")
LATEST = "latest"
SCHEMA_VERSION = 1

T = TypeVar("T")
ReadJournal: TypeAlias = Callable[[Path], tuple[Record, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDir:
    """The directory of one run. Each file of it appears whole or not at all, save those that grow line by line."""

    path: Path

    @property
    def run_id(self) -> str:
        return self.path.name

    @property
    def ledger(self) -> Path:
        return self.path / "ledger.jsonl"

    @property
    def journal(self) -> Path:
        return self.path / "journal.jsonl"

    @property
    def tasks(self) -> Path:
        return self.path / "tasks.jsonl"

    @property
    def evidence(self) -> Path:
        return self.path / "evidence"

    @property
    def report(self) -> Path:
        return self.path / "report.html"

    @property
    def junit(self) -> Path:
        return self.path / "junit.xml"

    @property
    def private_key(self) -> Path:
        return self.path / "key"

    @property
    def known_hosts(self) -> Path:
        return self.path / "known_hosts"

    def write_info(self, info: RunInfo) -> None:
        self.write("run.json", to_json(info, indent=1))

    def write_workload(self, workload: Workload) -> None:
        self.write("workload.json", to_json(workload, indent=1))

    def write_offers(self, offers: tuple[Offer, ...]) -> None:
        self.write("offers.json", to_json(offers, indent=1))

    def write_plan(self, plan: Plan) -> None:
        self.write("plan.json", to_json(plan, indent=1))

    def write_verdict(self, verdict: Verdict) -> None:
        self.write("verdict.json", to_json(verdict, indent=1))

    def write(self, name: str, text: str) -> Path:
        """The file with this text, written beside and renamed into place: a reader sees the old one or the new one.

        Raises:
            CannotWrite: the old file, if there is one, is as it was.
        """
        target = self.path / name
        beside = self.path / f".{name}.{os.getpid()}.new"
        try:
            with beside.open("w", encoding="utf-8") as file:
                file.write(text if text.endswith("\n") else f"{text}\n")
                file.flush()
                os.fsync(file.fileno())
            beside.replace(target)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise cannot_write(target, error) from error
        return target


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """A run in a list of runs."""

    path: Path
    info: RunInfo
    verdict: Verdict | None
    """None: the run has none yet, or ended before it."""


def create_run_dir(root: Path, run_id: str) -> RunDir:
    """A new directory for this run, mode 0700, with its evidence folder.

    Raises:
        UsageError: the id is taken. `mkdir` decides, so of two that ask at once only one gets it.
        CannotWrite
    """
    path = root / run_id
    try:
        root.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=0o700)
        (path / "evidence").mkdir()
    except FileExistsError as error:
        if not root.is_dir():
            raise cannot_write(root, error) from error
        raise UsageError(
            f"there is a run {run_id} in {root} already", way_out="each run has an id of its own"
        ) from error
    except OSError as error:
        raise cannot_write(path, error) from error
    return RunDir(path=path)


def load_run(path: Path, *, read_journal: ReadJournal) -> Run:
    """The run in this directory, also one that was cut short. Reading its journal is the caller's.

    Raises:
        UsageError: there is no run.
        BadFile: a file of it is broken, or of a newer version of the program.
    """
    if not (path / "run.json").is_file():
        raise UsageError(f"no run in {path}", way_out="`run.json` is missing: was it written by this program?")
    offers_file, plan_file, journal = path / "offers.json", path / "plan.json", path / "journal.jsonl"
    return Run(
        info=_read(path / "run.json", RunInfo),
        workload=_read(path / "workload.json", Workload),
        offers=_read_offers(offers_file) if offers_file.exists() else (),
        plan=_read(plan_file, Plan) if plan_file.exists() else None,
        records=read_journal(journal) if journal.exists() else (),
    )


def load_verdict(path: Path) -> Verdict | None:
    """The verdict that was given when the run ended; None: it has none.

    Raises:
        BadFile
    """
    file = path / "verdict.json"
    return _read(file, Verdict) if file.exists() else None


def list_runs(root: Path = DEFAULT_ROOT) -> tuple[RunSummary, ...]:
    """The runs under this folder, newest first. What is no run, or cannot be read, is left out."""
    summaries = []
    for path in _run_paths(root):
        try:
            summaries.append(RunSummary(path=path, info=_read(path / "run.json", RunInfo), verdict=load_verdict(path)))
        except BadFile:
            continue
    return tuple(summaries)


def find_run(name: str = LATEST, *, root: Path = DEFAULT_ROOT) -> RunDir:
    """The run of this name: a path, an id, the beginning of an id, or `latest`.

    Raises:
        UsageError: none, or several.
    """
    if (Path(name) / "run.json").is_file():
        return RunDir(path=Path(name))
    paths = _run_paths(root)
    found = paths[:1] if name == LATEST else [path for path in paths if path.name.startswith(name.lower())]
    exact = [path for path in found if path.name == name.lower()]
    if len(exact or found) == 1:
        return RunDir(path=(exact or found)[0])
    if found:
        raise UsageError(f"{len(found)} runs begin with {name!r}: {_some(found)}", way_out="give more of the id")
    raise UsageError(
        f"no run is called {name!r} in {root}",
        way_out=f"there are {_some(paths)}" if paths else "`portability compare` makes one",
    )


def _run_paths(root: Path) -> list[Path]:
    """Newest first: ids sort by time."""
    return sorted((file.parent for file in root.glob("*/run.json")), key=lambda path: path.name, reverse=True)


def _some(paths: list[Path]) -> str:
    names = [path.name for path in paths[:5]]
    return ", ".join(names) + (" …" if len(paths) > len(names) else "")


def _read(file: Path, kind: type[T]) -> T:
    return _decoded(file, kind, _json(file))


def _read_offers(file: Path) -> tuple[Offer, ...]:
    data = _json(file)
    if not isinstance(data, list):
        raise BadFile(str(file), "a list of offers is due")
    return tuple(_decoded(file, Offer, item) for item in data)


def _decoded(file: Path, kind: type[T], data: Any) -> T:
    version = data.get("schema_version", SCHEMA_VERSION) if isinstance(data, dict) else SCHEMA_VERSION
    if version != SCHEMA_VERSION:
        raise BadFile(
            str(file),
            f"schema version {version!r}, this program reads {SCHEMA_VERSION}",
            key="schema_version",
            way_out="use the version of the program that wrote it",
        )
    try:
        return decode(kind, data)
    except ValueError as error:
        raise BadFile(str(file), str(error)) from error


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise BadFile(str(file), "is missing") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadFile(str(file), f"cannot be read: {error}") from error
    except json.JSONDecodeError as error:
        raise BadFile(str(file), f"is not JSON: {error.msg}", line=error.lineno) from error
