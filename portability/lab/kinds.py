"""From the kind of a lab to what its servers and networks are made of."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import assert_never

from portability.errors import LabError
from portability.lab.cloud import RootImage
from portability.lab.folder import CloudPlan, Kind
from portability.lab.machine.imaginary import Imaginary
from portability.lab.machine.protocol import Machines
from portability.lab.plane.imaginary import ImaginaryPlane
from portability.lab.plane.protocol import Plane

_TOOLS = ("systemd-nspawn", "nft", "dnsmasq", "ip", "losetup", "mkfs.ext4")
_SBIN = "/usr/local/sbin:/usr/sbin:/sbin"


def check_tools(kind: Kind) -> None:
    """Nothing, when this machine has the programs that the kind needs.

    Raises:
        LabError: with the packages that bring them.
    """
    if kind is Kind.IMAGINARY:
        return
    path = f"{os.environ.get('PATH', os.defpath)}:{_SBIN}"
    missing = [tool for tool in _TOOLS if shutil.which(tool, path=path) is None]
    if missing:
        from portability.lab.image import system_packages

        raise LabError(
            f"the lab needs {', '.join(missing)} on this machine",
            way_out=f"apt-get install --no-install-recommends {' '.join(system_packages())}",
        )


def machines(kind: Kind, cloud: CloudPlan, where: Path) -> Machines:
    match kind:
        case Kind.CONTAINER:
            from portability.lab.machine.container import Containers

            return Containers(cloud.name, where / "servers")
        case Kind.IMAGINARY:
            return Imaginary(where / "servers")
    assert_never(kind)


def plane(kind: Kind, cloud: CloudPlan, where: Path) -> Plane:
    match kind:
        case Kind.CONTAINER:
            from portability.lab.plane.linux import LinuxPlane

            return LinuxPlane(cloud.prefix, where / "network")
        case Kind.IMAGINARY:
            return ImaginaryPlane()
    assert_never(kind)


def root_image(kind: Kind, progress: Callable[[str], None]) -> RootImage:
    """The root file system of all servers; built when this machine has none yet."""
    match kind:
        case Kind.CONTAINER:
            from portability.lab.image import ensure

            image = ensure(progress)
            return RootImage(path=image.path, size_bytes=image.size_bytes, checksum=image.checksum)
        case Kind.IMAGINARY:
            return RootImage(path=Path("/nonexistent"), size_bytes=0, checksum="d41d8cd98f00b204e9800998ecf8427e")
    assert_never(kind)
