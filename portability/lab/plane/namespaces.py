"""Network namespaces: made, listed, removed, and entered for a moment to do something inside."""

import contextlib
import ctypes
import json
import os
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

from portability.errors import LabError
from portability.lab.process import CommandError, run

FOLDER = Path("/run/netns")
_CLONE_NEWNET = 0x40000000

T = TypeVar("T")


class PlaneError(LabError):
    """The network could not be made as wanted; holds the command and what it said."""


def path(name: str) -> Path:
    return FOLDER / name


def names() -> tuple[str, ...]:
    return tuple(sorted(found.name for found in FOLDER.glob("*"))) if FOLDER.exists() else ()


def add(wanted: Iterable[str]) -> None:
    """Make them, with lo up."""
    wanted = tuple(wanted)
    if not wanted:
        return
    command("ip", "-batch", "-", stdin="".join(f"netns add {name}\n" for name in wanted))
    for name in wanted:
        batch(name, ["link set lo up"])


def remove(name: str) -> None:
    """Remove its links first: a socket somewhere may keep the namespace itself alive for a while."""
    if not path(name).exists():
        return
    with contextlib.suppress(CommandError, PlaneError):
        batch(name, [f"link del {link['ifname']}" for link in links(name) if link["ifname"] != "lo"], force=True)
    command("ip", "netns", "del", name)


def links(name: str) -> list[dict[str, Any]]:
    """What `ip -j link` tells of the namespace's links."""
    return _json("ip", "-n", name, "-j", "-d", "link", "show")


def addresses(name: str) -> dict[str, set[str]]:
    """Per link the addresses with prefix length, without link-local IPv6 ones."""
    return {
        link["ifname"]: {
            f"{info['local']}/{info['prefixlen']}" for info in link.get("addr_info", ()) if info.get("scope") != "link"
        }
        for link in _json("ip", "-n", name, "-j", "addr", "show")
    }


def show(name: str, *what: str) -> list[dict[str, Any]]:
    """JSON of an `ip … show` command in the namespace."""
    return _json("ip", "-n", name, "-j", *what)


def batch(name: str, lines: Iterable[str], *, force: bool = False) -> None:
    """Run `ip` commands in the namespace, all in one process."""
    text = "".join(f"{line}\n" for line in lines)
    if text:
        command("ip", "-n", name, *(["-force"] if force else []), "-batch", "-", stdin=text)


def nft(name: str, ruleset: str) -> None:
    """Load a ruleset in the namespace, all of it or nothing."""
    command(*inside(name), "nft", "-f", "-", stdin=ruleset)


def inside(name: str) -> tuple[str, ...]:
    """The beginning of a command that runs in the namespace.

    Not `ip netns exec`: it makes a mount namespace too, and a process that stays would keep copies of all mounts.
    """
    return ("nsenter", f"--net={path(name)}", "--")


def sysctl(name: str, settings: dict[str, str]) -> None:
    """Write settings below /proc/sys/net of the namespace; keys with slashes (ipv4/ip_forward)."""

    def write() -> None:
        for key, value in settings.items():
            Path(f"/proc/sys/net/{key}").write_text(value)

    within(name, write)


def within(name: str, act: Callable[[], T]) -> T:
    """The result of `act` done inside the namespace, in a thread of its own that ends with it.

    Raises:
        PlaneError: no such namespace.
    """
    result: list[T] = []
    failure: list[BaseException] = []

    def enter_and_act() -> None:
        try:
            with path(name).open("rb") as file:
                libc = ctypes.CDLL(None, use_errno=True)
                if libc.setns(file.fileno(), _CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            result.append(act())
        except OSError as error:
            failure.append(error)

    thread = threading.Thread(target=enter_and_act, name=f"in-{name}")
    thread.start()
    thread.join()
    if failure:
        raise PlaneError(f"in network namespace {name}: {failure[0]}") from failure[0]
    return result[0]


def command(*argv: str | Path, stdin: str = "") -> str:
    """As `process.run`, with the failure of a plane."""
    try:
        return run(*argv, stdin=stdin)
    except CommandError as error:
        said = f"{error}; given: {stdin[-1500:]}" if stdin and error.status != 127 else str(error)
        raise PlaneError(said) from error


def _json(*argv: str) -> list[dict[str, Any]]:
    text = command(*argv)
    found: list[dict[str, Any]] = json.loads(text) if text.strip() else []
    # Some versions of ip print an empty object for what they filtered away.
    return [item for item in found if item]
