"""From what facts.sh printed to Facts. Pure."""

import json
from collections.abc import Mapping
from typing import Any

from portability.guest.boot import Now, boot_report
from portability.guest.facts import CONTAINERS, ClockOffset, ConfigDrive, Disk, Facts, Interface
from portability.guest.metadata import link_mtus, parse_metadata, vendor_data_kind
from portability.model.units import Seconds

_SECTOR = 512
_FIRST_PERSON = 1000
_NOBODY = 60000
"""Accounts of people lie between (login.defs: UID_MIN, UID_MAX)."""
_SECRET = frozenset({"vendor_data", "user_data", "drive_meta_data", "drive_vendor_data"})
"""meta_data.json may hold admin_pass, the others whatever somebody put there."""


def parse_facts(text: str, *, mark: str, sent: Seconds, received: Seconds) -> Facts:
    """`sent` and `received` are wall times of the observer.

    Raises:
        ValueError: the output is not whole.
    """
    told = sections(text, mark=mark)
    if not {"clock_begin", "clock_end", "uptime_end"} <= set(told):
        raise ValueError("the output ends early")
    virtualisation = told.get("virtualisation", "") or "none"
    drivers = dict(line.split(None, 1) for line in told.get("nics", "").splitlines() if " " in line)
    route = _default_route(told.get("routes", ""))
    begin, end = float(told["clock_begin"]), float(told["clock_end"])
    return Facts(
        hostname=told.get("hostname", ""),
        fqdn=told.get("fqdn", ""),
        kernel=told.get("kernel", ""),
        machine=told.get("machine", ""),
        distro=_distro(told.get("os_release", "")),
        virtualisation=virtualisation,
        **_cpu(told.get("cpu", "")),
        memory_kib=_meminfo(told.get("memory", ""), "MemTotal"),
        swap_kib=_meminfo(told.get("memory", ""), "SwapTotal"),
        entropy=_int(told.get("entropy", "")),
        hwrng=told.get("hwrng", ""),
        clocksource=told.get("clocksource", ""),
        time_sync=tuple(sorted(told.get("time_sync", "").split())),
        interfaces=_interfaces(told.get("addresses", ""), drivers),
        default_interface=str(route.get("dev", "")),
        gateway=str(route.get("gateway", "")),
        resolvers=_resolvers(told.get("resolvers", "")),
        offloads=tuple(sorted(told.get("offloads", "").split())),
        disks=_disks(told.get("disks", "")),
        by_id=_pairs(told.get("by_id", "")),
        root_size=_column(told.get("root_disk", ""), 1),
        users=_people(told.get("users", "")),
        libc=told.get("libc", ""),
        collation=_pairs(told.get("collation", "")),
        boot=boot_report(
            status=told.get("cloud_init_status", ""),
            version=told.get("cloud_init_version", ""),
            units=told.get("units", ""),
            manager=told.get("manager", ""),
            now=Now(wall=end, uptime=float(told["uptime_end"].split()[0])),
            is_container=virtualisation in CONTAINERS,
        ),
        # The script ran between sending and receiving: its first moment is after the one, its last before the other.
        clock=ClockOffset(low=end - received, high=begin - sent),
        has_vendor_data=bool(told.get("vendor_data", "").strip()),
        user_data_sha256=(told.get("user_data", "").split() or [""])[0],
        drive=_drive(told),
    )


def sections(text: str, *, mark: str) -> Mapping[str, str]:
    """Section name to its text, without blank lines around it."""
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        if line.startswith(f"{mark} "):
            current = found.setdefault(line[len(mark) + 1 :].strip(), [])
        else:
            current.append(line)
    return {name: "\n".join(lines).strip() for name, lines in found.items()}


def without_secrets(text: str, *, mark: str) -> str:
    """The output for the record."""
    told = sections(text, mark=mark)
    return "\n".join(f"== {name}\n{content}\n" for name, content in told.items() if name not in _SECRET)


def _cpu(text: str) -> dict[str, Any]:
    lines = text.splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    flags = next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), [])
    return {"cpu_model": model, "cpu_flags": tuple(sorted(flags)), "cpus": _int(lines[-1]) if lines else None}


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """Lines of two words."""
    return tuple((first, second) for first, _, second in (line.partition(" ") for line in text.splitlines()) if second)


def _int(text: str) -> int | None:
    return int(text) if text.strip().isdigit() else None


def _column(line: str, index: int) -> int | None:
    words = line.split()
    return _int(words[index]) if len(words) > index else None


def _meminfo(text: str, name: str) -> int | None:
    return next((_column(line, 1) for line in text.splitlines() if line.startswith(f"{name}:")), None)


def _distro(os_release: str) -> str:
    values = dict(line.split("=", 1) for line in os_release.splitlines() if "=" in line)
    return " ".join(values[key].strip('"') for key in ("ID", "VERSION_ID") if key in values)


def _json_list(text: str) -> list[dict[str, Any]]:
    try:
        data = json.loads(text)
    except ValueError:
        return []
    return [item for item in data if isinstance(item, dict)] if isinstance(data, list) else []


def _default_route(text: str) -> dict[str, Any]:
    return next((route for route in _json_list(text) if route.get("dst") == "default"), {})


def _interfaces(text: str, drivers: Mapping[str, str]) -> tuple[Interface, ...]:
    return tuple(
        Interface(
            name=nic["ifname"],
            mac=str(nic.get("address", "")).lower(),
            mtu=int(nic.get("mtu", 0)),
            driver=drivers.get(nic["ifname"], "unknown"),
            addresses=tuple(
                f"{address['local']}/{address['prefixlen']}"
                for address in nic.get("addr_info", ())
                if address.get("scope") == "global"
            ),
        )
        for nic in _json_list(text)
        if nic.get("ifname", "lo") != "lo"
    )


def _resolvers(text: str) -> tuple[str, ...]:
    lines = [line.split() for line in text.splitlines()]
    return tuple(words[1] for words in lines if len(words) > 1 and words[0] == "nameserver")


def _disks(text: str) -> tuple[Disk, ...]:
    pairs = (line.split() for line in text.splitlines())
    return tuple(Disk(node=words[0], size=int(words[1]) * _SECTOR) for words in pairs if len(words) == 2)


def _people(text: str) -> tuple[str, ...]:
    accounts = (line.partition(":")[::2] for line in text.splitlines())
    return tuple(sorted(n for n, uid in accounts if uid.isdigit() and _FIRST_PERSON <= int(uid) < _NOBODY))


def _drive(told: Mapping[str, str]) -> ConfigDrive | None:
    words = told.get("config_drive", "").split()
    if not words or not words[0].startswith("/dev/"):
        return None
    return ConfigDrive(
        node=words[0],
        format=words[1] if len(words) > 1 else "",
        versions=tuple(sorted(told.get("drive_versions", "").split())),
        metadata=parse_metadata(told.get("drive_meta_data", "")),
        link_mtus=link_mtus(told.get("drive_network_data", "")),
        vendor_data=vendor_data_kind(told.get("drive_vendor_data", "")),
    )
