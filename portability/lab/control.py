"""Bringing a lab up and taking it down: what the command line calls."""

import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from portability.errors import LabError
from portability.lab import kinds, leftovers
from portability.lab.folder import CloudPlan, Kind, LabFolder, clouds_yaml, decide, folder, write_private
from portability.lab.process import Process, launch
from portability.lab.settings import DEFAULT_FILE, load
from portability.lab.state.compute import Server
from portability.lab.state.store import read_all

Say = Callable[[str], None]

START_SECONDS = 60.0
STOP_SECONDS = 90.0
"""A daemon that stops first ends what it has begun, a soft reboot included."""
DOWN_SECONDS = 5.0
"""Before everything is taken away nothing needs to be ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudStatus:
    name: str
    url: str
    answers: bool
    servers: tuple[tuple[str, str], ...]
    """Names with states."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabStatus:
    name: str
    kind: Kind
    folder: Path
    clouds_file: Path
    runs: bool
    clouds: tuple[CloudStatus, ...]


def up(name: str, *, file: Path | None, kind: Kind, say: Say) -> LabStatus:
    """The lab, running: made anew, brought back with its servers after a crash, or found as it is.

    Raises:
        LabError: when it does not start; the message ends with what the daemon said last.
    """
    lab = folder(name)
    if lab.exists():
        return _again(lab, kind, say)
    source = file or DEFAULT_FILE
    settings = load(source)
    kinds.check_tools(kind)
    if kind is Kind.CONTAINER:
        for cloud in settings.clouds.values():
            leftovers.check_range(cloud.external_network.cidr)
        say("guest image")
    kinds.root_image(kind, say)
    lab.create(source, decide(name, kind, settings, lab.path))
    _start(lab, say)
    return status(name)


def _again(lab: LabFolder, kind: Kind, say: Say) -> LabStatus:
    plan = lab.plan()
    if plan.kind is not kind:
        raise LabError(
            f"lab {plan.name} is there with {plan.kind.value} servers, not {kind.value} ones",
            way_out=f"portability lab down --name {plan.name}",
        )
    if Process.load(lab.process_file) is None:
        say("its API process had ended: starting it again with what it remembers")
        _start(lab, say)
    else:
        say("it is running already")
    return status(plan.name)


def _start(lab: LabFolder, say: Say) -> None:
    say("API process")
    plan = lab.plan()
    process = launch(sys.executable, "-m", "portability.lab.serve", "--dir", lab.path, output=lab.log_file)
    process.save(lab.process_file)
    deadline = time.monotonic() + START_SECONDS
    for cloud in plan.clouds:
        # A short look each time: what answers on the port, or hangs there, may be something else.
        while not process.is_alive() or not _answers(cloud, timeout=1.0):
            if not process.is_alive() or time.monotonic() > deadline:
                raise LabError(f"the lab's API process did not start: {_last_lines(lab.log_file)}")
            time.sleep(0.1)
    write_private(lab.clouds_file, clouds_yaml(plan, lab.settings()))
    _give_to_caller(lab.clouds_file)


def _answers(cloud: CloudPlan, *, timeout: float) -> bool:
    try:
        with urllib.request.urlopen(f"{_url(cloud)}/identity/v3", timeout=timeout) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _url(cloud: CloudPlan) -> str:
    return f"http://127.0.0.1:{cloud.port}"


def _last_lines(file: Path) -> str:
    lines = file.read_text(errors="replace").splitlines() if file.exists() else []
    return "\n".join(lines[-15:]) or "it said nothing"


def _give_to_caller(file: Path) -> None:
    """Who came through sudo must be able to read the passwords that are theirs."""
    uid, gid = os.environ.get("SUDO_UID"), os.environ.get("SUDO_GID")
    if uid and gid and os.geteuid() == 0:
        os.chown(file, int(uid), int(gid))


def restart(name: str, *, say: Say) -> LabStatus:
    """The lab with a new API process; servers and networks do not notice.

    Raises:
        LabError: when there is no such lab.
    """
    lab = folder(name)
    if not lab.exists():
        raise _no_lab(name)
    _stop(lab, grace=STOP_SECONDS)
    _start(lab, say)
    return status(name)


def _stop(lab: LabFolder, *, grace: float) -> None:
    process = Process.load(lab.process_file)
    if process is not None:
        process.end(grace=grace)
    lab.process_file.unlink(missing_ok=True)


def _no_lab(name: str) -> LabError:
    return LabError(f"there is no lab {name}", way_out="portability lab up")


def down(name: str, *, say: Say) -> bool:
    """Whether there was a lab; afterwards there is none: no process, namespace, link, mount, loop device or file.

    Raises:
        LabError: when something could not be removed; the folder stays, so that it can be tried again.
    """
    lab = folder(name)
    if not lab.exists():
        return False
    say("API process")
    _stop(lab, grace=DOWN_SECONDS)
    plan = lab.plan()
    failures: list[Exception] = []
    for cloud in plan.clouds:
        say(f"{cloud.name}: servers and networks")
        where = lab.cloud(cloud.name)
        for tear_down in (
            kinds.machines(plan.kind, cloud, where).tear_down,
            kinds.plane(plan.kind, cloud, where).tear_down,
        ):
            try:
                tear_down()
            except (LabError, OSError, ExceptionGroup) as error:
                failures.append(error)
    left = leftovers.of(lab.path, tuple(cloud.prefix for cloud in plan.clouds))
    if failures or left:
        problems = [*(_flat(failure) for failure in failures), *left]
        raise LabError(f"lab {name} could not be removed whole: " + "; ".join(problems), way_out="try it again")
    leftovers.remove_folder(lab.path)
    return True


def _flat(error: Exception) -> str:
    if isinstance(error, ExceptionGroup):
        return f"{error.message}: " + ", ".join(_flat(inner) for inner in error.exceptions)
    return str(error)


def status(name: str) -> LabStatus:
    """What is there now, asked of the clouds themselves and of what they remember.

    Raises:
        LabError: when there is no such lab.
    """
    lab = folder(name)
    if not lab.exists():
        raise _no_lab(name)
    plan = lab.plan()
    runs = Process.load(lab.process_file) is not None
    return LabStatus(
        name=name,
        kind=plan.kind,
        folder=lab.path,
        clouds_file=lab.clouds_file,
        runs=runs,
        clouds=tuple(
            CloudStatus(
                name=cloud.name,
                url=_url(cloud),
                answers=runs and _answers(cloud, timeout=5),
                servers=_servers(lab.cloud(cloud.name) / "state.sqlite"),
            )
            for cloud in plan.clouds
        ),
    )


def _servers(memory: Path) -> tuple[tuple[str, str], ...]:
    return tuple((server.name, server.status) for server in read_all(memory, Server))


def as_json(found: LabStatus) -> str:
    """The status for programs."""
    return json.dumps(
        {
            "schema": 1,
            "name": found.name,
            "kind": found.kind.value,
            "folder": str(found.folder),
            "clouds_file": str(found.clouds_file),
            "runs": found.runs,
            "clouds": [
                {
                    "name": cloud.name,
                    "url": cloud.url,
                    "answers": cloud.answers,
                    "servers": [{"name": server, "status": state} for server, state in cloud.servers],
                }
                for cloud in found.clouds
            ],
        },
        indent=2,
    )
