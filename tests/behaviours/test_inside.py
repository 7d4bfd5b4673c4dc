"""Behaviours that are read inside servers and between them, over recorded answers."""

import dataclasses
import json
from typing import Any

import pytest

from portability.behaviours.guest.clock import offset
from portability.behaviours.meta.service import documents, latency
from portability.behaviours.net.egress import default_egress
from portability.behaviours.net.mtu import path
from portability.behaviours.net.names import internal_names, resolver
from portability.behaviours.net.security_groups import passes, traffic
from portability.behaviours.net.speed import rates
from portability.behaviours.views import SourceView, Target
from portability.errors import GuestError
from portability.model.observation import Measured, Refused, Unknown
from portability.model.workload import Flow, IPProtocol
from tests.behaviours.made import (
    RECORDED,
    ScriptedShell,
    outcomes,
    read,
    recorded,
    server,
    server_facts,
    server_view,
)

FLOW = Flow(source="app", target="db", protocol=IPProtocol.TCP, port=5432, why="PostgreSQL")


def test_metadata_that_agrees_with_the_api_is_told_so() -> None:
    view = server_view("onprem")
    # The recorded documents are of another server of that cloud than the recorded facts.
    told = dict(view.seen["outwards"])
    told["metadata"] = told["metadata"] | {"meta_data": json.dumps(_own_metadata("onprem"))}
    view = dataclasses.replace(view, seen={"outwards": told})
    found = outcomes(documents, view)
    assert found["meta.service.v4"] is True
    assert found["meta.service.content"] is True
    assert "latest" in found["meta.versions"]  # type: ignore[operator]
    assert found["meta.vendor_data"] == "empty"


def _own_metadata(cloud: str) -> dict[str, Any]:
    info = server_facts(cloud).server
    return {"uuid": info.id, "name": info.name, "public_keys": {"key": "ssh-ed25519 AAAA"}}


def test_metadata_of_another_server_is_a_contradiction() -> None:
    (reading,) = [r for r in read(documents, server_view("onprem")) if r.behaviour == "meta.service.content"]
    assert reading.outcome == Measured(value=False)
    assert "metadata service: another id" in reading.detail
    assert "config drive:" not in reading.detail


def test_a_cloud_without_the_service_still_tells_by_its_drive() -> None:
    found = outcomes(documents, server_view("public"))
    assert found["meta.service.v4"] is False
    assert found["meta.service.content"] is True
    assert found["meta.versions"] == server_facts("public").facts.drive.versions  # type: ignore[union-attr]
    assert isinstance(outcomes(latency, server_view("public"))["meta.service.latency"], Refused)


def test_neither_drive_nor_service_is_a_refusal() -> None:
    view = server_view("public")
    told = dataclasses.replace(view.told, facts=dataclasses.replace(view.told.facts, drive=None))
    found = outcomes(documents, dataclasses.replace(view, told=told))
    assert isinstance(found["meta.service.content"], Refused)
    assert isinstance(found["meta.versions"], Refused)


def test_requests_to_the_service_that_fail_are_told_and_not_counted_as_fast() -> None:
    shell = ScriptedShell({"python3 -": json.dumps([3.0, None, 4.0])})
    readings = read(latency, server_view("onprem", shell=shell))
    assert [r.outcome for r in readings] == [Measured(value=3.0), Measured(value=4.0)]
    assert "requests failed" in readings[0].detail
    silent = ScriptedShell({"python3 -": json.dumps([None, None])})
    (reading,) = read(latency, server_view("onprem", shell=silent))
    assert isinstance(reading.outcome, Refused)


def test_one_server_is_enough_for_the_services_latency() -> None:
    assert read(latency, server_view("onprem", is_sample=False)) == ()


def test_one_look_serves_several_probes() -> None:
    shell = ScriptedShell({"python3 -": json.dumps(recorded("network-onprem.json"))})
    view = server_view("onprem", shell=shell, seen={})
    for probe in (documents, resolver, default_egress):
        read(probe, view)
    assert len(shell.scripts) == 1


@pytest.mark.parametrize(
    ("answers", "value"),
    [
        (["silent", "resolves"], "resolves public names"),
        (["silent", "answers"], "answers, but knows no public names"),
        (["silent"], "silent"),
    ],
)
def test_the_best_resolver_counts(answers: list[str], value: str) -> None:
    view = server_view("public", seen={"outwards": {"resolver": answers}})
    assert outcomes(resolver, view) == {"net.dns.default_resolver": value}


@pytest.mark.parametrize(
    ("printed", "value"),
    [
        (".\n.\n10.0.0.30  STREAM x\n.\n", "full names only"),
        ("10.0.0.30 STREAM x\n.\n.\n.\n", "short names"),
        ("10.9.9.9 STREAM x\n.\n.\n.\n", "no"),
        ("", "no"),
    ],
)
def test_a_name_counts_if_it_leads_to_the_server(printed: str, value: str) -> None:
    shell = ScriptedShell({"getent": printed})
    view = server_view("public", shell=shell, peers=(server("web-0", fixed_ip="10.0.0.30"),))
    assert outcomes(internal_names, view) == {"net.dns.internal_names": value}


def test_the_clock_is_read_several_times_within_its_uncertainty() -> None:
    class LaggingShell(ScriptedShell):
        def run(self, script: str, **more: object) -> Any:
            import time

            result = super().run(script, **more)
            return dataclasses.replace(result, stdout=f"{time.time() - 3.0:.9f}\n")

    readings = read(offset, server_view(shell=LaggingShell({"date": ""})))
    assert len(readings) >= 6
    for reading in readings:
        assert isinstance(reading.outcome, Measured)
        assert reading.outcome.value == pytest.approx(3000, abs=200)
        assert reading.detail == "behind"


def target(role: str, port: int, *, flow: Flow | None = None, mtu: int | None = 1450) -> Target:
    return Target(server=server(role), host="10.0.0.20", port=port, flow=flow, has_listener=port != 9, mtu=mtu)


def source(answer: dict[str, Any], *targets: Target, cloud: str = "onprem", **changes: Any) -> SourceView:
    shell = ScriptedShell({"python3 -": json.dumps(answer)}, name="app-0")
    view = SourceView(name="app-0", shell=shell, told=server_facts(cloud), targets=targets)
    return dataclasses.replace(view, **changes)


def test_traffic_is_judged_by_who_answers() -> None:
    told = recorded("tcp-onprem.json")
    view = source(told, target("db-0", 5432, flow=FLOW), target("db-0", 9), target("edge-0", 22))
    found = {(r.behaviour, r.subject): r.outcome for r in read(traffic, view)}
    assert found == {
        ("net.sg.allowed", "app-0->db-0 tcp/5432"): Measured(value=True),
        ("net.sg.forbidden", "app-0->db-0 tcp/9"): Measured(value="blocked"),
        ("net.sg.forbidden", "app-0->edge-0 tcp/22"): Measured(value="blocked"),
    }


@pytest.mark.parametrize(
    ("seen", "port", "is_through"),
    [
        ("open", 5432, True),
        ("refused", 5432, False),
        ("refused", 9, True),
        ("silent", 9, False),
        ("unreachable", 9, False),
    ],
)
def test_a_refusal_where_nothing_listens_proves_that_the_packet_came_through(
    seen: str, port: int, is_through: bool
) -> None:
    assert passes(seen, target("db-0", port)) is is_through


def test_what_has_no_address_outside_is_blocked_from_there() -> None:
    view = source({"connect": []}, name="outside", told=None, unreachable=(target("db-0", 5432),))
    (reading,) = read(traffic, view)
    assert (reading.subject, reading.outcome) == ("outside->db-0 tcp/5432", Measured(value="blocked"))


def test_a_path_as_wide_as_both_interfaces_is_consistent() -> None:
    for cloud, mtu in (("onprem", 1450), ("public", 1400)):
        view = source(recorded(f"tcp-{cloud}.json"), target("db-0", 5432, flow=FLOW, mtu=mtu), cloud=cloud)
        assert outcomes(path, view) == {"net.mtu.path_internal": mtu, "net.mtu.consistent": True}


def test_a_path_that_loses_large_packets_is_not_consistent() -> None:
    view = source({"mtu": [[1400, "packets of 1450 bytes are lost"]]}, target("db-0", 5432, flow=FLOW))
    assert outcomes(path, view) == {"net.mtu.path_internal": 1400, "net.mtu.consistent": False}


def test_a_smaller_interface_at_the_other_end_is_no_fault_of_the_path() -> None:
    view = source({"mtu": [[1400, "the largest"]]}, target("db-0", 5432, flow=FLOW, mtu=1400))
    assert outcomes(path, view)["net.mtu.consistent"] is True


def test_an_interface_that_ignores_the_networks_mtu_is_not_consistent() -> None:
    view = source({"mtu": []}, told=server_facts("onprem", network_mtu=1500))
    assert outcomes(path, view) == {"net.mtu.consistent": False}


def test_a_path_without_a_connection_is_unknown() -> None:
    view = source({"mtu": [None]}, target("db-0", 5432, flow=FLOW))
    assert isinstance(outcomes(path, view)["net.mtu.path_internal"], Unknown)


def test_throughput_is_read_from_what_iperf3_printed() -> None:
    found = rates((RECORDED / "iperf3.json").read_text())
    assert len(found) == 3
    assert all(100 < rate < 10_000 for rate in found)


@pytest.mark.parametrize("report", ["", "{}", '{"intervals": [], "error": "unable to connect"}'])
def test_a_report_without_intervals_is_an_error_and_not_zero(report: str) -> None:
    with pytest.raises(GuestError):
        rates(report)
