"""What is remembered of a server between processes: machine.json in its folder."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from portability.lab.machine.protocol import Disk, DiskBus, MachineSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    id: str
    image: str
    vcpus: int
    memory_mib: int
    disk_bus: DiskBus
    namespace: str | None
    has_config_drive: bool
    disks: tuple[Disk, ...] = ()

    @classmethod
    def of(cls, spec: MachineSpec) -> Self:
        return cls(
            id=spec.id,
            image=str(spec.image),
            vcpus=spec.vcpus,
            memory_mib=spec.memory_mib,
            disk_bus=spec.disk_bus,
            namespace=None,
            has_config_drive=False,
        )

    @classmethod
    def load(cls, folder: Path) -> Self | None:
        try:
            fields = json.loads((folder / "machine.json").read_text())
        except (FileNotFoundError, NotADirectoryError):
            return None
        disks = tuple(
            Disk(volume_id=disk["volume_id"], backing=Path(disk["backing"]), device=disk["device"])
            for disk in fields["disks"]
        )
        return cls(**{**fields, "disk_bus": DiskBus(fields["disk_bus"]), "disks": disks})

    def save(self, folder: Path) -> None:
        """Write it whole or not at all."""
        partial = folder / "machine.part"
        partial.write_text(json.dumps(asdict(self), default=str, indent=1) + "\n")
        partial.rename(folder / "machine.json")
