"""Run in a server as `python3 - JSON`: what TCP tells about the way to other servers. Standard library only.

Argument: {"connect": [[host, port, seconds], …], "mtu": [[host, port, most], …], "latency": [[host, port, count], …]}
Prints: {"connect": ["open" | "refused" | "silent" | "unreachable", …], "mtu": [[bytes, why] | null, …],
"latency": [[milliseconds, …], …]}
"""

# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs
import errno
import json
import os
import select
import socket
import struct
import sys
import time

IP_MTU_DISCOVER, IP_PMTUDISC_PROBE = 10, 3  # linux/in.h; Python has no names for them.
SYN, RST, ACK = 0x02, 0x04, 0x10
DONT_FRAGMENT = 0x4000
PATIENCE = 2.5  # For the largest packet, on a busy host.
HASTE = 0.7  # For each step of the search that follows a loss.
AGAIN = 0.25  # A SYN is sent again after this.


def connect_all(wanted):
    """What became of each attempt; all are made at once."""
    poll, sockets, results = select.poll(), {}, [""] * len(wanted)
    deadlines = {}
    for index, (host, port, seconds) in enumerate(wanted):
        sock = socket.socket()
        sock.setblocking(False)
        code = sock.connect_ex((host, port))
        if code not in (0, errno.EINPROGRESS):
            results[index] = word(code)
            continue
        sockets[sock.fileno()] = (index, sock)
        deadlines[sock.fileno()] = time.monotonic() + seconds
        poll.register(sock, select.POLLOUT)
    while sockets:
        now = time.monotonic()
        for number, _ in poll.poll(max(0.0, min(deadlines.values()) - now) * 1000 + 1):
            index, sock = sockets.pop(number)
            results[index] = word(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
            close(poll, sock, deadlines)
        for number in [n for n, at in deadlines.items() if at <= time.monotonic()]:
            index, sock = sockets.pop(number)
            results[index] = "silent"
            close(poll, sock, deadlines)
    return results


def close(poll, sock, deadlines):
    poll.unregister(sock)
    deadlines.pop(sock.fileno())
    sock.close()


def word(code):
    if code == 0:
        return "open"
    if code == errno.ECONNREFUSED:
        return "refused"
    # ICMP says administratively prohibited as EHOSTUNREACH.
    return "silent" if code == errno.ETIMEDOUT else "unreachable"


def path_mtu(host, port, most):
    """The largest IPv4 packet, up to `most`, that arrives in one piece, and why; None: not even a small one does.

    Packets are asked for by a SYN of that size with DF set, which the peer acknowledges without its data (RFC 9293,
    3.10.7.2). Segments of a connection would not do: the kernel marks them as a bundle (GSO), which bridges on the same
    host let pass whatever its size. Needs root.
    """
    if arrives(host, port, most, PATIENCE):
        return [most, "the largest that both interfaces send"]
    low, high = 576, most  # 576: every host must take it (RFC 791).
    if not arrives(host, port, low, PATIENCE):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if arrives(host, port, middle, HASTE) else (low, middle)
    return [low, f"packets of {most} bytes, which the interfaces send, are lost"]


def arrives(host, port, size, seconds):
    """Whether a SYN of this many bytes is answered in time; it is sent again a few times."""
    with socket.socket() as reserved, socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP) as raw:
        own = own_address(host)
        reserved.bind((own, 0))  # Nobody else gets the port; the kernel itself answers SYN and ACK with a reset.
        source = reserved.getsockname()[1]
        raw.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)
        raw.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE)
        packet = syn(own, host, source, port, size)
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                raw.sendto(packet, (host, 0))
            except OSError:
                return False
            if is_answered(raw, (host, port, source), min(end, time.monotonic() + AGAIN)):
                return True
    return False


def is_answered(raw, wanted, end):
    """Whether SYN and ACK, or a reset, comes from there: both prove that the SYN arrived."""
    while time.monotonic() < end:
        raw.settimeout(max(0.001, end - time.monotonic()))
        try:
            packet, (peer, _) = raw.recvfrom(200)
        except socket.timeout:  # noqa: UP041 (TimeoutError only from Python 3.10 on)
            return False
        start = (packet[0] & 15) * 4
        source, target = struct.unpack_from(">2H", packet, start)
        flags = packet[start + 13]
        if (peer, source, target) == wanted and flags & (SYN | RST) and flags & ACK:
            return True
    return False


def own_address(host):
    """The address from which packets to this host leave."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((host, 9))
        return sock.getsockname()[0]


def syn(own, host, source, port, size):
    """An IPv4 packet of this size with DF and a TCP SYN with data (RFC 791, RFC 9293)."""
    addresses = socket.inet_aton(own) + socket.inet_aton(host)
    length = size - 20
    begin = struct.pack(">2H2I2B", source, port, int.from_bytes(os.urandom(4), "big"), 0, 5 << 4, SYN)
    window, data = struct.pack(">H", 64240), bytes(length - 20)
    check = checksum(addresses + struct.pack(">2BH", 0, socket.IPPROTO_TCP, length) + begin + window + bytes(4) + data)
    # The kernel fills in identification and header checksum.
    header = struct.pack(">2B3H2BH", 0x45, 0, size, 0, DONT_FRAGMENT, 64, socket.IPPROTO_TCP, 0) + addresses
    return header + begin + window + struct.pack(">2H", check, 0) + data


def checksum(data):
    """The ones' complement sum of the internet's protocols (RFC 1071)."""
    data += bytes(len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def latency(host, port, count):
    """Milliseconds from SYN to SYN and ACK, one connection at a time; fewer than `count`: some failed."""
    found = []
    for _ in range(count):
        with socket.socket() as sock:
            sock.settimeout(2)
            start = time.perf_counter()
            if sock.connect_ex((host, port)) == 0:
                found.append((time.perf_counter() - start) * 1000)
    return found


def main():
    wanted = json.loads(sys.argv[1])
    told = {
        "connect": connect_all(wanted.get("connect", [])),
        "mtu": [path_mtu(*target) for target in wanted.get("mtu", [])],
        "latency": [latency(*target) for target in wanted.get("latency", [])],
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
