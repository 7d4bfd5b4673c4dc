"""A run of two invented clouds as a real one would look, and the verdicts that could follow from it."""

import random
import statistics
from dataclasses import replace

from portability.model.behaviour import Behaviour, Better, Cost, Impact, Level, Margin, Scale
from portability.model.comparison import Comparison, Interval, QuantityResult, SampleSummary, Status, SubjectComparison
from portability.model.deployment import BootTimeline
from portability.model.journal import ApiCalls, Census, Record, Remark, Run
from portability.model.observation import Measured, Observation, Outcome, Refused, Unknown, Value
from portability.model.plan import BindingDifference, Estimate, Offer, Plan
from portability.model.run import CanaryBoot, CensusLine, ExerciseResult, RunInfo, Spent, Stage, StageTime, TaskTime
from portability.model.run import Work as W
from portability.model.verdict import Failure, Finding, Verdict, VerdictKind
from portability.model.workload import (
    Application,
    Flow,
    IPProtocol,
    Needs,
    OperatingSystem,
    Tier,
    VolumeNeed,
    Workload,
)

CLOUDS = ("onprem", "public")
_FLAGS = ("aes", "avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "sse4_2", "vmx", "x86-64-v3")

# id, level, kind, unit, what it means
_DECLARED: tuple[tuple[str, str, str, str, str], ...] = (
    ("identity.catalog.services", "required", "fact", "", "The services the application needs exist and answer."),
    ("quota.headroom_for_app", "required", "limit", "", "The project's quota has room for the application."),
    ("boot.time_to_api", "informational", "quantity", "s", "How long the create request takes."),
    ("boot.time_to_active", "recommended", "quantity", "s", "How long until the cloud calls a new server ACTIVE."),
    ("boot.time_to_ssh", "recommended", "quantity", "s", "How long until one can log in to a new server."),
    ("boot.time_to_cloudinit_done", "required", "quantity", "s", "How long until a new server has configured itself."),
    ("boot.time_to_service", "recommended", "quantity", "s", "How long until a new server serves."),
    ("boot.datasource", "required", "fact", "", "Where a new server gets its first configuration from."),
    ("boot.zero_disk_flavor", "informational", "fact", "", "Whether flavors bring a root disk."),
    ("boot.console_log", "recommended", "fact", "", "Whether the console log of a server can be read."),
    ("boot.root_disk.size_grow", "recommended", "fact", "", "Whether the root file system fills its disk."),
    ("meta.config_drive", "recommended", "fact", "", "Whether a server can get its configuration from a drive."),
    ("meta.service.v4", "required", "fact", "", "Whether servers can ask the metadata service."),
    ("meta.service.latency", "recommended", "quantity", "ms", "How fast the metadata service answers."),
    ("meta.user_data.size_limit", "required", "limit", "bytes", "How much user data a server can be given."),
    ("meta.hostname_fqdn", "recommended", "fact", "", "What a server is called by itself."),
    ("net.ext.model", "required", "fact", "", "How a server becomes reachable from outside."),
    ("net.mtu.interface", "required", "fact", "bytes", "The largest packet that a server's interface sends."),
    ("net.mtu.path_internal", "required", "fact", "bytes", "The largest packet that passes between servers whole."),
    ("net.dns.default_resolver", "recommended", "fact", "", "Whether names can be looked up."),
    ("net.snat.default_egress", "required", "fact", "", "Whether servers without public address reach the Internet."),
    ("net.sg.allowed", "required", "fact", "", "Whether the traffic that the application needs passes."),
    ("net.sg.forbidden", "required", "fact", "", "Whether all other traffic between its servers is blocked."),
    ("net.sg.default_rules", "required", "fact", "", "What the default security group lets through."),
    ("net.latency.internal", "recommended", "quantity", "ms", "How long a packet takes between two tiers and back."),
    ("net.bandwidth.internal", "informational", "quantity", "Mbit/s", "How much passes between two tiers."),
    ("net.port_security.spoof", "required", "fact", "", "Whether a server can send with a foreign address."),
    ("vol.device.api_vs_guest", "recommended", "fact", "", "Whether a volume's device is called what the API says."),
    ("vol.device.by_id", "required", "fact", "", "How a server can tell its volumes apart."),
    ("vol.bus", "informational", "fact", "", "How disks are connected."),
    ("vol.attach.time", "required", "quantity", "s", "How long attaching a volume takes."),
    ("vol.detach.time", "required", "quantity", "s", "How long detaching a volume takes."),
    ("vol.perf.fsync", "recommended", "quantity", "ms", "How long a small write takes until it is safe."),
    ("vol.data_survives_move", "required", "fact", "", "Whether a volume keeps its data on another server."),
    ("vol.types.default_and_semantics", "recommended", "fact", "", "What kinds of volumes there are."),
    ("guest.cpu.isa", "required", "fact", "", "What instructions the processors know."),
    ("guest.entropy", "recommended", "fact", "", "Where random numbers come from."),
    ("guest.clock.offset", "recommended", "quantity", "ms", "How wrong a server's clock is."),
    ("guest.mem.real", "recommended", "fact", "", "Whether a server has the memory its flavor says."),
    ("place.az.meaning", "informational", "fact", "", "What the availability zones are called."),
    ("place.flavor_match", "recommended", "fact", "", "Which flavors fit the application's needs."),
    ("img.catalogue.discovery", "recommended", "fact", "", "How the image is found."),
)

# What differs: (baseline, candidate, impact, sentence, remedy, because)
_DIFFERENT: dict[str, tuple[Value, Value, Impact, str, str, str]] = {
    "boot.datasource": (
        "OpenStack",
        "ConfigDrive",
        Impact.ABSORBED,
        "Servers are configured from a drive instead of the metadata service.",
        "",
        "the binding asks for a config drive on both clouds",
    ),
    "boot.zero_disk_flavor": (
        "all with a disk",
        "2 of 4 without a disk",
        Impact.HARMLESS,
        "Two flavors cannot boot from an image alone; the chosen ones can.",
        "",
        "the application's flavors have a disk",
    ),
    "meta.service.v4": (
        True,
        False,
        Impact.CHANGE,
        "Nothing answers at 169.254.169.254 on public: whatever reads instance metadata there must use the "
        "config drive.",
        "# every server: ask for a config drive, and let cloud-init look there first\n"
        "openstack server create --config-drive true …\n"
        "# /etc/cloud/cloud.cfg.d/90-datasource.cfg in the image\n"
        "datasource_list: [ConfigDrive, OpenStack, None]",
        "the profile requires a metadata service, and the workload does not say that it can do without",
    ),
    "net.ext.model": (
        "floating",
        "direct",
        Impact.ABSORBED,
        "Servers on public carry their public address themselves.",
        "",
        "the binding's access model differs",
    ),
    "net.mtu.interface": (1450, 1400, Impact.HARMLESS, "Packets are smaller.", "", "expects >= 1280: plain HTTP"),
    "net.mtu.path_internal": (1450, 1400, Impact.HARMLESS, "Packets are smaller.", "", "expects >= 1280: plain HTTP"),
    "vol.device.api_vs_guest": (
        "vdX as told",
        "sdX, API says vdX",
        Impact.HARMLESS,
        "The API's device name is wrong on public.",
        "",
        "expects any: the role finds its volume by id",
    ),
    "vol.bus": ("virtio-blk", "virtio-scsi", Impact.HARMLESS, "Disks have other names.", "", "expects any"),
    "guest.cpu.isa": (
        _FLAGS,
        tuple(flag for flag in _FLAGS if flag not in ("vmx", "avx2")),
        Impact.HARMLESS,
        "The processors on public lack avx2.",
        "",
        "nothing in the application is built for it",
    ),
    "place.az.meaning": ("nova", "zone-1", Impact.ABSORBED, "Zones have other names.", "", "the binding names no zone"),
    "img.catalogue.discovery": (
        "debian-12-genericcloud-amd64",
        "Debian 12 (bookworm)",
        Impact.ABSORBED,
        "The image has another name.",
        "",
        "found by os_distro and os_version",
    ),
}

_SAME: dict[str, Value] = {
    "identity.catalog.services": ("block-storage", "compute", "identity", "image", "network"),
    "boot.console_log": "works",
    "boot.root_disk.size_grow": True,
    "meta.config_drive": "on request",
    "meta.hostname_fqdn": "short name only",
    "net.dns.default_resolver": False,
    "net.sg.default_rules": (
        "egress IPv4 any",
        "egress IPv6 any",
        "ingress IPv4 from group",
        "ingress IPv6 from group",
    ),
    "vol.device.by_id": "20-character prefix",
    "vol.data_survives_move": True,
    "guest.entropy": "virtio-rng",
    "guest.mem.real": True,
    "place.flavor_match": "smallest fits",
}

# Median on each cloud, relative scatter, readings.
_TIMED: dict[str, tuple[float, float, float, int, tuple[str, ...]]] = {
    "boot.time_to_api": (0.21, 0.34, 0.15, 8, ("canary",)),
    "boot.time_to_active": (1.9, 2.6, 0.12, 8, ("canary",)),
    "boot.time_to_ssh": (4.2, 5.1, 0.10, 8, ("canary",)),
    "boot.time_to_cloudinit_done": (6.1, 7.4, 0.08, 8, ("canary",)),
    "boot.time_to_service": (6.6, 7.9, 0.08, 8, ("canary",)),
    "meta.service.latency": (3.4, 0.0, 0.3, 20, ("app-0",)),
    "net.latency.internal": (0.081, 0.094, 0.2, 20, ("edge->app", "app->db")),
    "net.bandwidth.internal": (9400.0, 9150.0, 0.05, 3, ("edge->app",)),
    "vol.attach.time": (0.8, 1.1, 0.2, 4, ("scratch",)),
    "vol.detach.time": (0.6, 0.7, 0.2, 4, ("scratch",)),
    "vol.perf.fsync": (0.42, 0.47, 0.35, 24, ("db-0",)),
    "guest.clock.offset": (0.9, 1.2, 0.4, 6, ("db-0",)),
}

WORKLOAD = Workload(
    name="three-tier",
    title="Three-tier web application",
    system=OperatingSystem(distro="debian", version="12", user="debian"),
    tiers=(
        Tier(name="edge", count=1, needs=Needs(vcpus=1, ram_mib=512, disk_gib=5), roles=("haproxy",)),
        Tier(name="app", count=2, needs=Needs(vcpus=1, ram_mib=512, disk_gib=5), roles=("webapp",)),
        Tier(
            name="db",
            count=1,
            needs=Needs(vcpus=1, ram_mib=512, disk_gib=5),
            roles=("volume", "postgresql"),
            volumes=(VolumeNeed(name="data", size_gib=1),),
        ),
    ),
    flows=(
        Flow(source="outside", target="edge", protocol=IPProtocol.TCP, port=80, why="users"),
        Flow(source="edge", target="app", protocol=IPProtocol.TCP, port=8080, why="requests"),
        Flow(source="app", target="db", protocol=IPProtocol.TCP, port=5432, why="SQL"),
    ),
    application=Application(
        entry="edge", port=80, page_path="/", health_path="/health", write_path="/write", truth_path="/truth"
    ),
    source="workloads/three-tier/workload.yaml",
    digest="9f2c41aa0c7d5e1b8a6f3d2c9f2c41aa0c7d5e1b8a6f3d2c9f2c41aa0c7d5e1b",
)


def behaviour(id: str, level: str = "required", scale: str = "fact", unit: str = "", means: str = "") -> Behaviour:
    is_timed = scale == "quantity"
    return Behaviour(
        id=id,
        means=means or f"What {id} is.",
        scale=Scale(scale),
        level=Level(level),
        unit=unit,
        authority="OpenStack API reference",
        breaks="Programs written for one cloud fail on the other.",
        remedy=f"portability explain {id}",
        cost=Cost.SERVER,
        better=Better.LOWER if is_timed else Better.NEITHER,
        margin=Margin(relative=0.2, absolute=0.5, reason="what a user notices") if is_timed else None,
        is_intrusive=id == "net.port_security.spoof",
    )


def summary(values: tuple[float, ...], failures: int = 0) -> SampleSummary:
    ordered = sorted(values)
    interval = Interval(low=ordered[1], high=ordered[-2], confidence=0.95) if len(values) >= 6 else None
    return SampleSummary(
        values=values,
        median=statistics.median(values) if values else None,
        interval=interval,
        p95=ordered[-1] if values else None,
        low=ordered[0] if values else None,
        high=ordered[-1] if values else None,
        failures=failures,
    )


def measured(
    id: str, a: Outcome, b: Outcome, status: Status, *, subject: str = "", note: str = ""
) -> SubjectComparison:
    return SubjectComparison(
        subject=subject, status=status, baseline=(a,), candidate=(b,), notes=(note,) if note else ()
    )


def finding(
    declared: Behaviour,
    subjects: tuple[SubjectComparison, ...],
    *,
    impact: Impact | None = None,
    sentence: str = "",
    remedy: str = "",
    because: str = "",
    reason: str = "",
) -> Finding:
    order = (Status.DIFFERENT, Status.INCONCLUSIVE, Status.NOT_TESTED, Status.SAME)
    worst = next((s for s in order if any(subject.status is s for subject in subjects)), Status.NOT_TESTED)
    return Finding(
        behaviour=declared,
        comparison=Comparison(behaviour=declared.id, status=worst, subjects=subjects, reason=reason),
        impact=impact,
        sentence=sentence or "Nothing to do.",
        remedy=remedy,
        because=because,
    )


def findings() -> tuple[Finding, ...]:
    return tuple(_finding(*line) for line in _DECLARED)


def _finding(id: str, level: str, scale: str, unit: str, means: str) -> Finding:
    declared = behaviour(id, level, scale, unit, means)
    if id in _DIFFERENT:
        a, b, impact, sentence, remedy, because = _DIFFERENT[id]
        subject = measured(id, Measured(value=a), Measured(value=b), Status.DIFFERENT)
        return finding(declared, (subject,), impact=impact, sentence=sentence, remedy=remedy, because=because)
    if id in _TIMED:
        return _timed(declared)
    if id in _SAME:
        return finding(declared, (measured(id, *(Measured(value=_SAME[id]),) * 2, Status.SAME),))
    if scale == "limit":
        return _limit(declared)
    if id in ("net.sg.allowed", "net.sg.forbidden"):
        return finding(declared, _flows(id))
    if id == "net.port_security.spoof":
        return finding(declared, (), reason="may disturb others: only with --allow-intrusive")
    if id == "net.snat.default_egress":
        told = measured(
            id, Unknown(reason="no answer from 192.0.2.1 in 3 s"), Measured(value=True), Status.INCONCLUSIVE
        )
        return finding(declared, (told,), reason="could not be told on onprem: no answer from 192.0.2.1 in 3 s")
    refused = Refused(reason="403 Policy doesn't allow volume_type:list")
    return finding(declared, (measured(id, refused, refused, Status.SAME),))


def _limit(declared: Behaviour) -> Finding:
    if declared.unit:
        return finding(declared, (measured("", Measured(value=49152), Measured(value=65535), Status.SAME),))
    names = (("instances", 6, 12), ("cores", 8, 40), ("volumes", 9, 10), ("ports", 80, 500))
    subjects = tuple(measured("", Measured(value=a), Measured(value=b), Status.SAME, subject=n) for n, a, b in names)
    return finding(declared, subjects)


def _flows(id: str) -> tuple[SubjectComparison, ...]:
    if id == "net.sg.allowed":
        names = ("outside->edge-0 tcp/80", *(f"edge-0->app-{n} tcp/8080" for n in (0, 1)))
        names += tuple(f"app-{n}->db-0 tcp/5432" for n in (0, 1))
        return tuple(measured("", *(Measured(value=True),) * 2, Status.SAME, subject=name) for name in names)
    pairs = [
        f"{a}->{b} tcp/{port}" for a in ("outside", "edge-0", "app-0") for b in ("app-1", "db-0") for port in (22, 99)
    ]
    return tuple(measured("", *(Measured(value="blocked"),) * 2, Status.SAME, subject=pair) for pair in pairs)


def _timed(declared: Behaviour) -> Finding:
    a, b, scatter, n, subjects = _TIMED[declared.id]
    results = tuple(_quantity(declared.id, name, a, b, scatter, n) for name in subjects)
    status = results[0].status
    impact = Impact.HARMLESS if status is Status.DIFFERENT else None
    because = "informational: slower, and nothing waits for it" if impact else ""
    reason = "need 6 readings for a 95 % interval" if status is Status.INCONCLUSIVE else ""
    return finding(declared, results, impact=impact, sentence="Slower on public.", because=because, reason=reason)


def _quantity(id: str, subject: str, a: float, b: float, scatter: float, n: int) -> SubjectComparison:
    dice = random.Random(f"{id} {subject}")
    sides = [
        summary(tuple(round(m * (1 + scatter * dice.expovariate(2.0) - scatter / 3), 4) for _ in range(n if m else 0)))
        for m in (a, b)
    ]
    if not b:
        note = "no metadata service on public"
        return SubjectComparison(
            subject=subject,
            status=Status.NOT_TESTED,
            baseline=(),
            candidate=(Unknown(reason=note),),
            quantity=QuantityResult(
                baseline=sides[0],
                candidate=summary((), failures=n),
                shift=None,
                shift_interval=None,
                ratio=None,
                p_value=None,
                margin=None,
            ),
            notes=(note,),
        )
    medians = [side.median or 0.0 for side in sides]
    shift = medians[1] - medians[0]
    status = Status.INCONCLUSIVE if n < 6 else Status.DIFFERENT if abs(shift) > 0.3 * medians[0] else Status.SAME
    interval = Interval(low=shift * 0.7, high=shift * 1.3, confidence=0.95) if n >= 6 else None
    result = QuantityResult(
        baseline=sides[0],
        candidate=sides[1],
        shift=shift,
        shift_interval=interval,
        ratio=medians[1] / medians[0],
        p_value=0.02,
        margin=0.2 * medians[0],
    )
    notes = () if n >= 6 else (f"need 6 readings for a 95 % interval, have {n}",)
    return SubjectComparison(subject=subject, status=status, baseline=(), candidate=(), quantity=result, notes=notes)


def _boot(cloud: str, repetition: int, dice: random.Random) -> CanaryBoot:
    pace = (1.0 if cloud == "onprem" else 1.22) * dice.uniform(0.93, 1.12)
    times = [round(time * pace, 2) for time in (0.21, 1.9, 3.6, 4.2, 6.1, 6.6)]
    spans = (
        ("kernel", 1.1, 1.5),
        ("systemd: basic", 1.5, 2.1),
        ("cloud-init local", 2.0, 2.9),
        ("cloud-init network", 3.1, 4.0),
        ("ssh.service", 3.4, 3.6),
        ("cloud-init config", 4.3, 5.0),
        ("cloud-init final", 5.2, 6.0),
    )
    timeline = BootTimeline(
        accepted=times[0],
        active=times[1],
        port_open=times[2],
        ssh_login=times[3],
        cloud_init_done=times[4],
        service=times[5],
        resolution=0.25,
        inside=tuple((name, start * pace, end * pace) for name, start, end in spans),
    )
    return CanaryBoot(cloud=cloud, repetition=repetition, timeline=timeline)


def _exercise(cloud: str, gap: float, dice: random.Random) -> ExerciseResult:
    kill = 8.0
    points = []
    for number in range(480):
        sent = number / 20
        is_out = kill <= sent < kill + gap - 0.05
        latency = 6 + dice.expovariate(0.4) + (25 if kill <= sent < kill + gap + 1 else 0) * dice.random()
        points.append((sent, 2000.0 if is_out else latency, not is_out))
    failed = sum(not ok for _, _, ok in points)
    return ExerciseResult(
        cloud=cloud,
        scenario="kill_server",
        victim="app-1",
        requests=480,
        failed=failed,
        acknowledged=480 - failed,
        lost=0,
        phantom=0,
        duplicate=0,
        longest_outage=gap,
        redundancy_restored=9.4 if cloud == "onprem" else 11.9,
        latency_ms=(("p50", 7.9), ("p95", 14.2), ("p99", 31.0), ("max", 48.8)),
        timeline=tuple(points),
        killed_at=kill,
    )


def _stages() -> tuple[StageTime, ...]:
    shared = ((None, Stage.CHECK, 0.0, 0.6), (None, Stage.PLAN, 0.6, 0.4), (None, Stage.CANARIES, 1.0, 34.0))
    apart = (
        ("onprem", Stage.DEPLOY, 35.0, 9.1),
        ("public", Stage.DEPLOY, 35.0, 11.4),
        ("onprem", Stage.CONFIGURE, 44.1, 17.8),
        ("public", Stage.CONFIGURE, 46.4, 19.0),
        (None, Stage.OBSERVE, 65.4, 16.0),
        ("onprem", Stage.EXERCISE, 81.4, 24.0),
        ("public", Stage.EXERCISE, 81.4, 24.0),
        ("onprem", Stage.TEAR_DOWN, 105.4, 3.1),
        ("public", Stage.TEAR_DOWN, 105.4, 3.6),
        (None, Stage.JUDGE, 109.0, 0.2),
    )
    return tuple(StageTime(cloud=c, stage=s, start=t, seconds=d) for c, s, t, d in (*shared, *apart))


def records() -> tuple[Record, ...]:
    dice = random.Random(7)
    at = "2026-11-23T00:40:12.000+00:00"
    boots = tuple(_boot(cloud, n, dice) for n in range(9) for cloud in CLOUDS)
    spent = ((W.SERVERS_BOOT, 38.0), (W.ANSIBLE, 17.5), (W.MEASURING, 38.0), (W.WAITING, 9.0), (W.OWN, 2.1))
    tasks = (("postgresql", "initialise the cluster", 4.1), ("webapp", "copy the application", 1.9))
    tasks += (("volume", "make the file system", 1.2), ("haproxy", "write the configuration", 0.8))
    return (
        *_stages(),
        *(Spent(cloud=cloud, work=work, seconds=time) for cloud in CLOUDS for work, time in spent),
        *boots,
        _exercise("onprem", 1.1, dice),
        _exercise("public", 1.6, dice),
        *(
            TaskTime(cloud=c, role=r, task=t, host="db-0", seconds=s * dice.uniform(0.8, 1.3), changed=True, ok=True)
            for c in CLOUDS
            for r, t, s in tasks
        ),
        *(
            ApiCalls(cloud=c, calls=(("compute GET /servers/detail", 61), ("network POST /ports", 14)), retries=1)
            for c in CLOUDS
        ),
        *(
            Observation(
                cloud=c,
                behaviour="boot.console_log",
                subject="db-0",
                outcome=Measured(value="works"),
                at=at,
                evidence=f"{c}/db-0.console.log",
            )
            for c in CLOUDS
        ),
        Remark(cloud="public", text="429 from compute, went on after 2 s as told by Retry-After", at=at),
        *(Census(cloud=cloud, lines=_census()) for cloud in CLOUDS),
    )


def _census(left: tuple[str, ...] = ()) -> tuple[CensusLine, ...]:
    kinds = ("servers", "volumes", "ports", "networks", "security groups", "floating IPs", "key pairs")
    return tuple(
        CensusLine(
            kind=kind,
            before=2,
            after=2 + (len(left) if kind == "volumes" else 0),
            ours_left=left if kind == "volumes" else (),
        )
        for kind in kinds
    )


def run(*, plan: bool = True, kept: tuple[Record, ...] | None = None) -> Run:
    info = RunInfo(
        id="2k7f3xw9",
        workload="three-tier",
        clouds=CLOUDS,
        started="2026-11-23T00:38:20.114+00:00",
        seed=20261123,
        repetitions=8,
        version="0.1.0",
        command="portability compare three-tier onprem public -r 8 --seed 20261123",
    )
    return Run(
        info=info,
        workload=WORKLOAD,
        offers=tuple(_offer(cloud) for cloud in CLOUDS) if plan else (),
        plan=_plan() if plan else None,
        records=records() if kept is None else kept,
    )


def _offer(cloud: str) -> Offer:
    return Offer(
        cloud=cloud,
        services=(),
        flavors=(),
        images=(),
        networks=(),
        volume_types=(),
        compute_zones=("nova",),
        volume_zones=("nova",),
        quotas=(),
        network_extensions=(),
        compute_microversion="2.96",
        region="RegionOne",
        auth_url=f"http://127.0.0.1:5000/{cloud}/v3",
    )


def _plan() -> Plan:
    return Plan(
        workload="three-tier",
        clouds=CLOUDS,
        bindings=(),  # type: ignore[arg-type]
        differences=TO_DO,
        quotas=(),
        estimate=Estimate(duration=120.0, server_hours=(("onprem", 0.2),), servers_at_once=(("onprem", 4),)),
        canaries=("onprem", "public", "public", "onprem"),
        seed=20261123,
        repetitions=8,
        warnings=("public: two external networks, took “provider” because it is the default one",),
    )


TO_DO = (
    BindingDifference(
        aspect="image",
        baseline="debian-12-genericcloud-amd64",
        candidate="Debian 12 (bookworm)",
        what_to_do="Choose the image by os_distro=debian and os_version=12, not by name.",
    ),
    BindingDifference(
        aspect="flavor of db", baseline="m1.small", candidate="b2-4", what_to_do="Name the flavor for each cloud."
    ),
    BindingDifference(
        aspect="access",
        baseline="floating IP from ext-net",
        candidate="directly on provider-net",
        what_to_do="Leave out router and floating IP; open the security group to the same sources.",
    ),
    BindingDifference(
        aspect="volume type", baseline="(default)", candidate="ssd", what_to_do="Name the type for each cloud."
    ),
)


def portable() -> tuple[Run, Verdict]:
    kinds = (Impact.CHANGE,)
    kept = tuple(replace(f, impact=Impact.HARMLESS) if f.impact in kinds else f for f in findings())
    sentence = "three-tier can move from onprem to public as it is: it ran on both, and no difference matters to it."
    return run(), _verdict(VerdictKind.PORTABLE, sentence, kept)


def with_changes() -> tuple[Run, Verdict]:
    sentence = (
        "three-tier can move from onprem to public once 1 thing is changed: read instance data from a config drive."
    )
    return run(), _verdict(VerdictKind.WITH_CHANGES, sentence, findings())


def not_portable() -> tuple[Run, Verdict]:
    declared = behaviour("vol.data_survives_move", means="Whether a volume keeps its data on another server.")
    lost = finding(
        declared,
        (measured("", Measured(value=True), Measured(value=False), Status.DIFFERENT, subject="scratch"),),
        impact=Impact.BLOCKER,
        sentence="A volume moved to another server on public comes up empty: the database cannot be recovered.",
        because="required, and no remedy is known",
    )
    kept = tuple(lost if f.behaviour.id == declared.id else f for f in findings())
    failures = (
        Failure(cloud="public", stage="exercise", message="public/app-1: did not come back in 60 s", kind="timeout"),
    )
    left = tuple(r for r in records() if not isinstance(r, Census))
    left += (Census(cloud="public", lines=_census(("pb-2k7f3xw9-scratch",))),)
    sentence = "three-tier cannot move to public: a volume does not keep its data when it moves to another server."
    return run(kept=left), _verdict(VerdictKind.NOT_PORTABLE, sentence, kept, failures=failures)


def inconclusive() -> tuple[Run, Verdict]:
    kept = tuple(f for f in findings() if f.impact is not Impact.CHANGE)
    sentence = "It cannot be told whether three-tier can move: outgoing traffic could not be measured on onprem."
    return run(), _verdict(VerdictKind.INCONCLUSIVE, sentence, kept)


def aborted() -> tuple[Run, Verdict]:
    message = "public: no image of debian 12 for x86_64; there are cirros-0.6.2, ubuntu-24.04 (upload one, or name it)"
    failures = (Failure(cloud="public", stage="plan", message=message, kind="refused"),)
    stages = (StageTime(cloud=None, stage=Stage.CHECK, start=0.0, seconds=0.6),)
    return run(plan=False, kept=stages), Verdict(
        kind=VerdictKind.INCONCLUSIVE,
        sentence="The run ended before anything was deployed: public has no image that fits.",
        reasons=(message,),
        findings=(),
        to_do=(),
        failures=failures,
    )


VARIANTS = {
    "portable": portable,
    "with_changes": with_changes,
    "not_portable": not_portable,
    "inconclusive": inconclusive,
    "aborted": aborted,
}


def _verdict(
    kind: VerdictKind, sentence: str, kept: tuple[Finding, ...], *, failures: tuple[Failure, ...] = ()
) -> Verdict:
    reasons = ("the application was deployed, configured and used on both clouds",)
    reasons += tuple(f"{f.behaviour.id}: {f.sentence}" for f in kept if f.impact in (Impact.CHANGE, Impact.BLOCKER))
    return Verdict(kind=kind, sentence=sentence, reasons=reasons, findings=kept, to_do=TO_DO, failures=failures)
