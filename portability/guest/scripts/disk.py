"""Run in a server as root, `python3 - ACTION NODE …`: what a raw, empty volume does. Standard library only.

`fsync NODE COUNT`: milliseconds of each synchronous write of 8 KiB, as JSON (PostgreSQL's page; O_DSYNC as its
open_datasync). `write NODE SEED`: 1 MiB made from the seed, written to the platter. `read NODE`: SHA-256 of that MiB.
`sum SEED`: what it should be.
"""

# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs
import hashlib
import json
import mmap
import os
import sys
import time
from typing import Any

PAGE = 8192
MARKER = 1 << 20


def fsync(node, count):
    descriptor = os.open(node, os.O_WRONLY | os.O_DSYNC)
    found = []
    for index in range(int(count)):
        # Behind the marker, one page after the other as a write-ahead log does.
        os.lseek(descriptor, MARKER + index * PAGE, os.SEEK_SET)
        page = bytes([index % 256]) * PAGE
        start = time.perf_counter()
        os.write(descriptor, page)
        found.append((time.perf_counter() - start) * 1000)
    os.close(descriptor)
    return found


def marker(seed):
    return hashlib.shake_128(seed.encode()).digest(MARKER)


def write(node, seed):
    descriptor = os.open(node, os.O_WRONLY | os.O_DSYNC)
    os.write(descriptor, marker(seed))
    os.fsync(descriptor)
    os.close(descriptor)
    return checksum(seed)


def read(node):
    """O_DIRECT: what the volume has, not what this server's cache remembers."""
    try:
        descriptor = os.open(node, os.O_RDONLY | os.O_DIRECT)
    except OSError:
        descriptor = os.open(node, os.O_RDONLY)
    with mmap.mmap(-1, MARKER) as buffer:
        got = os.readv(descriptor, [buffer])
        os.close(descriptor)
        return hashlib.sha256(buffer[:got]).hexdigest()


def checksum(seed):
    return hashlib.sha256(marker(seed)).hexdigest()


def main(action, *arguments):
    actions: dict[str, Any] = {"fsync": fsync, "write": write, "read": read, "sum": checksum}
    sys.stdout.write(json.dumps(actions[action](*arguments)))


main(*sys.argv[1:])
