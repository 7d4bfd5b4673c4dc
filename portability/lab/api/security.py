"""Neutron: security groups and their rules."""

from portability.lab.api.neutron import changed, check_fields, cidr, collection, common, flag, invalid, text
from portability.lab.api.web import Answer, Body, Call, Endpoint
from portability.lab.state.faults import bad_request, conflict
from portability.lab.state.identity import new_id
from portability.lab.state.network import Rule, SecurityGroup, check_quota, get, own, stamp, visible
from portability.lab.state.security import add_group, add_rule, default_group, remove_group, rules_of

_READ_ONLY = ("id", "created_at", "updated_at", "revision_number", "tags", "security_group_rules", "shared")
_RULE_FIELDS = (
    "security_group_id",
    "direction",
    "ethertype",
    "protocol",
    "port_range_min",
    "port_range_max",
    "remote_ip_prefix",
    "remote_group_id",
    "remote_address_group_id",
    "description",
)
_PROTOCOLS = {"tcp", "udp", "icmp", "icmpv6", "ipv6-icmp", "sctp", "dccp", "gre", "esp", "ah", "igmp", "ospf", "pgm"}
_PROTOCOLS |= {"rsvp", "udplite", "vrrp", "egp", "ipip", "ipv6-encap", "ipv6-frag", "ipv6-nonxt", "ipv6-opts"}
_PROTOCOL_NUMBERS = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}


def _group_body(call: Call, group: SecurityGroup) -> Body:
    return {
        **common(group),
        "name": group.name,
        "stateful": group.stateful,
        "shared": False,
        "security_group_rules": [_rule_body(rule) for rule in rules_of(call.cloud.store, group.id)],
    }


def _rule_body(rule: Rule) -> Body:
    return {
        **common(rule),
        "security_group_id": rule.group_id,
        "direction": rule.direction,
        "ethertype": rule.ethertype,
        "protocol": rule.protocol,
        "port_range_min": rule.port_min,
        "port_range_max": rule.port_max,
        "remote_ip_prefix": rule.remote_cidr,
        "remote_group_id": rule.remote_group,
        "remote_address_group_id": None,
        "normalized_cidr": rule.remote_cidr,
        "standard_attr_id": int(rule.id[:7], 16),
        "belongs_to_default_sg": None,
    }


def _list_groups(call: Call) -> Answer:
    default_group(call.cloud.store, call.project_id)
    found = visible(call.cloud.store, SecurityGroup, call.project_id)
    return collection(call, "security_groups", (_group_body(call, group) for group in found))


def _show_group(call: Call) -> Answer:
    group = get(call.cloud.store, SecurityGroup, call.project_id, call.path["id"])
    return Answer(body={"security_group": _group_body(call, group)})


def _create_group(call: Call) -> Answer:
    part = call.part("security_group")
    check_fields(part, ("name", "description", "stateful"), verb="POST", known=_READ_ONLY)
    name = text(part, "name")
    with call.cloud.store.change():
        default_group(call.cloud.store, call.project_id)
        if name == "default":
            raise conflict("Default security group already exists.", kind="SecurityGroupDefaultAlreadyExists")
        check_quota(call.cloud.store, call.cloud.settings.quotas, call.project_id, "security_group")
        check_quota(call.cloud.store, call.cloud.settings.quotas, call.project_id, "security_group_rule", 2)
        group = add_group(
            call.cloud.store,
            project_id=call.project_id,
            name=name,
            description=text(part, "description"),
            stateful=flag(part, "stateful", True),
        )
    call.cloud.network.changed()
    return Answer(status=201, body={"security_group": _group_body(call, group)})


def _update_group(call: Call) -> Answer:
    part = call.part("security_group")
    check_fields(part, ("name", "description", "stateful"), verb="PUT", known=_READ_ONLY)
    with call.cloud.store.change():
        group = own(call.cloud.store, SecurityGroup, call.project_id, call.path["id"], "update_security_group")
        if group.name == "default" and text(part, "name", "default") != "default":
            raise conflict("Updating default security group not allowed.", kind="SecurityGroupCannotUpdateDefault")
        group = call.cloud.store.put(
            changed(
                group,
                name=text(part, "name", group.name),
                description=text(part, "description", group.description),
            )
        )
    return Answer(body={"security_group": _group_body(call, group)})


def _delete_group(call: Call) -> Answer:
    remove_group(
        call.cloud.store,
        own(call.cloud.store, SecurityGroup, call.project_id, call.path["id"], "delete_security_group"),
    )
    call.cloud.network.changed()
    return Answer(status=204)


def _list_rules(call: Call) -> Answer:
    return collection(call, "security_group_rules", map(_rule_body, visible(call.cloud.store, Rule, call.project_id)))


def _show_rule(call: Call) -> Answer:
    rule = get(call.cloud.store, Rule, call.project_id, call.path["id"])
    return Answer(body={"security_group_rule": _rule_body(rule)})


def _create_rule(call: Call) -> Answer:
    parts, is_bulk = _rule_parts(call)
    made = []
    with call.cloud.store.change():
        for part in parts:
            check_fields(part, _RULE_FIELDS, verb="POST", known=_READ_ONLY)
            check_quota(call.cloud.store, call.cloud.settings.quotas, call.project_id, "security_group_rule")
            made.append(add_rule(call.cloud.store, _rule(call, part)))
    call.cloud.network.changed()
    if is_bulk:
        return Answer(status=201, body={"security_group_rules": [_rule_body(rule) for rule in made]})
    return Answer(status=201, body={"security_group_rule": _rule_body(made[0])})


def _rule_parts(call: Call) -> tuple[list[Body], bool]:
    if isinstance(call.body, dict) and isinstance(call.body.get("security_group_rules"), list):
        return call.body["security_group_rules"], True
    return [call.part("security_group_rule")], False


def _rule(call: Call, part: Body) -> Rule:
    group = own(
        call.cloud.store,
        SecurityGroup,
        call.project_id,
        str(part.get("security_group_id")),
        "create_security_group_rule",
    )
    direction, ethertype = part.get("direction"), part.get("ethertype") or "IPv4"
    if direction not in ("ingress", "egress"):
        raise invalid("direction", f"'{direction}' is not in ['ingress', 'egress'].")
    if ethertype not in ("IPv4", "IPv6"):
        raise invalid("ethertype", f"'{ethertype}' is not in ['IPv4', 'IPv6'].")
    protocol = _protocol(part.get("protocol"))
    low, high = _ports(part, protocol)
    remote_group, prefix = part.get("remote_group_id"), part.get("remote_ip_prefix")
    if remote_group and prefix:
        raise bad_request(
            "Only remote_ip_prefix or remote_group_id or remote address group id may be provided.",
            kind="SecurityGroupMultipleRemoteEntites",
        )
    if remote_group:
        remote_group = get(call.cloud.store, SecurityGroup, call.project_id, str(remote_group)).id
    if prefix is not None:
        prefix = cidr("remote_ip_prefix", prefix)
        if (":" in prefix) != (ethertype == "IPv6"):
            raise bad_request(
                f"Conflicting value ethertype {ethertype} for CIDR {prefix}", kind="SecurityGroupRuleParameterConflict"
            )
    return Rule(
        id=new_id(),
        project_id=call.project_id,
        group_id=group.id,
        direction=direction,
        ethertype=ethertype,
        protocol=protocol,
        port_min=low,
        port_max=high,
        remote_cidr=prefix,
        remote_group=remote_group,
        description=text(part, "description"),
        **stamp(),
    )


def _protocol(asked: object) -> str | None:
    if asked in (None, "", "any"):
        return None
    name = str(asked).lower()
    name = _PROTOCOL_NUMBERS.get(name, name)
    if name in _PROTOCOLS or (name.isdigit() and int(name) <= 255):
        return "icmpv6" if name == "ipv6-icmp" else name
    raise bad_request(
        f"Security group rule protocol {asked} not supported. Only protocol values [None, tcp, udp, icmp, ...] and "
        "integer representations [0 to 255] are supported.",
        kind="SecurityGroupRuleInvalidProtocol",
    )


def _ports(part: Body, protocol: str | None) -> tuple[int | None, int | None]:
    """First and last port, or ICMP type and code.

    Raises:
        Fault: 400 when they make no sense for the protocol.
    """
    low, high = part.get("port_range_min"), part.get("port_range_max")
    if low is None and high is None:
        return None, None
    low, high = (None if value is None else int(value) for value in (low, high))
    if protocol in ("icmp", "icmpv6"):
        for value, name in ((low, "type"), (high, "code")):
            if value is not None and not 0 <= value <= 255:
                raise bad_request(f"Invalid value for ICMP {name} ({value})", kind="SecurityGroupInvalidIcmpValue")
        if low is None:
            raise bad_request(
                f"ICMP code (port-range-max) {high} is provided but ICMP type (port-range-min) is missing.",
                kind="SecurityGroupMissingIcmpType",
            )
        return low, high
    if protocol is None:
        raise bad_request(
            "Port range cannot be specified without protocol: must also specify protocol if port range is given.",
            kind="SecurityGroupProtocolRequiredWithPorts",
        )
    if low is None or high is None or not 1 <= low <= high <= 65535:
        raise bad_request(
            f"Invalid port range {low}:{high}: min must be 1 or more, max at least min and at most 65535.",
            kind="SecurityGroupInvalidPortRange",
        )
    return low, high


def _delete_rule(call: Call) -> Answer:
    rule = own(call.cloud.store, Rule, call.project_id, call.path["id"], "delete_security_group_rule")
    call.cloud.store.remove(rule)
    call.cloud.network.changed()
    return Answer(status=204)


ENDPOINTS = (
    Endpoint("GET", "/v2.0/security-groups", _list_groups),
    Endpoint("POST", "/v2.0/security-groups", _create_group),
    Endpoint("GET", "/v2.0/security-groups/{id}", _show_group),
    Endpoint("PUT", "/v2.0/security-groups/{id}", _update_group),
    Endpoint("DELETE", "/v2.0/security-groups/{id}", _delete_group),
    Endpoint("GET", "/v2.0/security-group-rules", _list_rules),
    Endpoint("POST", "/v2.0/security-group-rules", _create_rule),
    Endpoint("GET", "/v2.0/security-group-rules/{id}", _show_rule),
    Endpoint("DELETE", "/v2.0/security-group-rules/{id}", _delete_rule),
)
