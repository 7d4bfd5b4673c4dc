"""Disks as files: the server's own, its config drive, and the loop devices that make block devices of them."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from portability.lab.process import CommandError, run

LABEL = "config-2"
"""The label that Nova gives a config drive and that cloud-init looks for."""


def make_root_disk(path: Path, *, size_gib: int) -> None:
    """A sparse ext4 with the two folders an overlay needs. Its size is what `df /` shows in the guest."""
    with tempfile.TemporaryDirectory(dir=path.parent) as content:
        for name in ("upper", "work"):
            (Path(content) / name).mkdir(mode=0o755)
        partial = path.with_suffix(".part")
        with partial.open("wb") as file:
            file.truncate(size_gib << 30)
        # No journal: the file system does not outlive the machine's own crash, and the machine has a journal.
        options = "lazy_itable_init=1,nodiscard,root_owner=0:0"
        run("mke2fs", "-q", "-F", "-t", "ext4", "-O", "^has_journal", "-m", "0", "-E", options, "-d", content, partial)
        partial.rename(path)


def make_config_drive(path: Path, content: Mapping[str, bytes]) -> None:
    """A small file system labelled config-2.

    ext2 and not ISO 9660 or VFAT as Nova's: kernels without those exist (this one's guests could not mount it), and
    cloud-init takes any type by the label.
    """
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        # The folder becomes the drive's root, which users other than root may read in real drives.
        Path(folder).chmod(0o755)
        for name, data in content.items():
            target = Path(folder) / name.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        size_kib = 1024 + 2 * sum(len(data) + 4096 for data in content.values()) // 1024
        partial = path.with_suffix(".part")
        partial.unlink(missing_ok=True)
        run("mke2fs", "-q", "-F", "-t", "ext2", "-m", "0", "-L", LABEL, "-E", "root_owner=0:0", "-d", folder, partial,
            f"{size_kib}k")  # fmt: skip
        partial.rename(path)


def loop_of(backing: Path) -> int | None:
    """The number of the loop device that a file is behind."""
    for found in Path("/sys/block").glob("loop*/loop/backing_file"):
        try:
            if found.read_text().strip() == str(backing.resolve()):
                return int(found.parent.parent.name.removeprefix("loop"))
        except FileNotFoundError:  # let go meanwhile
            continue
    return None


def make_loop(backing: Path, *, read_only: bool = False) -> int:
    """The number of the file's loop device, made if there is none."""
    found = loop_of(backing)
    if found is not None:
        return found
    device = run("losetup", *(["-r"] if read_only else []), "--find", "--show", backing.resolve()).strip()
    return int(device.removeprefix("/dev/loop"))


def drop_loop(backing: Path) -> None:
    """Let the file's loop device go; one that a guest still has mounted goes with the mount."""
    number = loop_of(backing)
    if number is None:
        return
    try:
        run("losetup", "--detach", f"/dev/loop{number}")
    except CommandError:
        if loop_of(backing) is not None:
            raise
