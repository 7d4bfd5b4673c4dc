"""Reading the files that people write: a workload, and the user's choices for each cloud."""

import hashlib
from pathlib import Path

from portability.errors import BadFile, UsageError
from portability.model.workload import Workload
from portability.plan.documents import OverridesDocument, WorkloadDocument
from portability.plan.marked import MarkedYaml, closest, read_marked, validated
from portability.plan.overrides import Overrides
from portability.plan.references import check_references

_PACKAGE = Path(__file__).resolve().parent.parent


def load_workload(name_or_path: str) -> Workload:
    """The workload of this name in the shipped folder, or at this path (a file, or a folder with workload.yaml).

    Raises:
        UsageError: no workload has this name.
        BadFile: the file is not as it should be.
    """
    file = _workload_file(name_or_path)
    marked = read_marked(file)
    workload = parse_workload(marked)
    check_references(marked, workload, roles=_roles(file))
    return workload


def parse_workload(marked: MarkedYaml) -> Workload:
    """The workload of a file that was read; names within it are not checked yet.

    Raises:
        BadFile: with line and key.
    """
    document = validated(marked, WorkloadDocument)
    return document.value(source=marked.file, digest=hashlib.sha256(marked.text.encode()).hexdigest())


def load_overrides(path: Path | None) -> Overrides:
    """What the file says about each cloud; nothing where there is no file.

    Raises:
        BadFile: with line, key, what was found and what is allowed.
    """
    if path is None:
        return Overrides()
    marked = read_marked(path)
    if marked.data is None:
        return Overrides(source=marked.file)
    return validated(marked, OverridesDocument).value(source=marked.file)


def shipped_workloads() -> tuple[str, ...]:
    """The names of the workloads that come with the program."""
    folder = _shipped("workloads")
    return tuple(sorted(file.parent.name for file in folder.glob("*/workload.yaml")))


def _workload_file(name_or_path: str) -> Path:
    path = Path(name_or_path)
    if path.suffix in (".yaml", ".yml") or "/" in name_or_path:
        return path / "workload.yaml" if path.is_dir() else path
    file = _shipped("workloads") / name_or_path / "workload.yaml"
    if file.is_file():
        return file
    known = shipped_workloads()
    raise UsageError(
        f"no workload is called {name_or_path!r}{closest(name_or_path, known)}; there are: {', '.join(known)}",
        way_out="or give the path of a workload.yaml",
    )


def _roles(file: Path) -> tuple[str, ...]:
    """The names of the Ansible roles that a workload can name: its own and the shipped ones."""
    folders = (file.parent / "roles", _shipped("playbooks") / "roles")
    return tuple(sorted({role.name for folder in folders if folder.is_dir() for role in folder.iterdir()}))


def _shipped(folder: str) -> Path:
    """In the wheel the folder travels inside the package; in a source checkout it stands beside it."""
    for candidate in (_PACKAGE / "_shipped" / folder, _PACKAGE.parent / folder):
        if candidate.is_dir():
            return candidate
    raise BadFile(str(_PACKAGE / "_shipped" / folder), "is missing: the installation is not complete")
