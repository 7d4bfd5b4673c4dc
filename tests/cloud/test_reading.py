from collections.abc import Callable

from portability.cloud.project import OpenStackCloud
from portability.deploy.teardown import tear_down
from portability.model.event import nobody
from portability.model.plan import Quota
from tests.cloud.test_project import PREFIX, make_server


def test_an_offer_has_what_the_lab_declares(onprem: OpenStackCloud) -> None:
    offer = onprem.offer()
    assert [(f.name, f.vcpus, f.ram_mib, f.disk_gib) for f in offer.flavors][:2] == [
        ("m1.tiny", 1, 512, 5),
        ("m1.small", 1, 1024, 10),
    ]
    assert [(image.name, image.distro, image.version) for image in offer.images] == [("Debian 12", "debian", "12")]
    (network,) = offer.networks
    assert (network.name, network.is_external, network.mtu) == ("ext-net", True, 1450)
    assert [(kind.name, kind.is_default) for kind in offer.volume_types] == [("ssd", True)]
    assert {service.type for service in offer.services if service.answers} >= {"compute", "network", "image"}
    assert offer.compute_microversion == "2.96"
    assert "router" in offer.network_extensions
    assert ("ingress", "group:self") in {(rule.direction, rule.remote) for rule in offer.default_group_rules}


def test_flavors_without_a_disk_and_networks_of_the_provider_are_told(
    cloud_of: Callable[[str], OpenStackCloud],
) -> None:
    offer = cloud_of("public").offer()
    assert {flavor.name for flavor in offer.flavors if flavor.disk_gib == 0} == {"c1.small", "c1.medium"}
    (network,) = offer.networks
    assert (network.is_external, network.is_shared, network.is_own) == (False, True, False)
    assert network.subnets[0].has_dhcp


def test_usage_counts_and_leftovers_are_told(onprem: OpenStackCloud) -> None:
    before = onprem.offer()
    make_server(onprem)
    offer = onprem.offer()
    assert used(offer.quota("instances")) == used(before.quota("instances")) + 1
    assert used(offer.quota("ports")) > used(before.quota("ports"))
    assert offer.quota("server_groups") is not None
    assert {(item.kind, item.name) for item in offer.leftovers} >= {("server", PREFIX + "db-0")}
    assert {item.run for item in offer.leftovers} == {"x1"}
    assert tear_down(onprem, prefix=PREFIX, listener=nobody, sleep=lambda _: None) == ()
    assert onprem.offer().leftovers == ()


def used(quota: Quota | None) -> int:
    assert quota is not None
    assert quota.used is not None
    return quota.used


def test_an_offer_costs_few_calls(onprem: OpenStackCloud) -> None:
    before = sum(count for _, count in onprem.api_calls()[0])
    onprem.offer()
    assert sum(count for _, count in onprem.api_calls()[0]) - before <= 30


def test_the_quotas_that_a_plan_needs_have_limits(onprem: OpenStackCloud) -> None:
    limits = {quota.name: quota.limit for quota in onprem.offer().quotas}
    needed = ("instances", "cores", "ram_mib", "volumes", "volume_gib", "ports", "networks", "floating_ips")
    assert [name for name in needed if limits.get(name, 0) <= 0] == []
