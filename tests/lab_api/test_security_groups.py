from typing import Any

import pytest
from openstack import exceptions

from tests.lab_api import making


def test_the_default_group_has_neutrons_rules(onprem: Any) -> None:
    [group] = onprem.network.security_groups(name="default")
    shape = {(r["direction"], r["ethertype"], r["remote_group_id"]) for r in group.security_group_rules}
    assert shape == {
        ("egress", "IPv4", None),
        ("egress", "IPv6", None),
        ("ingress", "IPv4", group.id),
        ("ingress", "IPv6", group.id),
    }


def test_a_new_group_lets_everything_out_and_nothing_in(onprem: Any) -> None:
    group = onprem.network.create_security_group(name="fresh")
    assert {(r["direction"], r["ethertype"]) for r in group.security_group_rules} == {
        ("egress", "IPv4"),
        ("egress", "IPv6"),
    }


def test_a_group_in_use_or_default_cannot_be_deleted(onprem: Any) -> None:
    net, _ = making.network(onprem, "sg")
    group = onprem.network.create_security_group(name="used")
    port = onprem.network.create_port(network_id=net.id, security_groups=[group.id])
    with pytest.raises(exceptions.ConflictException, match="in use"):
        onprem.network.delete_security_group(group)
    onprem.network.delete_port(port)
    onprem.network.delete_security_group(group)
    [default] = onprem.network.security_groups(name="default")
    with pytest.raises(exceptions.ConflictException, match="removing default security group"):
        onprem.network.delete_security_group(default)


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"direction": "sideways"}, "HTTPBadRequest"),
        ({"protocol": "tcq"}, "SecurityGroupRuleInvalidProtocol"),
        ({"protocol": "tcp", "port_range_min": 90, "port_range_max": 80}, "SecurityGroupInvalidPortRange"),
        ({"port_range_min": 80, "port_range_max": 80}, "SecurityGroupProtocolRequiredWithPorts"),
        ({"protocol": "icmp", "port_range_max": 0}, "SecurityGroupMissingIcmpType"),
        ({"remote_ip_prefix": "10.0.0.0/33"}, "HTTPBadRequest"),
        ({"remote_ip_prefix": "fd00::/8"}, "SecurityGroupRuleParameterConflict"),
    ],
)
def test_rules_that_make_no_sense_are_400(onprem: Any, fields: dict[str, Any], kind: str) -> None:
    group = onprem.network.find_security_group("bad") or onprem.network.create_security_group(name="bad")
    rule = {"security_group_id": group.id, "direction": "ingress", **fields}
    answer = onprem.network.post("/security-group-rules", json={"security_group_rule": rule})
    assert (answer.status_code, answer.json()["NeutronError"]["type"]) == (400, kind)


def test_the_same_rule_twice_is_409(onprem: Any) -> None:
    group = onprem.network.create_security_group(name="twice")
    rule = {"security_group_id": group.id, "direction": "ingress", "protocol": "udp", "remote_ip_prefix": "10.0.0.0/8"}
    first = onprem.network.create_security_group_rule(**rule)
    with pytest.raises(exceptions.ConflictException, match=first.id):
        onprem.network.create_security_group_rule(**rule)


def test_rules_that_name_a_deleted_group_go_with_it(onprem: Any) -> None:
    source = onprem.network.create_security_group(name="source")
    target = onprem.network.create_security_group(name="target")
    onprem.network.create_security_group_rule(
        security_group_id=target.id, direction="ingress", remote_group_id=source.id
    )
    onprem.network.delete_security_group(source)
    rules = onprem.network.get_security_group(target.id).security_group_rules
    assert {rule["direction"] for rule in rules} == {"egress"}


def test_port_security_off_forbids_groups(onprem: Any) -> None:
    net, _ = making.network(onprem, "nosec", "10.20.0.0/24")
    port = onprem.network.create_port(network_id=net.id, is_port_security_enabled=False)
    assert port.security_group_ids == []
    [default] = onprem.network.security_groups(name="default")
    with pytest.raises(exceptions.BadRequestException):
        onprem.network.create_port(network_id=net.id, is_port_security_enabled=False, security_groups=[default.id])
