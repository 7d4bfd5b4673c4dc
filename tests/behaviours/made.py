"""Views to read behaviours from: recorded facts, made-up clouds."""

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portability.behaviours.probes import Probe, Reading
from portability.behaviours.views import CanaryRun, CanaryView, CloudView, ServerFacts, ServerView
from portability.guest.shell import CommandResult
from portability.model.deployment import BootTimeline, Deployment, ServerInfo
from portability.model.plan import AccessModel, Binding
from tests.deploy.fake_cloud import FakeCloud
from tests.guest.recorded import facts
from tests.plan import made

RECORDED = Path(__file__).parent / "recorded"


def recorded(name: str) -> Any:
    return json.loads((RECORDED / name).read_text(encoding="utf-8"))


class ScriptedShell:
    """Answers with the first entry whose key is part of the script; what was run is in `scripts`."""

    def __init__(self, answers: Mapping[str, str], *, name: str = "db-0") -> None:
        self.name = name
        self.scripts: list[str] = []
        self._answers = answers

    def run(self, script: str, **_: object) -> CommandResult:
        self.scripts.append(script)
        for key, answer in self._answers.items():
            if key in script:
                return CommandResult(status=0, stdout=answer, stderr="", seconds=0.01)
        return CommandResult(status=1, stdout="", stderr="not scripted", seconds=0.01)

    def close(self) -> None:
        pass


def server(role: str, **changes: Any) -> ServerInfo:
    tier, _, number = role.partition("-")
    info = ServerInfo(
        id=f"id-{role}",
        name=f"pb-x-{role}",
        role=role,
        tier=tier,
        fixed_ip=f"10.0.0.{len(tier)}{number}",
        access_ip=None,
        port_id=f"port-{role}",
        flavor="tiny",
    )
    return dataclasses.replace(info, **changes)


def deployment(**changes: Any) -> Deployment:
    whole = Deployment(
        cloud="here",
        servers=(server("web-0", access_ip="203.0.113.5"), server("db-0"), server("db-1")),
        entry="web-0",
        application_url="http://203.0.113.5:80",
        user="debian",
        private_key="/nonexistent",
        network_id="net",
        security_groups=(("web", "group-web"), ("db", "group-db")),
    )
    return dataclasses.replace(whole, **changes)


def binding(**changes: Any) -> Binding:
    whole = Binding(
        cloud="here",
        image=made.image(),
        flavors=(("web", made.FLAVORS[3]), ("db", made.FLAVORS[2])),
        access=AccessModel.FLOATING,
        network=made.EXTERNAL,
        cidr="10.0.0.0/24",
        user="debian",
        config_drive=True,
        boot_from_volume=(),
        volume_type=None,
        compute_zone=None,
        volume_zone=None,
    )
    return dataclasses.replace(whole, **changes)


def cloud_view(**changes: Any) -> CloudView:
    view = CloudView(
        cloud=FakeCloud(), offer=made.offer(), binding=binding(), workload=made.workload(), deployment=deployment()
    )
    return dataclasses.replace(view, **changes)


def server_facts(cloud: str = "onprem", **changes: Any) -> ServerFacts:
    """`facts` may be given as changes of single facts."""
    told = facts(cloud)
    assert told.drive is not None
    assert told.drive.metadata is not None
    info = server("db-0", id=told.drive.metadata.uuid, name=told.hostname)
    whole = ServerFacts(
        server=info, facts=told, flavor=made.flavor("tiny", 1, 512, 5), binding=binding(), network_mtu=None
    )
    return dataclasses.replace(whole, **changes)


def with_facts(cloud: str = "onprem", **changes: Any) -> ServerFacts:
    return server_facts(cloud, facts=dataclasses.replace(facts(cloud), **changes))


def server_view(cloud: str = "onprem", *, shell: ScriptedShell | None = None, **changes: Any) -> ServerView:
    """Has already looked outwards, with what was recorded there."""
    view = ServerView(
        told=server_facts(cloud),
        shell=shell or ScriptedShell({}),
        peers=(server("web-0"),),
        egress_targets=(("192.0.2.1", 1),),
        is_sample=True,
        seen={"outwards": recorded(f"network-{cloud}.json")},
    )
    return dataclasses.replace(view, **changes)


def canary_run(repetition: int, **changes: Any) -> CanaryRun:
    timeline = BootTimeline(
        accepted=0.1, active=1.0, port_open=2.0, ssh_login=2.5, cloud_init_done=4.0, service=4.2, resolution=0.25
    )
    whole = CanaryRun(
        repetition=repetition,
        timeline=timeline,
        facts=facts("onprem"),
        console="booting\n",
        console_problem="",
        user_data_size=49149,
        user_data_sha256=facts("onprem").user_data_sha256,
    )
    return dataclasses.replace(whole, **changes)


def canary_view(*runs: CanaryRun) -> CanaryView:
    return CanaryView(runs=runs, binding=binding())


def read(probe: Probe, view: object) -> tuple[Reading, ...]:
    return tuple(probe.read(view))


def outcomes(probe: Probe, view: object) -> dict[str, object]:
    """Behaviour, or behaviour and subject where that is not the server's role, to value or outcome."""
    return {reading.behaviour: getattr(reading.outcome, "value", reading.outcome) for reading in read(probe, view)}
