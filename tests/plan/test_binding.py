"""What is chosen on a cloud, and why nothing can be."""

import dataclasses
import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portability.errors import ImpossiblePlan
from portability.model.plan import AccessModel, Offer, Service, Subnet, VolumeType
from portability.plan.binding import bind, doubts
from portability.plan.overrides import CloudOverrides
from tests.plan.made import EXTERNAL, SHARED, flavor, image, network, offer, quota, workload


def chosen_flavors(made: Offer) -> tuple[str, ...]:
    return tuple(flavor.name for _, flavor in bind(workload(), made).flavors)


def test_the_smallest_flavor_that_fits_is_taken() -> None:
    assert chosen_flavors(offer()) == ("tiny", "medium")


@given(st.lists(st.tuples(st.integers(1, 4), st.sampled_from([256, 512, 1024, 2048]), st.integers(0, 20)), min_size=1))
def test_a_chosen_flavor_fits_and_no_smaller_one_does(sizes: list[tuple[int, int, int]]) -> None:
    made = offer(flavors=tuple(flavor(f"f{index}", *size) for index, size in enumerate(sizes)))
    needs = workload().tier("db").needs
    enough = [size for size in sizes if size[0] >= needs.vcpus and size[1] >= needs.ram_mib]
    fitting = [size for size in enough if size[2] >= needs.disk_gib] or [size for size in enough if size[2] == 0]
    try:
        binding = bind(workload(), made)
    except ImpossiblePlan:
        assert not fitting or not any(size[2] >= 5 or size[2] == 0 for size in sizes if size[1] >= 512)
        return
    found = binding.flavor("db")
    assert (found.vcpus, found.ram_mib, found.disk_gib) == min(fitting)
    assert ("db" in binding.boot_from_volume) == (found.disk_gib < needs.disk_gib)


def test_the_order_of_an_offer_does_not_matter() -> None:
    made = offer(networks=(EXTERNAL, network("ext-2", is_external=True)), images=(image("a"), image("b")))
    turned = dataclasses.replace(
        made, flavors=made.flavors[::-1], images=made.images[::-1], networks=made.networks[::-1]
    )
    assert bind(workload(), made) == bind(workload(), turned)


def test_flavors_without_a_disk_boot_from_a_volume() -> None:
    binding = bind(workload(), offer(flavors=(flavor("d", 2, 2048, 0), flavor("tiny", 1, 512, 5))))
    assert binding.boot_from_volume == ("db",)


def test_an_image_can_need_more_than_the_tier() -> None:
    assert chosen_flavors(offer(images=(image(min_disk_gib=12, min_ram_mib=900),))) == ("medium", "medium")


def test_no_flavor_says_what_was_needed_and_what_comes_near() -> None:
    with pytest.raises(
        ImpossiblePlan, match=r"tier db: needed are 2 vCPU, 1024 MiB and 10 GiB disk; nearest of 1: tiny \(1 vCPU, 512"
    ):
        bind(workload(), offer(flavors=(flavor("tiny", 1, 512, 5),)))


def test_the_newest_image_is_taken() -> None:
    images = (
        image("Debian 12 (20240101)"),
        image("Debian 12 (20250301)"),
        image("Debian 12 (99999999) minimal", properties=(("os_purpose", "minimal"),)),
        image("Debian 12 snapshot", properties=(("image_type", "snapshot"),)),
        image("Debian 12 arm", architecture="aarch64"),
        image("Debian 11", version="11"),
    )
    assert bind(workload(), offer(images=images)).image.name == "Debian 12 (20250301)"


def test_a_stated_date_counts_more_than_a_name() -> None:
    images = (
        image("b", properties=(("image_build_date", "2024-01-01"),)),
        image("a", properties=(("image_build_date", "2025-01-01"),)),
    )
    assert bind(workload(), offer(images=images)).image.name == "a"


def test_point_releases_are_the_version_and_longer_numbers_are_not() -> None:
    assert bind(workload(), offer(images=(image(version="12.9"),))).image.version == "12.9"
    with pytest.raises(ImpossiblePlan):
        bind(workload(), offer(images=(image(version="125"),)))


def test_no_image_says_what_was_needed_and_what_there_is() -> None:
    with pytest.raises(ImpossiblePlan, match=r"no image is debian 12 for x86_64.*there is: Debian 11 \(debian 11"):
        bind(workload(), offer(images=(image("Debian 11", version="11"), image("Cirros", distro="cirros"))))


def test_floating_is_taken_where_there_is_an_external_network() -> None:
    binding = bind(workload(), offer(networks=(SHARED, EXTERNAL)))
    assert (binding.access, binding.network) == (AccessModel.FLOATING, EXTERNAL)
    assert binding.cidr is not None


@pytest.mark.parametrize("name", ["routers", "floating_ips", "networks"])
def test_servers_go_on_a_shared_network_where_the_quota_allows_no_own(name: str) -> None:
    binding = bind(workload(), offer(networks=(EXTERNAL, SHARED), quotas=(quota(name, 0),)))
    assert (binding.access, binding.network, binding.cidr) == (AccessModel.DIRECT, SHARED, None)


def test_a_quota_that_is_used_up_does_not_change_the_access() -> None:
    binding = bind(workload(), offer(networks=(EXTERNAL, SHARED), quotas=(quota("routers", 2, 2),)))
    assert binding.access is AccessModel.FLOATING


def test_an_own_network_is_joined_where_nothing_is_shared() -> None:
    own = network("mine", is_own=True)
    assert bind(workload(), offer(networks=(own,))).network == own


def test_networks_without_an_ipv4_subnet_cannot_be_joined() -> None:
    six = dataclasses.replace(
        SHARED, subnets=(Subnet(id="6", cidr="2001:db8::/64", ip_version=6, has_dhcp=True, dns_servers=()),)
    )
    with pytest.raises(ImpossiblePlan, match=r"there is no external network.*lan \(shared, no IPv4 subnet"):
        bind(workload(), offer(networks=(six,)))


def test_several_external_networks_are_a_doubt() -> None:
    made = offer(networks=(network("zeta", is_external=True), EXTERNAL))
    binding = bind(workload(), made)
    assert binding.network == EXTERNAL
    assert "2 external networks: ext was chosen by name, not zeta" in doubts(made, binding)[0]
    assert not doubts(made, binding, CloudOverrides(network="ext"))


@given(st.lists(st.tuples(st.integers(8, 30), st.integers(0, 2**32 - 1)), max_size=20))
def test_the_range_to_make_collides_with_nothing(ranges: list[tuple[int, int]]) -> None:
    cidrs = [str(ipaddress.ip_network((start, prefix), strict=False)) for prefix, start in ranges]
    networks = (EXTERNAL, *(network(f"n{index}", cidr=cidr) for index, cidr in enumerate(cidrs)))
    try:
        made = bind(workload(), offer(networks=networks), taken=("10.196.0.0/24",)).cidr
    except ImpossiblePlan:
        assert any(ipaddress.ip_network(cidr).overlaps(ipaddress.ip_network("10.196.0.0/16")) for cidr in cidrs)
        return
    assert made is not None
    assert not any(ipaddress.ip_network(made).overlaps(ipaddress.ip_network(c)) for c in [*cidrs, "10.196.0.0/24"])


def test_a_wanted_range_that_collides_is_a_doubt() -> None:
    overrides = CloudOverrides(cidr="203.0.113.0/25")
    binding = bind(workload(), offer(), overrides)
    assert "overlaps 203.0.113.0/24 of ext" in doubts(offer(), binding, overrides)[0]


def test_servers_and_volumes_go_into_one_zone() -> None:
    binding = bind(workload(), offer(compute_zones=("c", "b", "a"), volume_zones=("c", "b")))
    assert (binding.compute_zone, binding.volume_zone) == ("b", "b")


def test_one_zone_or_none_in_common_means_the_clouds_default() -> None:
    for compute, volume in ((("nova",), ("nova", "x")), (("a", "b"), ("c",))):
        binding = bind(workload(), offer(compute_zones=compute, volume_zones=volume))
        assert (binding.compute_zone, binding.volume_zone) == (None, None)


def test_a_config_drive_is_asked_for_unless_forbidden() -> None:
    assert bind(workload(), offer()).config_drive
    assert not bind(workload(), offer(), CloudOverrides(config_drive=False)).config_drive


def test_the_user_is_the_images_where_it_says_one() -> None:
    assert bind(workload(), offer()).user == "debian"
    assert bind(workload(), offer(images=(image(user="admin"),))).user == "admin"
    assert bind(workload(), offer(images=(image(user="admin"),)), CloudOverrides(user="root")).user == "root"


def test_what_the_user_names_is_taken_by_name_or_id() -> None:
    types = (VolumeType(id="1", name="ssd", is_default=True), VolumeType(id="2", name="hdd", is_default=False))
    overrides = CloudOverrides(
        image="id-Other",
        flavors=(("db", "big"),),
        access=AccessModel.DIRECT,
        network="lan",
        volume_type="hdd",
    )
    made = offer(images=(image(), image("Other", version="9")), networks=(EXTERNAL, SHARED), volume_types=types)
    binding = bind(workload(), made, overrides)
    assert binding.image.name == "Other"
    assert [flavor.name for _, flavor in binding.flavors] == ["tiny", "big"]
    assert (binding.access, binding.network) == (AccessModel.DIRECT, SHARED)
    assert binding.volume_type == types[1]


@pytest.mark.parametrize(
    ("overrides", "problem"),
    [
        (CloudOverrides(image="Debain 12"), r"no image is called 'Debain 12' \(did you mean Debian 12\?\)"),
        (CloudOverrides(flavors=(("db", "huge"),)), "no flavor is called 'huge'.*big, medium, small, tiny"),
        (CloudOverrides(flavors=(("db", "tiny"),)), "tiny .* is too small for tier db"),
        (CloudOverrides(flavors=(("dbs", "big"),)), "names a flavor for 'dbs'"),
        (CloudOverrides(network="lan"), "no network is called 'lan'"),
        (CloudOverrides(volume_type="hdd"), "no volume type is called 'hdd'"),
        (CloudOverrides(compute_zone="z"), "no compute zone is called 'z'; there are: nova"),
        (CloudOverrides(access=AccessModel.DIRECT), "needs a shared network"),
    ],
)
def test_what_the_user_names_must_be_there(overrides: CloudOverrides, problem: str) -> None:
    with pytest.raises(ImpossiblePlan, match=problem):
        bind(workload(), offer(), overrides)


def test_two_of_one_name_have_to_be_told_apart_by_id() -> None:
    made = offer(images=(image(), image(id="other")))
    with pytest.raises(ImpossiblePlan, match=r"2 images are called 'Debian 12' \(take an id: id-Debian 12, other"):
        bind(workload(), made, CloudOverrides(image="Debian 12"))


def test_volumes_need_block_storage() -> None:
    services = (Service(type="block-storage", answers=False, detail="503"),)
    with pytest.raises(ImpossiblePlan, match="block storage service does not answer"):
        bind(workload(), offer(services=services))


def test_every_choice_has_a_reason() -> None:
    aspects = [aspect for aspect, reason in bind(workload(), offer()).reasons if reason]
    assert aspects == [
        "image", "flavor of web", "flavor of db", "access", "network", "volume type", "zone", "user", "config drive",
    ]  # fmt: skip
