from typing import Any

import pytest
import requests

from tests.fakes.lab import RunningLab
from tests.lab_api import making


@pytest.fixture(scope="module")
def net(onprem: Any) -> Any:
    return making.network(onprem, "pages")[0]


def test_network_lists_come_in_pages_with_links(onprem: Any) -> None:
    made = {onprem.network.create_network(name=f"page-{number}").id for number in range(5)}
    first = onprem.network.get("/networks?limit=2&name=page-0&name=page-1&name=page-2&name=page-3&name=page-4").json()
    assert len(first["networks"]) == 2
    [link] = first["networks_links"]
    assert link["rel"] == "next"
    assert made <= {network.id for network in onprem.network.networks(limit=2)}


def test_server_lists_come_in_pages_newest_first(onprem: Any, net: Any) -> None:
    made = [making.server(onprem, f"page-{number}", [{"uuid": net.id}]).id for number in range(5)]
    assert [server.id for server in onprem.compute.servers(limit=2)] == made[::-1]
    first = onprem.compute.get("/servers?limit=2").json()
    assert [server["id"] for server in first["servers"]] == made[:2:-1]
    assert "limit=2" in first["servers_links"][0]["href"]
    assert f"marker={made[3]}" in first["servers_links"][0]["href"]
    for server in made:
        making.gone(onprem, onprem.compute.get_server(server))


def test_volume_and_image_lists_come_in_pages(onprem: Any) -> None:
    made = {making.volume(onprem, f"page-{number}").id for number in range(3)}
    assert {volume.id for volume in onprem.block_storage.volumes(limit=1)} == made
    assert len(list(onprem.image.images(limit=1))) == 1


def test_a_marker_that_is_not_there_is_400(onprem: Any) -> None:
    assert onprem.compute.get("/servers?marker=none").status_code == 400
    assert onprem.compute.get("/servers?limit=many").status_code == 400


@pytest.mark.parametrize(
    ("asked", "status", "given"),
    [
        (None, 200, "2.1"),
        ("compute 2.52", 200, "2.52"),
        ("compute latest", 200, "2.96"),
        ("compute 2.97", 406, None),
        ("compute 3.0", 406, None),
        ("compute two", 400, None),
        ("volume 3.50", 200, "2.1"),
    ],
)
def test_compute_versions_are_negotiated(onprem: Any, asked: str | None, status: int, given: str | None) -> None:
    headers = {"OpenStack-API-Version": asked} if asked else {}
    answer = onprem.session.get(
        f"{onprem.compute.get_endpoint()}/servers", headers=headers, raise_exc=False, endpoint_filter={}
    )
    assert answer.status_code == status
    if given:
        assert answer.headers["OpenStack-API-Version"] == f"compute {given}"
        assert answer.headers["X-OpenStack-Nova-API-Version"] == given


def test_old_compute_versions_do_not_show_what_came_later(onprem: Any, net: Any) -> None:
    web = making.server(onprem, "old", [{"uuid": net.id}])
    old = onprem.compute.get(f"/servers/{web.id}", microversion="2.1").json()["server"]
    new = onprem.compute.get(f"/servers/{web.id}", microversion="2.96").json()["server"]
    assert not {"tags", "description", "locked", "server_groups"} & set(old)
    assert {"tags", "description", "locked", "server_groups"} <= set(new)
    assert set(old["flavor"]) == {"id", "links"}
    assert new["flavor"]["original_name"] == "m1.tiny"
    making.gone(onprem, web)


def test_clients_find_the_versions(onprem: Any) -> None:
    compute, volume = onprem.compute.get_endpoint_data(), onprem.block_storage.get_endpoint_data()
    assert (compute.min_microversion, compute.max_microversion) == ((2, 1), (2, 96))
    assert (volume.min_microversion, volume.max_microversion) == ((3, 0), (3, 70))
    assert onprem.network.get_api_major_version() == (2, 0)
    assert onprem.image.get_api_major_version() >= (2, 15)


@pytest.mark.parametrize(
    ("path", "status", "key"),
    [
        ("/compute/v2.1/nowhere", 404, "itemNotFound"),
        ("/network/v2.0/nowhere", 404, "NeutronError"),
        ("/volume/v3/nowhere", 404, "itemNotFound"),
        ("/identity/v3/nowhere", 404, "error"),
    ],
)
def test_unknown_paths_are_404_in_the_services_own_words(
    lab: RunningLab, onprem: Any, path: str, status: int, key: str
) -> None:
    url = f"http://127.0.0.1:{lab.plan.clouds[0].port}{path}"
    answer = requests.get(url, headers={"x-auth-token": onprem.auth_token}, timeout=5)
    assert (answer.status_code, list(answer.json())) == (status, [key])


def test_a_body_that_is_not_json_is_400(lab: RunningLab, onprem: Any) -> None:
    url = f"http://127.0.0.1:{lab.plan.clouds[0].port}/compute/v2.1/servers"
    headers = {"x-auth-token": onprem.auth_token}
    for body in ("{", "[]", '{"server": 1}'):
        assert requests.post(url, data=body, headers=headers, timeout=5).status_code == 400


def test_the_wrong_method_is_405(lab: RunningLab, onprem: Any) -> None:
    url = f"http://127.0.0.1:{lab.plan.clouds[0].port}/compute/v2.1/flavors"
    assert requests.put(url, headers={"x-auth-token": onprem.auth_token}, timeout=5).status_code == 405


def test_cinder_takes_the_old_path_with_the_project_id(lab: RunningLab, onprem: Any) -> None:
    url = f"http://127.0.0.1:{lab.plan.clouds[0].port}/volume/v3/{onprem.current_project_id}/volumes"
    assert requests.get(url, headers={"x-auth-token": onprem.auth_token}, timeout=5).status_code == 200
