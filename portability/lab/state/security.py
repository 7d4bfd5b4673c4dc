"""Neutron: security groups and their rules."""

from portability.lab.state.faults import conflict
from portability.lab.state.identity import new_id
from portability.lab.state.network import Port, Rule, SecurityGroup, stamp
from portability.lab.state.store import Store

_SAME = ("direction", "ethertype", "protocol", "port_min", "port_max", "remote_cidr", "remote_group")


def add_group(store: Store, *, project_id: str, name: str, description: str, stateful: bool = True) -> SecurityGroup:
    """A group with Neutron's two first rules: all egress, IPv4 and IPv6."""
    with store.change():
        group = store.put(
            SecurityGroup(
                id=new_id(),
                project_id=project_id,
                name=name,
                description=description,
                stateful=stateful,
                **stamp(),
            )
        )
        for ethertype in ("IPv4", "IPv6"):
            store.put(_rule(group, "egress", ethertype))
    return group


def add_default_group(store: Store, project_id: str) -> SecurityGroup:
    """The group `default`, which also lets its members reach one another."""
    with store.change():
        group = add_group(store, project_id=project_id, name="default", description="Default security group")
        for ethertype in ("IPv4", "IPv6"):
            store.put(_rule(group, "ingress", ethertype, remote_group=group.id))
    return group


def _rule(group: SecurityGroup, direction: str, ethertype: str, remote_group: str | None = None) -> Rule:
    return Rule(
        id=new_id(),
        project_id=group.project_id,
        group_id=group.id,
        direction=direction,
        ethertype=ethertype,
        remote_group=remote_group,
        **stamp(),
    )


def default_group(store: Store, project_id: str) -> SecurityGroup:
    for group in store.all(SecurityGroup):
        if group.project_id == project_id and group.name == "default":
            return group
    return add_default_group(store, project_id)


def rules_of(store: Store, group_id: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in store.all(Rule) if rule.group_id == group_id)


def add_rule(store: Store, rule: Rule) -> Rule:
    """The rule, unless the group has one like it (409)."""
    with store.change():
        for other in rules_of(store, rule.group_id):
            if all(getattr(other, name) == getattr(rule, name) for name in _SAME):
                raise conflict(
                    f"Security group rule already exists. Rule id is {other.id}.", kind="SecurityGroupRuleExists"
                )
        return store.put(rule)


def remove_group(store: Store, group: SecurityGroup) -> None:
    """Gone with its rules and with those that name it; 409 while a port has it, or when it is `default`."""
    if group.name == "default":
        raise conflict(
            "Insufficient rights for removing default security group.", kind="SecurityGroupCannotRemoveDefault"
        )
    if any(group.id in port.security_groups for port in store.all(Port)):
        raise conflict(f"Security Group {group.id} in use.", kind="SecurityGroupInUse")
    with store.change():
        for rule in store.all(Rule):
            if group.id in (rule.group_id, rule.remote_group):
                store.remove(rule)
        store.remove(group)
