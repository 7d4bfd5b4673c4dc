"""The pure parts of the container kind: devices, records, control groups, package sources, processes."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from portability.errors import LabError
from portability.lab.image.packages import guest_packages, system_packages
from portability.lab.image.sources import Source, choose, machine_sources
from portability.lab.machine.cgroups import hierarchies
from portability.lab.machine.devices import Node, choose_device, config_drive_node, plug_script, volume_node
from portability.lab.machine.protocol import Disk, DiskBus, MachineSpec
from portability.lab.machine.record import Record
from portability.lab.process import CommandError, Process, launch, run

VOLUME = "0123456789abcdef0123-4567"


def disk(device: str = "") -> Disk:
    return Disk(volume_id=VOLUME, backing=Path("/f"), device=device)


def test_virtio_serial_is_cut_after_20_characters_and_a_scsi_one_is_not() -> None:
    assert volume_node(DiskBus.VIRTIO, disk("/dev/vdb"), 7).link == "disk/by-id/virtio-0123456789abcdef0123"
    assert volume_node(DiskBus.SCSI, disk("/dev/sdb"), 7).link == f"disk/by-id/scsi-0QEMU_QEMU_HARDDISK_{VOLUME}"


def test_wanted_device_name_is_a_hint() -> None:
    assert choose_device(DiskBus.VIRTIO, (), wanted="") == "/dev/vdb"
    assert choose_device(DiskBus.VIRTIO, (), wanted="/dev/vdf") == "/dev/vdf"
    assert choose_device(DiskBus.VIRTIO, (disk("/dev/vdb"),), wanted="/dev/vdb") == "/dev/vdc"
    assert choose_device(DiskBus.SCSI, (), wanted="/dev/vdb") == "/dev/sdb"
    assert choose_device(DiskBus.VIRTIO, (), wanted="/dev/vda") == "/dev/vdb"


def test_more_volumes_than_letters_is_an_error_that_says_so() -> None:
    present: list[Disk] = []
    for _ in range(25):
        present.append(disk(choose_device(DiskBus.VIRTIO, present, wanted="")))
    with pytest.raises(LabError, match="25"):
        choose_device(DiskBus.VIRTIO, present, wanted="")


def test_plug_script_is_shell_that_ends_in_the_real_init() -> None:
    text = plug_script([volume_node(DiskBus.VIRTIO, disk("/dev/vdb"), 7), config_drive_node(9)])
    assert "plug vdb 7\n" in text
    assert "link sr0 disk/by-label/config-2\n" in text
    assert text.splitlines()[-1] == "exec /sbin/init"
    assert subprocess.run(["sh", "-n"], input=text, text=True, check=False).returncode == 0


def test_names_from_outside_are_quoted_in_the_plug_script() -> None:
    assert "link vdb 'disk/by-id/a b;c'" in plug_script([Node(name="vdb", link="disk/by-id/a b;c", minor=1)])


def test_record_survives_being_written_and_read(tmp_path: Path) -> None:
    spec = MachineSpec(
        id="i", hostname="h", image=Path("/image"), vcpus=2, memory_mib=512, disk_gib=5, disk_bus=DiskBus.SCSI,
        namespace=None,
    )  # fmt: skip
    record = replace(Record.of(spec), namespace="/run/netns/x", disks=(disk("/dev/sdb"),))
    record.save(tmp_path)
    assert Record.load(tmp_path) == record
    assert Record.load(tmp_path / "other") is None


def test_control_groups_of_both_versions_are_recognised() -> None:
    hybrid = hierarchies(
        "tmpfs /sys/fs/cgroup tmpfs rw 0 0\n"
        "cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,cpu,cpuacct 0 0\n"
        "cgroup /sys/fs/cgroup/systemd cgroup rw,name=systemd 0 0\n"
        "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n"
    )
    assert hybrid.controllers == {"cpu": Path("/sys/fs/cgroup/cpu,cpuacct")}
    assert set(hybrid.tracking) == {Path("/sys/fs/cgroup/systemd"), Path("/sys/fs/cgroup/unified")}
    assert not hybrid.is_unified
    unified = hierarchies("cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n")
    assert unified.is_unified
    assert unified.tracking == (Path("/sys/fs/cgroup"),)


def test_sources_of_both_formats_are_read_and_disabled_ones_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "sources.list.d"
    folder.mkdir()
    (tmp_path / "sources.list").write_text("# deb http://old.example x main\n")
    (folder / "one.list").write_text(
        "deb [arch=amd64 signed-by=/k.gpg] http://a.example/debian bookworm main contrib # note\n"
        "deb-src http://a.example/debian bookworm main\n"
    )
    (folder / "two.sources").write_text(
        "Types: deb deb-src\n# comment\nURIs: http://b.example\nSuites: bookworm bookworm-updates\nComponents: main\n"
        "Signed-By: /b.gpg\n\nTypes: deb\nURIs: http://c.example\nSuites: bookworm\nComponents: main\nEnabled: no\n"
    )
    (folder / "three.list.disabled").write_text("deb http://d.example bookworm main\n")
    assert [source.line() for source in machine_sources(tmp_path)] == [
        "deb [signed-by=/k.gpg] http://a.example/debian bookworm main contrib",
        "deb [signed-by=/b.gpg] http://b.example bookworm main",
        "deb [signed-by=/b.gpg] http://b.example bookworm-updates main",
    ]


def test_guest_is_debian_12_where_the_machine_has_it_and_else_the_machines_release() -> None:
    def source(suite: str) -> Source:
        return Source(uri="u", suite=suite, components=("main",))

    debian = [source("bookworm"), source("bookworm-security"), source("nodistro")]
    assert choose(debian, own_release="bookworm") == ("bookworm", tuple(debian[:2]))
    ubuntu = [source("noble"), source("noble-updates"), source("stable")]
    assert choose(ubuntu, own_release="noble") == ("noble", tuple(ubuntu[:2]))


def test_package_lists_have_names_only() -> None:
    for packages in (system_packages(), guest_packages()):
        assert len(packages) == len(set(packages)) > 5
        assert all(name.replace("-", "").replace(".", "").isalnum() for name in packages)


def test_process_is_known_by_its_start_time_too(tmp_path: Path) -> None:
    child = launch("sleep", "60")
    assert Process.find(child.pid) == child
    record = tmp_path / "process"
    child.save(record)
    assert Process.load(record) == child
    replace(child, started=child.started + 1).save(record)
    assert Process.load(record) is None
    child.end()
    assert not child.is_alive()
    assert Process.find(child.pid) is None


def test_failed_command_tells_what_it_was_and_what_it_said() -> None:
    with pytest.raises(CommandError, match=r"sh -c.*ended with 3: it broke"):
        run("sh", "-c", "echo it broke >&2; exit 3")
    with pytest.raises(CommandError, match="not installed"):
        run("no-such-program-here")
