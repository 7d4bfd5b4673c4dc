from collections.abc import Callable, Iterator
from functools import cache

import pytest
import requests
from keystoneauth1.session import TCPKeepAliveAdapter

from portability.cloud.project import OpenStackCloud
from portability.cloud.protocol import Cloud, Kind, Resource, RuleSpec, ServerSpec
from portability.deploy.teardown import tear_down
from portability.errors import Refused
from portability.model.event import nobody
from portability.model.plan import Offer
from portability.model.workload import IPProtocol

PREFIX = "pb-x1a-"
NOTE = "portability run x1, owner a test, delete after never"
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0rZ8Zl8m0l1l1l1l1l1l1l1l1l1l1l1l1l1l1l1l1l test"


@pytest.fixture
def clean(onprem: OpenStackCloud) -> Iterator[OpenStackCloud]:
    yield onprem
    assert tear_down(onprem, prefix=PREFIX, listener=nobody, sleep=lambda _: None) == ()


@cache
def offer_of(cloud: Cloud) -> Offer:
    return cloud.offer()


def external_id(cloud: Cloud) -> str:
    return next(network.id for network in offer_of(cloud).networks if network.is_external)


def make_port(cloud: Cloud, role: str = "db-0-port") -> str:
    network = cloud.create_network(PREFIX + "net", description=NOTE)
    cloud.create_subnet(PREFIX + "subnet", network_id=network.id, cidr="10.0.0.0/24", description=NOTE)
    return cloud.create_port(PREFIX + role, network_id=network.id, group_ids=(), description=NOTE).id


def make_server(cloud: Cloud) -> Resource:
    offer = offer_of(cloud)
    cloud.create_key_pair(PREFIX + "key", public_key=PUBLIC_KEY)
    spec = ServerSpec(
        name=PREFIX + "db-0",
        flavor_id=next(flavor.id for flavor in offer.flavors if flavor.name == "m1.small"),
        image_id=offer.images[0].id,
        port_id=make_port(cloud),
        key_pair=PREFIX + "key",
        config_drive=True,
        user_data=b"#cloud-config\n",
        metadata={"portability": NOTE},
    )
    return cloud.create_server(spec)


def make_one_of_each(cloud: OpenStackCloud) -> None:
    make_server(cloud)  # with its network, subnet, port and key pair
    outside = external_id(cloud)
    cloud.create_router(PREFIX + "router", external_network_id=outside, description=NOTE)
    cloud.create_security_group(PREFIX + "db-group", description=NOTE)
    cloud.create_floating_ip(external_network_id=outside, port_id=None, description=f"{PREFIX}address {NOTE}")
    cloud.create_volume(PREFIX + "data", size_gib=1, volume_type=None, zone=None, description=NOTE)


def test_what_was_made_is_found_counted_and_deleted(clean: OpenStackCloud) -> None:
    before = {kind: clean.count(kind) for kind in Kind}
    make_one_of_each(clean)
    made = {kind: clean.find(kind, PREFIX) for kind in Kind}
    assert {kind: len(found) for kind, found in made.items()} == dict.fromkeys(Kind, 1)
    # Neutron's own DHCP port is the project's, too.
    assert {kind: clean.count(kind) - before[kind] for kind in Kind} == dict.fromkeys(Kind, 1) | {Kind.PORT: 2}
    assert [found for kind in Kind for found in clean.find(kind, "pb-x1b-")] == []
    assert tear_down(clean, prefix=PREFIX, listener=nobody, sleep=lambda _: None) == ()
    assert {kind: clean.count(kind) for kind in Kind} == before
    for (gone,) in made.values():
        clean.delete(gone)  # no error


class LosesAnswers:
    """Cuts the wire after a POST that ends so was delivered, once for each ending."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._deliver = TCPKeepAliveAdapter.send
        self.endings: set[str] = set()

        def send(adapter: TCPKeepAliveAdapter, request: requests.PreparedRequest, **options: object) -> object:
            response = self._deliver(adapter, request, **options)  # type: ignore[arg-type]
            ending = (request.url or "").split("?")[0].rpartition("/")[2]
            if request.method in ("POST", "PUT") and ending in self.endings:
                self.endings.remove(ending)
                raise requests.ConnectionError("the wire was cut")
            return response

        monkeypatch.setattr(TCPKeepAliveAdapter, "send", send)


def test_creates_whose_answers_were_lost_make_one_thing_each(
    clean: OpenStackCloud, monkeypatch: pytest.MonkeyPatch, remarks: list[str]
) -> None:
    wire = LosesAnswers(monkeypatch)
    plurals = ("networks", "subnets", "ports", "routers", "security-groups", "floatingips", "volumes", "servers")
    wire.endings = {"os-keypairs", *plurals}
    make_one_of_each(clean)
    assert wire.endings == set()
    assert {kind: len(clean.find(kind, PREFIX)) for kind in Kind} == dict.fromkeys(Kind, 1)
    assert len([remark for remark in remarks if "it was made all the same" in remark]) == len(Kind)


def test_a_router_interface_whose_answer_was_lost_is_there(
    clean: OpenStackCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_port(clean)
    router = clean.create_router(PREFIX + "router", external_network_id=external_id(clean), description=NOTE)
    wire = LosesAnswers(monkeypatch)
    wire.endings = {"add_router_interface"}
    clean.add_router_interface(router.id, subnet_id=clean.find(Kind.SUBNET, PREFIX)[0].id)
    assert wire.endings == set()


def test_a_rule_is_made_once_however_often_it_is_asked_for(
    clean: OpenStackCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = clean.create_security_group(PREFIX + "db-group", description=NOTE)
    wire = LosesAnswers(monkeypatch)
    wire.endings = {"security-group-rules"}
    rule = RuleSpec(protocol=IPProtocol.TCP, port=22, cidr="192.0.2.1/32")
    clean.add_rule(group.id, rule)
    clean.add_rule(group.id, rule)
    clean.add_rule(group.id, RuleSpec(protocol=IPProtocol.ICMP, port=None, group_id=group.id))
    used = {quota.name: quota.used for quota in clean.offer().quotas}
    default_and_egress = 4 + 2
    assert used["security_group_rules"] == default_and_egress + 2


def test_a_server_goes_through_its_life(clean: OpenStackCloud) -> None:
    server = make_server(clean)
    wait(lambda: status(clean, server.id) == "ACTIVE")
    volume = clean.create_volume(PREFIX + "data", size_gib=1, volume_type=None, zone=None, description=NOTE)
    wait(lambda: clean.volumes(PREFIX)[0].status == "available")
    device = clean.attach_volume(server.id, volume_id=volume.id)
    wait(lambda: clean.volumes(PREFIX)[0].status == "in-use")
    attached = clean.volumes(PREFIX)[0]
    assert (attached.attached_to, attached.device) == (server.id, device)
    clean.detach_volume(server.id, volume_id=volume.id)
    wait(lambda: clean.volumes(PREFIX)[0].status == "available")
    clean.stop_server(server.id)
    wait(lambda: status(clean, server.id) == "SHUTOFF")
    clean.start_server(server.id)
    wait(lambda: status(clean, server.id) == "ACTIVE")
    clean.reboot_server(server.id, hard=True)
    assert PREFIX + "db-0" in clean.console_log(server.id, lines=20)
    clean.delete(server)
    wait(lambda: clean.server(server.id) is None)


def test_a_quota_is_a_refusal_with_the_services_own_words(clean: OpenStackCloud) -> None:
    with pytest.raises(Refused) as refusal:
        clean.create_volume(PREFIX + "data", size_gib=10**6, volume_type=None, zone=None, description=NOTE)
    assert refusal.value.status == 413
    assert "onprem: create volume pb-x1a-data: refused (413)" in str(refusal.value)


def test_a_cloud_without_tenant_networks_refuses_them(cloud_of: Callable[[str], OpenStackCloud]) -> None:
    with pytest.raises(Refused) as refusal:
        cloud_of("public").create_network(PREFIX + "net", description=NOTE)
    assert refusal.value.status == 403


def test_other_projects_are_out_of_sight(cloud_of: Callable[[str], OpenStackCloud], clean: OpenStackCloud) -> None:
    make_server(clean)
    other = cloud_of("onprem-other")
    assert [kind for kind in Kind if other.find(kind, PREFIX)] == []


def status(cloud: Cloud, server_id: str) -> str:
    found = cloud.server(server_id)
    return found.status if found else "gone"


def wait(reached: Callable[[], bool]) -> None:
    """The lab works in threads: a few hundred looks are more than enough."""
    assert any(reached() for _ in range(500))
