"""Who may and who must not reach whom."""

from portability.behaviours.views import SourceView
from portability.guest.local import LocalShell
from portability.observe.context import Met
from portability.observe.traffic import CLOSED_PORT, source_views
from tests.behaviours.made import ScriptedShell, deployment, server
from tests.guest.recorded import facts
from tests.observe.test_runner import context


def views() -> dict[str, SourceView]:
    whole = context("a")
    met = {
        info.role: Met(server=info, shell=ScriptedShell({}), facts=facts("onprem")) for info in whole.deployment.servers
    }
    return {view.name: view for view in source_views(whole, met, outside=LocalShell())}


def names(view: SourceView, *, allowed: bool) -> set[str]:
    return {target.name for target in view.targets if (target.flow is not None) is allowed}


def test_flows_are_allowed_and_all_else_is_forbidden() -> None:
    found = views()
    assert names(found["web-0"], allowed=True) == {"db-0 tcp/5432", "db-1 tcp/5432"}
    assert names(found["web-0"], allowed=False) == {f"db-0 tcp/{CLOSED_PORT}", f"db-1 tcp/{CLOSED_PORT}"}
    # Its neighbour in the same tier is no exception.
    assert names(found["db-0"], allowed=True) == set()
    assert "db-1 tcp/5432" in names(found["db-0"], allowed=False)


def test_a_port_that_is_open_to_the_outside_is_not_forbidden_to_anybody() -> None:
    assert "web-0 tcp/80" not in names(views()["db-0"], allowed=False)


def test_from_outside_the_entry_is_reached_and_the_rest_has_no_address() -> None:
    outside = views()["outside"]
    assert names(outside, allowed=True) == {"web-0 tcp/80"}
    assert names(outside, allowed=False) == {f"web-0 tcp/{CLOSED_PORT}"}
    assert {target.name for target in outside.unreachable} == {
        f"db-{number} tcp/{port}" for number in (0, 1) for port in (5432, CLOSED_PORT)
    }


def test_subjects_are_the_same_whatever_the_access_model() -> None:
    direct = tuple(server(info.role, access_ip="203.0.113.9") for info in deployment().servers)
    whole = context("b", deployment=deployment(servers=direct))
    met = {info.role: Met(server=info, shell=ScriptedShell({}), facts=facts("onprem")) for info in direct}
    other = {view.name: view for view in source_views(whole, met, outside=LocalShell())}
    for name, view in views().items():
        mine = {target.name for target in (*view.targets, *view.unreachable)}
        assert mine == {target.name for target in (*other[name].targets, *other[name].unreachable)}
    assert other["outside"].unreachable == ()
