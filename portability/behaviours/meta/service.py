"""The metadata service and what it says; where there is a config drive, its documents are the same."""

from collections.abc import Iterator, Mapping
from typing import Any

from portability.behaviours.inside import look_outwards
from portability.behaviours.probes import Reading, measured, of_server, refused, sample
from portability.behaviours.views import ServerView
from portability.guest.metadata import ServerMetadata, parse_metadata, vendor_data_kind
from portability.guest.python import run_python
from portability.model.behaviour import Behaviour, Better, Cost, Impact, Level, Margin, Scale

SERVICE = Behaviour(
    id="meta.service.v4",
    means="Whether a server can ask the cloud about itself at 169.254.169.254.",
    scale=Scale.FACT,
    level=Level.RECOMMENDED,
    unit="",
    authority="Nova user guide, Metadata; Tempest, compute-feature-enabled.metadata_service",
    breaks="Servers without a config drive get no key and no user data; agents that ask later for metadata fail.",
    remedy="Create servers with --use-config-drive and read /openstack/latest/meta_data.json from the drive config-2.",
    cost=Cost.SERVER,
    absorbed_by="config drive",
)
LATENCY = Behaviour(
    id="meta.service.latency",
    means="How long the metadata service takes to answer.",
    scale=Scale.QUANTITY,
    level=Level.INFORMATIONAL,
    unit="ms",
    authority="cloud-init, datasource OpenStack: a request times out after 10 s",
    breaks="Slow answers delay every boot, and boots at the same time all the more.",
    remedy="Create servers with --use-config-drive.",
    cost=Cost.SERVER,
    better=Better.LOWER,
    margin=Margin(relative=1.0, absolute=200.0, reason="asked a dozen times a boot: 200 ms each add 2 to 3 s"),
    impact=Impact.HARMLESS,
    absorbed_by="config drive",
)
CONTENT = Behaviour(
    id="meta.service.content",
    means="Whether what a server is told about itself (id, name, zone, keys) is what the API says.",
    scale=Scale.FACT,
    level=Level.REQUIRED,
    unit="",
    authority="Nova user guide, Metadata: meta_data.json",
    breaks="Cluster software that registers itself by this id or zone registers something else.",
    remedy="Ask the API (openstack server show) instead of the metadata, and report it to the provider.",
    cost=Cost.SERVER,
    accepted=("true",),
)
VERSIONS = Behaviour(
    id="meta.versions",
    means="Which versions of the metadata documents a server can read.",
    scale=Scale.FACT,
    level=Level.INFORMATIONAL,
    unit="",
    authority="Nova, api/metadata/base.py: from 2012-08-10 on, 2020-10-14 since Victoria, 2025-04-04 since Epoxy",
    breaks="Scripts with a date in the path get 404.",
    remedy="Read openstack/latest/, or the newest version that is listed.",
    cost=Cost.SERVER,
    impact=Impact.HARMLESS,
)
VENDOR_DATA = Behaviour(
    id="meta.vendor_data",
    means="Whether the provider changes new servers of its own accord.",
    scale=Scale.FACT,
    level=Level.RECOMMENDED,
    unit="",
    authority="Nova user guide, Metadata: vendor data varies from deployment to deployment; cloud-init, vendor data",
    breaks="Packages, users, time servers or reboots that nobody asked for appear on one cloud.",
    remedy="In user data: #cloud-config, vendor_data: {enabled: false}",
    cost=Cost.SERVER,
)

_REQUESTS = 12


@of_server(SERVICE, CONTENT, VERSIONS, VENDOR_DATA)
def documents(view: ServerView) -> Iterator[Reading]:
    told, role = look_outwards(view)["metadata"], view.told.server.role
    status = f"HTTP {told['status']}" if told["status"] else "no answer"
    yield measured(SERVICE, told["answers"], subject=role, detail=status)
    yield from _content(view, told)
    drive = view.told.facts.drive
    versions = drive.versions if drive and drive.versions else tuple(told.get("versions", ()))
    if versions:
        yield measured(VERSIONS, tuple(sorted(versions)), subject=role)
    else:
        yield refused(VERSIONS, "neither config drive nor metadata service", subject=role)
    if view.told.facts.has_vendor_data:
        yield measured(VENDOR_DATA, "cloud-init config", subject=role)
    else:
        kind = drive.vendor_data if drive else vendor_data_kind(told.get("vendor_data", ""))
        yield measured(VENDOR_DATA, kind, subject=role)


def _content(view: ServerView, told: Mapping[str, Any]) -> Iterator[Reading]:
    """Both ways that there are must agree with the API."""
    role, drive = view.told.server.role, view.told.facts.drive
    sources = {
        "config drive": drive.metadata if drive else None,
        "metadata service": parse_metadata(told.get("meta_data", "")),
    }
    seen = {name: tuple(_contradictions(view, found)) for name, found in sources.items() if found is not None}
    if not seen:
        yield refused(CONTENT, "neither config drive nor metadata service", subject=role)
        return
    wrong = [f"{name}: {problem}" for name, problems in seen.items() for problem in problems]
    detail = "; ".join(wrong) or f"agrees with the API: {', '.join(seen)}"
    yield measured(CONTENT, not wrong, subject=role, detail=detail)


def _contradictions(view: ServerView, found: ServerMetadata) -> Iterator[str]:
    """What the metadata says otherwise than the API."""
    server = view.told.server
    if found.uuid != server.id:
        yield f"another id ({found.uuid or 'none'})"
    if found.name != server.name:
        yield f"another name ({found.name or 'none'})"
    if server.zone and found.zone and found.zone != server.zone:
        yield f"zone {found.zone} where the API says {server.zone}"
    if not found.public_keys:
        yield "no public key"


@of_server(LATENCY)
def latency(view: ServerView) -> Iterator[Reading]:
    if not view.is_sample:
        return
    role = view.told.server.role
    if not look_outwards(view)["metadata"]["answers"]:
        yield refused(LATENCY, "there is no metadata service", subject=role)
        return
    times = run_python(view.shell, "metadata_latency.py", str(_REQUESTS), timeout=_REQUESTS * 6.0)
    answered = [value for value in times if value is not None]
    lost = _REQUESTS - len(answered)
    yield from sample(LATENCY, answered, subject=role, detail=f"{lost} of {_REQUESTS} requests failed" if lost else "")
    if not answered:
        yield refused(LATENCY, "no request was answered", subject=role)
