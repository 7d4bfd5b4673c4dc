"""Where a lab lives on disk, and what was decided once when it came up."""

import hashlib
import os
import re
import secrets
import shutil
import socket
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml
from pydantic import TypeAdapter, ValidationError

from portability.errors import LabError, UsageError
from portability.lab.cloud import Account
from portability.lab.settings import LabSettings, load

DEFAULT_ROOT = Path("/var/lib/portability/lab")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")


class Kind(StrEnum):
    CONTAINER = "container"
    """Servers one can log in to; needs root."""
    IMAGINARY = "imaginary"
    """Only the APIs; nothing boots."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudPlan:
    name: str
    port: int
    prefix: str
    """Starts the names of what this cloud has in the kernel; its first five characters are this cloud's alone."""
    accounts: tuple[Account, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LabPlan:
    name: str
    kind: Kind
    clouds: tuple[CloudPlan, ...]


@dataclass(frozen=True, slots=True)
class LabFolder:
    """The paths of one lab. The folder alone is enough to take the lab down after a crash."""

    path: Path

    @property
    def settings_file(self) -> Path:
        return self.path / "lab.yaml"

    @property
    def plan_file(self) -> Path:
        return self.path / "lab.json"

    @property
    def clouds_file(self) -> Path:
        return self.path / "clouds.yaml"

    @property
    def process_file(self) -> Path:
        return self.path / "daemon.pid"

    @property
    def log_file(self) -> Path:
        return self.path / "daemon.log"

    def cloud(self, name: str) -> Path:
        return self.path / "clouds" / name

    def exists(self) -> bool:
        return self.plan_file.exists()

    def settings(self) -> LabSettings:
        return load(self.settings_file)

    def plan(self) -> LabPlan:
        """What was decided at `up`.

        Raises:
            LabError: when the file cannot be understood.
        """
        try:
            return _PLAN.validate_json(self.plan_file.read_bytes())
        except (OSError, ValidationError) as error:
            raise LabError(f"{self.plan_file} cannot be read: {error}") from error

    def create(self, settings_source: Path, plan: LabPlan) -> None:
        """Write down what the lab is. The plan holds passwords: for its owner only."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o755)
        shutil.copyfile(settings_source, self.settings_file)
        write_private(self.plan_file, _PLAN.dump_json(plan, indent=2).decode())


_PLAN = TypeAdapter(LabPlan)


def folder(name: str) -> LabFolder:
    """The folder of the lab with this name; the variable PORTABILITY_LAB_DIR moves all of them."""
    if not _NAME.fullmatch(name):
        raise UsageError(f"{name!r} is no name for a lab", way_out="use up to 20 lower-case letters, digits and -")
    return LabFolder(Path(os.environ.get("PORTABILITY_LAB_DIR", DEFAULT_ROOT)) / name)


def decide(name: str, kind: Kind, settings: LabSettings, where: Path) -> LabPlan:
    """Ports, passwords and kernel names for a new lab."""
    return LabPlan(name=name, kind=kind, clouds=tuple(_decide_cloud(key, settings, where) for key in settings.clouds))


def _decide_cloud(name: str, settings: LabSettings, where: Path) -> CloudPlan:
    cloud = settings.clouds[name]
    digest = hashlib.sha256(f"{where}/{name}".encode()).hexdigest()[:6]
    return CloudPlan(
        name=name,
        port=cloud.port or _free_port(),
        prefix=f"p{digest[:4]}-{re.sub('[^a-z0-9]', '', name.lower())[:10]}",
        accounts=tuple(
            Account(project=project, user=project, password=secrets.token_urlsafe(18)) for project in cloud.projects
        ),
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def clouds_yaml(plan: LabPlan, settings: LabSettings) -> str:
    """The clients' file: the first project of a cloud under the cloud's name, others as `cloud-project`."""
    clouds = {}
    for cloud in plan.clouds:
        for position, account in enumerate(cloud.accounts):
            name = cloud.name if position == 0 else f"{cloud.name}-{account.project}"
            clouds[name] = {
                "auth": {
                    "auth_url": f"http://127.0.0.1:{cloud.port}/identity/v3",
                    "project_name": account.project,
                    "project_domain_name": "Default",
                    "username": account.user,
                    "user_domain_name": "Default",
                    "password": account.password,
                },
                "region_name": settings.clouds[cloud.name].region,
                "identity_api_version": 3,
            }
    return yaml.safe_dump({"clouds": clouds}, sort_keys=False)


def write_private(file: Path, text: str) -> None:
    """Mode 0600 from the first moment on; whole or not at all."""
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
    fresh.replace(file)
