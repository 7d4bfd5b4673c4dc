from collections.abc import Iterator
from typing import Any

import pytest
from openstack import exceptions

from tests.fakes.lab import connect, imaginary_lab, settings
from tests.lab_api import making

SMALL = {
    "instances": 2,
    "cores": 4,
    "ram": 4096,
    "key_pairs": 1,
    "network": 2,
    "port": 5,
    "router": 1,
    "floatingip": 1,
    "security_group": 2,
    "volumes": 2,
    "gigabytes": 10,
    "snapshots": 1,
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    lab = settings(onprem={"quotas": SMALL})
    with imaginary_lab(tmp_path_factory.mktemp("small"), lab) as running:
        yield connect(running)


@pytest.fixture(scope="module")
def net(cloud: Any) -> Any:
    return making.network(cloud, "net")[0]


def test_too_many_servers_is_403_in_novas_words(cloud: Any, net: Any) -> None:
    making.server(cloud, "a", [{"uuid": net.id}])
    large = cloud.compute.find_flavor("m1.large")
    with pytest.raises(exceptions.ForbiddenException) as refusal:
        making.server(cloud, "b", [{"uuid": net.id}], flavor_id=large.id)
    assert "Quota exceeded for ram: Requested 4096, but already used 512 of 4096 ram" in str(refusal.value)
    with pytest.raises(exceptions.ForbiddenException, match="Quota exceeded for instances: Requested 2"):
        making.server(cloud, "b", [{"uuid": net.id}], min_count=2)


def test_members_see_limits_and_use_of_compute(cloud: Any, net: Any) -> None:
    quota = cloud.compute.get_quota_set(cloud.current_project_id, usage=True)
    assert (quota.instances, quota.usage["instances"], quota.usage["ram"]) == (2, 1, 512)
    absolute = cloud.compute.get_limits().absolute
    assert (absolute.instances, absolute.instances_used, absolute.total_ram_used) == (2, 1, 512)


def test_too_many_volumes_or_gigabytes_is_413(cloud: Any) -> None:
    with pytest.raises(exceptions.HttpException) as refusal:
        cloud.block_storage.create_volume(name="huge", size=11)
    assert (refusal.value.status_code, "Requested 11G, quota is 10G and 0G" in str(refusal.value)) == (413, True)
    for name in "ab":
        making.volume(cloud, name)
    with pytest.raises(exceptions.HttpException) as refusal:
        cloud.block_storage.create_volume(name="c", size=1)
    assert (refusal.value.status_code, "VolumeLimitExceeded" in str(refusal.value)) == (413, True)
    quota = cloud.block_storage.get_quota_set(cloud.current_project_id, usage=True)
    assert (quota.volumes, quota.usage["volumes"], quota.usage["gigabytes"]) == (2, 2, 2)


def test_network_quotas_are_409_and_shown_with_use(cloud: Any, net: Any) -> None:
    cloud.network.create_network(name="second")
    with pytest.raises(exceptions.ConflictException, match=r"Quota exceeded for resources: \['network'\]"):
        cloud.network.create_network(name="third")
    cloud.network.create_security_group(name="own")
    with pytest.raises(exceptions.ConflictException, match=r"\['security_group'\]"):
        cloud.network.create_security_group(name="too many")
    details = cloud.network.get_quota(cloud.current_project_id, details=True)
    assert details.networks == {"limit": 2, "used": 2, "reserved": 0}


def test_ports_that_do_not_fit_refuse_the_server(cloud: Any, net: Any) -> None:
    taken = cloud.network.get_quota(cloud.current_project_id, details=True).ports["used"]
    made = [cloud.network.create_port(network_id=net.id) for _ in range(5 - taken)]
    with pytest.raises(exceptions.ConflictException, match=r"\['port'\]"):
        cloud.network.create_port(network_id=net.id)
    with pytest.raises(exceptions.ForbiddenException, match="Maximum number of ports exceeded"):
        making.server(cloud, "no-port", [{"uuid": net.id}])
    for port in made:
        cloud.network.delete_port(port)


def test_a_second_key_pair_is_403(cloud: Any) -> None:
    cloud.compute.create_keypair(name="one", public_key=making.PUBLIC_KEY)
    with pytest.raises(exceptions.ForbiddenException, match="too many key pairs"):
        cloud.compute.create_keypair(name="two", public_key=making.PUBLIC_KEY)


def test_quotas_of_others_are_403(cloud: Any) -> None:
    for path in ("os-quota-sets/f00", "limits?tenant_id=f00"):
        assert cloud.compute.get(f"/{path}").status_code == 403
    assert cloud.network.get("/quotas/f00").status_code == 403
