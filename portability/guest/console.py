"""What a server's console log tells."""

import re

_BEGIN = "-----BEGIN SSH HOST KEY KEYS-----"
_END = "-----END SSH HOST KEY KEYS-----"
_KEY = re.compile(r"\b(ssh-[a-z0-9-]+|ecdsa-sha2-[a-z0-9-]+) (AAAA[A-Za-z0-9+/=]+)")


def host_keys(log: str) -> tuple[tuple[str, str], ...]:
    """SSH host keys as (type, base64), from the last whole block that cloud-init wrote; empty: there is none (yet).

    cloud-init prints them at the end of its first boot (`cc_keys_to_console`), perhaps behind a syslog prefix.
    """
    end = log.rfind(_END)
    begin = log.rfind(_BEGIN, 0, end) if end >= 0 else -1
    if begin < 0:
        return ()
    found = (match.groups() for match in _KEY.finditer(log, begin, end))
    return tuple(dict.fromkeys((kind, blob) for kind, blob in found))


def last_line(log: str) -> str:
    """The last line with something on it, for messages."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    return lines[-1][:200] if lines else ""
