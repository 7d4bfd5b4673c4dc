"""Networks to test with."""

import uuid

from portability.lab.topology import (
    FloatingIP,
    Network,
    Port,
    Router,
    RouterInterface,
    Rule,
    SecurityGroup,
    Subnet,
    Topology,
)


def identifier(name: str) -> str:
    """A steady UUID for a name."""
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


OUT = Rule(direction="egress", ethertype="IPv4")
SSH = Rule(direction="ingress", ethertype="IPv4", protocol="tcp", port_min=22, port_max=22, remote_cidr="0.0.0.0/0")
PING = Rule(direction="ingress", ethertype="IPv4", protocol="icmp")
FROM_GROUP = Rule(
    direction="ingress",
    ethertype="IPv4",
    protocol="tcp",
    port_min=8000,
    port_max=8010,
    remote_group=identifier("group"),
)


def group(*rules: Rule) -> SecurityGroup:
    return SecurityGroup(id=identifier("group"), rules=rules)


def port(number: int) -> Port:
    return Port(
        id=identifier(f"port-{number}"),
        network_id=identifier("app"),
        mac=f"fa:16:3e:19:00:0{number}",
        ips=(f"10.218.0.{10 + number}",),
        hostname=f"web-{number}",
        security_groups=(identifier("group"),),
    )


def network() -> Network:
    subnet = Subnet(
        id=identifier("app-v4"), cidr="10.218.0.0/24", gateway_ip="10.218.0.1", dhcp=True, dhcp_ip="10.218.0.2"
    )
    return Network(id=identifier("app"), name="app", mtu=1450, subnets=(subnet,))


def external() -> Network:
    subnet = Subnet(id=identifier("ext-v4"), cidr="10.219.0.0/24", gateway_ip="10.219.0.1", dhcp=False)
    return Network(
        id=identifier("ext"),
        name="ext-net",
        mtu=1500,
        subnets=(subnet,),
        is_external=True,
        observer_ip="10.219.0.2",
        has_metadata=False,
    )


def router(*, snat: bool = True) -> Router:
    gateway = RouterInterface(network_id=identifier("ext"), ip="10.219.0.10", prefix=24, mac="fa:16:3e:19:01:00")
    inside = RouterInterface(network_id=identifier("app"), ip="10.218.0.1", prefix=24, mac="fa:16:3e:19:01:01")
    return Router(id=identifier("router"), gateway=gateway, snat=snat, interfaces=(inside,))


def floating(number: int) -> FloatingIP:
    return FloatingIP(
        id=identifier(f"floating-{number}"),
        address=f"10.219.0.{100 + number}",
        fixed_ip=f"10.218.0.{10 + number}",
        router_id=identifier("router"),
    )


def small_cloud() -> Topology:
    """Two ports behind a router with a floating IP each; SSH and ping for all, 8000 to 8010 for the group."""
    return Topology(
        networks=(external(), network()),
        routers=(router(),),
        floating_ips=(floating(0), floating(1)),
        ports=(port(0), port(1)),
        security_groups=(group(OUT, SSH, PING, FROM_GROUP),),
    )
