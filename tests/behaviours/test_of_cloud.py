"""Behaviours that the API tells."""

import dataclasses

import pytest

from portability.behaviours.boot.root_disk import zero_disk_flavor
from portability.behaviours.identity.catalog import needed_services, other_services
from portability.behaviours.img.catalogue import discovery
from portability.behaviours.net.external import ambiguity, model
from portability.behaviours.net.security_groups import default_rules
from portability.behaviours.place.flavor import flavor_match
from portability.behaviours.quota.headroom import demand, headroom
from portability.behaviours.vol.types import types
from portability.behaviours.vol.zones import volume_zones
from portability.model.observation import Measured, Unknown
from portability.model.plan import UNLIMITED, AccessModel, SecurityRule, Service, VolumeType
from tests.behaviours.made import binding, cloud_view, read
from tests.plan import made


def values(probe, **changes):  # type: ignore[no-untyped-def]
    view = cloud_view(**changes)
    return {reading.subject: getattr(reading.outcome, "value", None) for reading in read(probe, view)}


def test_a_service_that_is_listed_and_does_not_answer_fails() -> None:
    services = (Service(type="compute", answers=True), Service(type="network", answers=False, detail="HTTP 503"))
    found = values(needed_services, offer=made.offer(services=services))
    assert found["compute"] == "answers"
    assert found["network"] == "fails"
    assert found["image"] == "absent"
    assert set(values(other_services).values()) == {"absent"}


def test_headroom_is_what_is_left_of_each_quota() -> None:
    quotas = (made.quota("instances", 10, 3), made.quota("cores", UNLIMITED, 3), made.quota("ports", 50, None))
    found = {r.subject: r for r in read(headroom, cloud_view(offer=made.offer(quotas=quotas)))}
    # Three servers and one more of each of the two tiers.
    assert found["instances"].outcome == Measured(value=10 - 3 - 5)
    assert found["cores"].outcome == Measured(value=True)
    assert isinstance(found["ports"].outcome, Unknown)
    assert isinstance(found["volumes"].outcome, Unknown)


def test_demand_counts_boot_volumes_and_the_network() -> None:
    workload = made.workload()
    plain = dict(demand(workload, binding()))
    assert (plain["instances"], plain["volumes"], plain["volume_gib"], plain["floating_ips"]) == (5, 2, 6, 1)
    from_volume = dict(demand(workload, binding(boot_from_volume=("db",), access=AccessModel.DIRECT)))
    assert (from_volume["volumes"], from_volume["volume_gib"]) == (2 + 3, 6 + 3 * 10)
    assert "floating_ips" not in from_volume


@pytest.mark.parametrize(
    ("sizes", "value"), [((10, 20), "disk flavors"), ((0, 20), "mixed"), ((0, 0), "diskless only")]
)
def test_flavors_without_a_disk_are_seen(sizes: tuple[int, ...], value: str) -> None:
    flavors = tuple(made.flavor(f"f{index}", 1, 512, size) for index, size in enumerate(sizes))
    assert values(zero_disk_flavor, offer=made.offer(flavors=flavors)) == {"": value}


def test_an_image_is_found_by_what_it_says_or_by_its_name() -> None:
    guessed = made.image("debian-12", properties=(("system guessed from", "the image's name"),))
    assert values(discovery) == {"": "by properties, one"}
    assert values(discovery, offer=made.offer(images=(made.image("a"), made.image("b")))) == {
        "": "by properties, several"
    }
    assert values(discovery, offer=made.offer(images=(guessed,))) == {"": "by name only"}
    assert values(discovery, offer=made.offer(images=())) == {"": "not at all"}


def test_networks_to_choose_from_are_counted_for_the_access_model() -> None:
    assert values(model) == {"": "floating"}
    assert values(ambiguity) == {"": "one"}
    two = made.offer(networks=(made.EXTERNAL, made.network("ext2", is_external=True), made.SHARED))
    assert values(ambiguity, offer=two) == {"": "several"}
    assert values(ambiguity, offer=two, binding=binding(access=AccessModel.DIRECT)) == {"": "one"}


def test_names_of_types_zones_and_flavors_are_told_without_ids() -> None:
    classic = VolumeType(id="8", name="classic", is_default=False)
    offer = made.offer(volume_types=(*made.offer().volume_types, classic), volume_zones=("az1",))
    assert values(types, offer=offer) == {"": ("classic", "ssd (default)")}
    assert values(volume_zones, offer=offer) == {"": "other names"}
    assert values(flavor_match)["web"] == "1 vCPU, 512 MiB, 5 GiB disk"


def test_default_rules_are_words_in_any_order() -> None:
    ingress = SecurityRule(
        direction="ingress", ethertype="IPv4", protocol="tcp", port_min=22, port_max=22, remote="group:self"
    )
    egress = dataclasses.replace(ingress, direction="egress", protocol=None, port_min=None, port_max=None, remote=None)
    one = values(default_rules, offer=made.offer(default_group_rules=(ingress, egress)))
    other = values(default_rules, offer=made.offer(default_group_rules=(egress, ingress, egress)))
    assert one == other == {"": ("egress IPv4 any to anywhere", "ingress IPv4 tcp 22-22 from group:self")}
