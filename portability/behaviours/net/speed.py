"""Latency and throughput between servers."""

import json
import shlex
import threading
from collections.abc import Iterator

from portability.behaviours.probes import Reading, of_pair, refused, sample, unknown
from portability.behaviours.views import PairView
from portability.cloud.protocol import RuleSpec
from portability.errors import GuestError, Refused
from portability.guest.python import run_python
from portability.model.behaviour import Behaviour, Better, Cost, Level, Margin, Scale
from portability.model.workload import IPProtocol

LATENCY = Behaviour(
    id="net.latency.internal",
    means="How long a packet takes to a neighbouring server and back.",
    scale=Scale.QUANTITY,
    level=Level.RECOMMENDED,
    unit="ms",
    authority="TCP handshake between two servers (RFC 9293); no standard sets a limit",
    breaks="Pages that ask the database many times become slow.",
    remedy="Put the tiers into one zone or server group: openstack server group create --policy soft-affinity GROUP; "
    "fetch in fewer queries.",
    cost=Cost.SEVERAL,
    better=Better.LOWER,
    margin=Margin(relative=0.5, absolute=0.5, reason="a page with ten queries gains or loses 5 ms"),
)
BANDWIDTH = Behaviour(
    id="net.bandwidth.internal",
    means="How much data passes from one server to a neighbouring one.",
    scale=Scale.QUANTITY,
    level=Level.INFORMATIONAL,
    unit="MiB/s",
    authority="iperf3, one TCP stream; flavors may limit it (quota:vif_outbound_average)",
    breaks="Backups, replication and rebuilding a database replica take longer.",
    remedy="A flavor with more bandwidth: openstack flavor show FLAVOR -c properties; compress backups.",
    cost=Cost.SEVERAL,
    better=Better.HIGHER,
    margin=Margin(relative=0.5, absolute=20.0, reason="half as much doubles the time of a backup, less is scatter"),
)

_CONNECTIONS = 30
_PORT = 5201
_SECONDS = 1
_INTERVAL = 0.1


@of_pair(LATENCY)
def latency(view: PairView) -> Iterator[Reading]:
    """Handshakes to the port that the flow allows: ping does not pass the application's security groups."""
    asked = {"latency": [[view.target.fixed_ip, view.flow.port, _CONNECTIONS]]}
    times = run_python(view.source_shell, "tcp.py", json.dumps(asked), timeout=90.0)["latency"][0]
    if len(times) < _CONNECTIONS:
        lost = f"{_CONNECTIONS - len(times)} of {_CONNECTIONS} connections failed"
        yield unknown(LATENCY, lost, subject=view.flow.name, repetition=_CONNECTIONS)
    # The first one pays for ARP and a cold connection tracker.
    yield from sample(LATENCY, times[1:], subject=view.flow.name)


@of_pair(BANDWIDTH)
def bandwidth(view: PairView) -> Iterator[Reading]:
    """Needs a rule of its own for iperf3's port, from the one tier's group to the other's; it goes with the group."""
    if not view.is_sample:
        return
    subject, groups = view.flow.name, dict(view.deployment.security_groups)
    rule = RuleSpec(protocol=IPProtocol.TCP, port=_PORT, group_id=groups[view.source.tier])
    try:
        view.cloud.add_rule(groups[view.target.tier], rule)
    except Refused as error:
        yield refused(BANDWIDTH, error.message, subject=subject)
        return
    server = threading.Thread(target=_serve, args=(view,), daemon=True)
    server.start()
    target = shlex.quote(view.target.fixed_ip)
    client = f"iperf3 -c {target} -p {_PORT} -t {_SECONDS} -i {_INTERVAL} -J --connect-timeout 1000"
    result = view.source_shell.run(_CLIENT.format(client=client), timeout=30.0)
    server.join(timeout=15.0)
    if result.status != 0:
        problem = "iperf3 is not installed" if result.status == 127 else f"iperf3: {result.stdout[:200]}"
        yield unknown(BANDWIDTH, problem, subject=subject)
        return
    yield from sample(BANDWIDTH, rates(result.stdout), subject=subject)


# The server may come up, and the rule take effect, a moment later. iperf3 with -J ends with 0 whatever happens.
_CLIENT = """
command -v iperf3 >/dev/null || exit 127
for attempt in 1 2 3 4 5 6; do
    report=$({client})
    case $report in *'"error":'*) sleep 0.3;; *) printf '%s' "$report"; exit 0;; esac
done
printf '%s' "$report" | sed -n 's/.*"error"://p'
exit 1
"""


def _serve(view: PairView) -> None:
    # --one-off: it ends with the first client; timeout: also without one.
    view.target_shell.run(f"timeout 12 iperf3 -s -p {_PORT} --one-off >/dev/null 2>&1", timeout=20.0)


def rates(report: str) -> tuple[float, ...]:
    """MiB/s of each interval of iperf3's JSON; the first, of TCP's slow start, is left out.

    Raises:
        GuestError: it has no intervals to speak of.
    """
    try:
        intervals = json.loads(report)["intervals"]
        found = [interval["sum"]["bits_per_second"] / 8 / (1 << 20) for interval in intervals]
    except (ValueError, KeyError, TypeError) as error:
        raise GuestError("iperf3", f"its report cannot be read: {error}") from error
    if len(found) < 2:
        raise GuestError("iperf3", "it reported no intervals")
    return tuple(found[1:])
