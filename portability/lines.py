"""Files that grow line by line and hold whole lines only, also when the disk is full; what to do about a full one."""

import errno
import os
import threading
from pathlib import Path

from portability.errors import CannotWrite

_WAYS_OUT = {
    errno.ENOSPC: "make room on this disk, or choose another with --runs",
    errno.EDQUOT: "make room in your disk quota, or choose another disk with --runs",
    errno.EACCES: "choose a folder of yours with --runs",
    errno.EROFS: "choose a folder that can be written with --runs",
}
OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO})
"""What an OSError says when not the program but the disk is at fault."""


class Lines:
    """An append-only file, unbuffered: what was written is with the system when `append` returns. Thread-safe."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        try:
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise cannot_write(path, error) from error

    def append(self, line: str, *, to_disk: bool = False) -> None:
        """One more line; `to_disk`: it has survived a power cut when this returns.

        Raises:
            CannotWrite: the file is as it was.
        """
        data = line.encode() + b"\n"
        with self._lock:
            length = os.fstat(self._descriptor).st_size
            try:
                while data:
                    data = data[os.write(self._descriptor, data) :]
                if to_disk:
                    os.fsync(self._descriptor)
            except OSError as error:
                # Half a line would be glued to the next one once there is room again.
                os.ftruncate(self._descriptor, length)
                raise cannot_write(self.path, error) from error

    def close(self) -> None:
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
            self._descriptor = -1


def cannot_write(path: Path, error: OSError) -> CannotWrite:
    """The error in our words, with the way out."""
    return CannotWrite(
        f"cannot write {path}: {error.strerror or error}",
        way_out=_WAYS_OUT.get(error.errno or 0, "choose another folder with --runs"),
    )
