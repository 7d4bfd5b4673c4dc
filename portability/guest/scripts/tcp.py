"""Run in a server as `python3 - JSON`: what TCP tells about the way to other servers. Standard library only.

Argument: {"connect": [[host, port, seconds], …], "mtu": [[host, port], …], "latency": [[host, port, count], …]}
Prints: {"connect": ["open" | "refused" | "silent" | "unreachable", …], "mtu": [[bytes, why] | null, …],
"latency": [[milliseconds, …], …]}
"""

# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs
import errno
import json
import select
import socket
import struct
import sys
import time

IP_MTU_DISCOVER, IP_PMTUDISC_PROBE = 10, 3  # linux/in.h; Python has no names for them.
HEADERS = 40  # IPv4 and TCP without options.
TIMESTAMPS = 12  # RFC 7323, padded.
PATIENCE = 2.0  # For the largest segment: three retransmissions from the least RTO of 200 ms, and a busy host.
HASTE = 1.0  # For each step of the search that follows a loss.


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


def path_mtu(host, port):
    """The largest IPv4 packet that arrives in one piece, of those that both interfaces send; None: no connection.

    One segment is sent with DF set and its acknowledgement awaited; single segments, because a bundle that the
    sender's kernel would cut (TSO) passes where its pieces do not.
    """
    for _ in range(2):  # A single loss may have been chance.
        largest = arrives(host, port, None, PATIENCE)
        if largest is None:
            return None
        size, is_through = largest
        if is_through:
            return [size, "the largest that both interfaces send"]
    low, high = 576, size  # 576: every host must take it (RFC 791).
    if arrives(host, port, low, PATIENCE) != (low, True):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        tried = arrives(host, port, middle, HASTE)
        if tried is None:
            return None
        low, high = (middle, high) if tried[1] else (low, middle)
    return [low, f"packets of {size} bytes, which the interfaces send, are lost"]


def arrives(host, port, size, seconds):
    """Size of the packet and whether it was acknowledged in time; size None: the largest."""
    sock = socket.socket()
    try:
        sock.settimeout(2)
        if size is not None:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, max(88, size - HEADERS))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE)
        sock.connect((host, port))
        told = info(sock)
        segment = told["mss"]
        begin = b"GET / HTTP/1.0\r\nX-Path-MTU: "
        sock.sendall(begin + b"a" * (segment - len(begin)))
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if info(sock)["unacknowledged"] == 0:
                return segment + HEADERS + (TIMESTAMPS if told["timestamps"] else 0), True
            time.sleep(0.005)
        return segment + HEADERS + (TIMESTAMPS if told["timestamps"] else 0), False
    except OSError:
        return None
    finally:
        # A reset: what was not acknowledged must not be sent again and again.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        sock.close()


def info(sock):
    """struct tcp_info of linux/tcp.h: eight bytes, then 32-bit words."""
    raw = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
    words = struct.unpack_from("24I", raw, 8)
    return {"timestamps": bool(raw[5] & 1), "mss": words[2], "unacknowledged": words[4]}


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
