"""An imaginary lab in this process, on loopback ports: for tests that talk to a cloud with the real client."""

import asyncio
import copy
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from portability.lab.cloud import Account, Cloud, RootImage
from portability.lab.folder import CloudPlan, Kind, LabPlan, clouds_yaml
from portability.lab.machine.imaginary import Imaginary
from portability.lab.plane.imaginary import ImaginaryPlane
from portability.lab.serve import Api, bind
from portability.lab.settings import DEFAULT_FILE, LabSettings

IMAGE = RootImage(path=Path("/nonexistent"), size_bytes=423624704, checksum="9e107d9d372bb6826bd81d3542a419d6")
PROJECTS = ("portability", "other")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningLab:
    clouds: dict[str, Cloud]
    machines: dict[str, Imaginary]
    planes: dict[str, ImaginaryPlane]
    clouds_file: Path
    plan: LabPlan


def settings(**changes: dict[str, Any]) -> LabSettings:
    """The shipped lab with a second project on each cloud; `changes` are merged into the clouds of their names."""
    data = yaml.safe_load(DEFAULT_FILE.read_text())
    for name, cloud in data["clouds"].items():
        cloud["projects"] = list(PROJECTS)
        cloud.update(changes.get(name, {}))
    for name in set(changes) - set(data["clouds"]):
        data["clouds"][name] = changes[name]
    return LabSettings.model_validate(data)


def lab_file(where: Path, *, third_octet: int, twin: bool = False) -> Path:
    """A lab.yaml like the shipped one for `portability lab up --file`, with address ranges that no other lab has.

    The clouds stand on 10.213.N.0/24, 10.213.N+1.0/24 and so on. A twin is `onprem` again under the name `twin`.
    """
    data = yaml.safe_load(DEFAULT_FILE.read_text())
    if twin:
        data["clouds"]["twin"] = copy.deepcopy(data["clouds"]["onprem"])
    for number, cloud in enumerate(data["clouds"].values()):
        cloud["external_network"]["cidr"] = f"10.213.{third_octet + number}.0/24"
    file = where / "lab.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False))
    return file


@contextmanager
def imaginary_lab(where: Path, lab: LabSettings | None = None, *, delay: float = 0.0) -> Iterator[RunningLab]:
    """A lab that answers on loopback ports until the block ends. The same folder again: the same lab, restarted."""
    lab = lab or settings()
    sockets = {name: bind(0) for name in lab.clouds}
    machines = {name: Imaginary(where / name / "servers", delay=delay) for name in lab.clouds}
    planes = {name: ImaginaryPlane() for name in lab.clouds}
    accounts = tuple(Account(project=name, user=name, password=f"secret-of-{name}") for name in PROJECTS)
    clouds = {
        name: Cloud(
            name,
            lab.clouds[name],
            where / name,
            machines=machines[name],
            plane=planes[name],
            root_image=IMAGE,
            accounts=accounts,
        )
        for name in lab.clouds
    }
    plan = LabPlan(
        name="test",
        kind=Kind.IMAGINARY,
        clouds=tuple(
            CloudPlan(name=name, port=sockets[name].getsockname()[1], prefix=name, accounts=accounts)
            for name in lab.clouds
        ),
    )
    clouds_file = where / "clouds.yaml"
    clouds_file.write_text(clouds_yaml(plan, lab))
    for cloud in clouds.values():
        cloud.start()
    api = Api(clouds, sockets)
    thread = threading.Thread(target=lambda: asyncio.run(api.serve()), daemon=True)
    thread.start()
    try:
        yield RunningLab(clouds=clouds, machines=machines, planes=planes, clouds_file=clouds_file, plan=plan)
    finally:
        api.stop()
        thread.join(timeout=10)
        for cloud in clouds.values():
            cloud.stop()


def connect(lab: RunningLab, name: str = "onprem", **changes: Any) -> Any:
    """An openstacksdk connection to one of the lab's clouds, or as one of its other projects: `onprem-other`."""
    import openstack
    from openstack.config import OpenStackConfig

    config = OpenStackConfig(config_files=[str(lab.clouds_file)], load_envvars=False)
    return openstack.connection.Connection(config=config.get_one(name, **changes))
