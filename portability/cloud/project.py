"""One project on one cloud, through openstacksdk: the Cloud protocol for real."""

from collections.abc import Callable
from typing import Any, TypeVar, assert_never

from openstack import exceptions as sdk_errors
from openstack.connection import Connection

from portability.cloud import listing
from portability.cloud.faults import told_by
from portability.cloud.making import make
from portability.cloud.offers import read_offer
from portability.cloud.protocol import (
    Kind,
    PortStatus,
    Resource,
    RuleSpec,
    ServerSpec,
    ServerStatus,
    VolumeStatus,
)
from portability.cloud.server_request import server_request
from portability.cloud.transport import Tally
from portability.model.plan import Offer
from portability.model.units import CloudLabel, GiB
from portability.model.workload import IPProtocol

T = TypeVar("T")


class OpenStackCloud:
    """See `portability.cloud.protocol.Cloud` for what the methods promise."""

    def __init__(
        self,
        sdk: Connection,
        *,
        label: CloudLabel,
        project_id: str,
        tally: Tally,
        on_remark: Callable[[str], None],
    ) -> None:
        self._sdk = sdk
        self._label = label
        self._project_id = project_id
        self._tally = tally
        self._on_remark = on_remark

    @property
    def label(self) -> CloudLabel:
        return self._label

    def offer(self) -> Offer:
        return read_offer(self._sdk, label=self._label, project_id=self._project_id)

    # Creates

    def create_key_pair(self, name: str, *, public_key: str) -> Resource:
        return self._make(
            Kind.KEY_PAIR,
            name,
            lambda: self._sdk.compute.create_keypair(name=name, public_key=public_key, type="ssh"),
        )

    def create_network(self, name: str, *, description: str) -> Resource:
        return self._make(
            Kind.NETWORK, name, lambda: self._sdk.network.create_network(name=name, description=description)
        )

    def create_subnet(self, name: str, *, network_id: str, cidr: str, description: str) -> Resource:
        def create() -> Any:
            return self._sdk.network.create_subnet(
                name=name, network_id=network_id, cidr=cidr, ip_version=4, description=description
            )

        return self._make(Kind.SUBNET, name, create)

    def create_router(self, name: str, *, external_network_id: str, description: str) -> Resource:
        gateway = {"network_id": external_network_id}

        def create() -> Any:
            return self._sdk.network.create_router(name=name, external_gateway_info=gateway, description=description)

        return self._make(Kind.ROUTER, name, create)

    def add_router_interface(self, router_id: str, *, subnet_id: str) -> None:
        network = self._sdk.network

        def look() -> Any:
            return next(iter(self._router_ports(router_id, subnet_id)), None)

        with told_by(self._label, f"connect router {router_id}"):
            make(
                lambda: network.add_interface_to_router(router_id, subnet_id),
                look,
                what="router interface",
                on_remark=self._on_remark,
            )

    def create_security_group(self, name: str, *, description: str) -> Resource:
        return self._make(
            Kind.SECURITY_GROUP,
            name,
            lambda: self._sdk.network.create_security_group(name=name, description=description),
        )

    def add_rule(self, group_id: str, rule: RuleSpec) -> None:
        # ICMP has types in place of ports: none given, all pass.
        port = None if rule.protocol is IPProtocol.ICMP else rule.port
        given: dict[str, Any] = {"port_range_min": port, "port_range_max": port} if port is not None else {}
        source = {"remote_group_id": rule.group_id} if rule.group_id else {"remote_ip_prefix": rule.cidr}

        def create() -> Any:
            try:
                return self._sdk.network.create_security_group_rule(
                    security_group_id=group_id,
                    direction="ingress",
                    ether_type="IPv4",
                    protocol=rule.protocol.value,
                    **given,
                    **source,
                )
            except sdk_errors.ConflictException as error:
                if "already exists" not in str(error):  # 409 is the answer to a full quota, too
                    raise
                return None

        with told_by(self._label, f"security group rule {rule.protocol}/{rule.port}"):
            # A rule that is there already is refused as such: asking again is as good as looking.
            make(create, lambda: None, what="security group rule", on_remark=self._on_remark)

    def create_port(self, name: str, *, network_id: str, group_ids: tuple[str, ...], description: str) -> PortStatus:
        network = self._sdk.network

        def create() -> Any:
            return network.create_port(
                name=name, network_id=network_id, security_groups=list(group_ids), description=description
            )

        def look() -> Any:
            return next(iter(network.ports(name=name, project_id=self._project_id)), None)

        with told_by(self._label, f"create port {name}"):
            port = make(create, look, what=f"port {name}", on_remark=self._on_remark)
        return PortStatus(id=port.id, name=name, fixed_ip=listing.first_ipv4(port.fixed_ips), mac=port.mac_address)

    def create_floating_ip(self, *, external_network_id: str, port_id: str | None, description: str) -> Resource:
        network = self._sdk.network
        given = {"port_id": port_id} if port_id else {}

        def create() -> Any:
            return network.create_ip(floating_network_id=external_network_id, description=description, **given)

        def look() -> Any:
            ours = network.ips(project_id=self._project_id)
            return next((ip for ip in ours if ip.description == description), None)

        with told_by(self._label, "create floating ip"):
            made = make(create, look, what="floating ip", on_remark=self._on_remark)
        return Resource(kind=Kind.FLOATING_IP, id=made.id, name=made.floating_ip_address)

    def assign_floating_ip(self, floating_ip_id: str, *, port_id: str | None) -> None:
        with told_by(self._label, "assign floating ip"):
            self._sdk.network.update_ip(floating_ip_id, port_id=port_id)

    def create_volume(
        self, name: str, *, size_gib: GiB, volume_type: str | None, zone: str | None, description: str
    ) -> Resource:
        given = {key: value for key, value in (("volume_type", volume_type), ("availability_zone", zone)) if value}

        def create() -> Any:
            return self._sdk.block_storage.create_volume(name=name, size=size_gib, description=description, **given)

        return self._make(Kind.VOLUME, name, create)

    def create_server(self, spec: ServerSpec) -> Resource:
        return self._make(Kind.SERVER, spec.name, lambda: self._sdk.compute.create_server(**server_request(spec)))

    def _make(self, kind: Kind, name: str, create: Callable[[], Any]) -> Resource:
        def look() -> Resource | None:
            return next((item for item in self._found(kind, name) if item.name == name), None)

        with told_by(self._label, f"create {kind} {name}"):
            made = make(create, look, what=f"{kind} {name}", on_remark=self._on_remark)
        return Resource(kind=kind, id=made.id, name=name)

    # Looking

    def servers(self, name_prefix: str) -> tuple[ServerStatus, ...]:
        with told_by(self._label, "list servers"):
            return listing.servers(self._sdk, name_prefix)

    def volumes(self, name_prefix: str) -> tuple[VolumeStatus, ...]:
        with told_by(self._label, "list volumes"):
            return listing.volumes(self._sdk, name_prefix)

    def server(self, server_id: str) -> ServerStatus | None:
        with told_by(self._label, f"show server {server_id}"):
            try:
                return listing.server_status(self._sdk.compute.get_server(server_id))
            except sdk_errors.NotFoundException:
                return None

    def find(self, kind: Kind, name_prefix: str) -> tuple[Resource, ...]:
        with told_by(self._label, f"list {kind}s"):
            return self._found(kind, name_prefix)

    def count(self, kind: Kind) -> int:
        return len(self.find(kind, ""))

    def console_log(self, server_id: str, *, lines: int | None = None) -> str:
        with told_by(self._label, f"console log of {server_id}"):
            answer = self._sdk.compute.get_server_console_output(server_id, length=lines)
        return str(answer.get("output") or "")

    def _found(self, kind: Kind, name_prefix: str) -> tuple[Resource, ...]:
        return tuple(listing.resources(self._sdk, self._project_id, kind, name_prefix))

    def _router_ports(self, router_id: str, subnet_id: str | None = None) -> tuple[Any, ...]:
        """The router's legs on our subnets, the gateway's not among them."""
        ports = self._sdk.network.ports(device_id=router_id, project_id=self._project_id)
        return tuple(port for port in ports if any(subnet_id in (None, ip["subnet_id"]) for ip in port.fixed_ips or ()))

    # Changes

    def attach_volume(self, server_id: str, *, volume_id: str) -> str | None:
        compute = self._sdk.compute

        def look() -> Any:
            attached = compute.volume_attachments(server_id)
            return next((item for item in attached if item.volume_id == volume_id), None)

        with told_by(self._label, f"attach volume {volume_id} to {server_id}"):
            attachment = make(
                lambda: compute.create_volume_attachment(server_id, volume=volume_id),
                look,
                what="volume attachment",
                on_remark=self._on_remark,
            )
        return attachment.device or None

    def detach_volume(self, server_id: str, *, volume_id: str) -> None:
        with told_by(self._label, f"detach volume {volume_id} from {server_id}"):
            self._sdk.compute.delete_volume_attachment(server_id, volume_id, ignore_missing=True)

    def stop_server(self, server_id: str) -> None:
        with told_by(self._label, f"stop server {server_id}"):
            self._sdk.compute.stop_server(server_id)

    def start_server(self, server_id: str) -> None:
        with told_by(self._label, f"start server {server_id}"):
            self._sdk.compute.start_server(server_id)

    def reboot_server(self, server_id: str, *, hard: bool) -> None:
        with told_by(self._label, f"reboot server {server_id}"):
            self._sdk.compute.reboot_server(server_id, "HARD" if hard else "SOFT")

    def delete(self, resource: Resource) -> None:
        with told_by(self._label, f"delete {resource.kind} {resource.name}"):
            self._delete(resource)

    def _delete(self, resource: Resource) -> None:
        compute, network, identity = self._sdk.compute, self._sdk.network, resource.id
        match resource.kind:
            case Kind.FLOATING_IP:
                network.delete_ip(identity)
            case Kind.SERVER:
                compute.delete_server(identity)
            case Kind.VOLUME:
                self._sdk.block_storage.delete_volume(identity)
            case Kind.PORT:
                network.delete_port(identity)
            case Kind.ROUTER:
                self._delete_router(identity)
            case Kind.SUBNET:
                network.delete_subnet(identity)
            case Kind.NETWORK:
                network.delete_network(identity)
            case Kind.SECURITY_GROUP:
                network.delete_security_group(identity)
            case Kind.KEY_PAIR:
                compute.delete_keypair(resource.name)
            case _:
                assert_never(resource.kind)

    def _delete_router(self, router_id: str) -> None:
        for port in self._router_ports(router_id):
            try:
                self._sdk.network.remove_interface_from_router(router_id, None, port.id)
            except sdk_errors.NotFoundException:
                continue
        self._sdk.network.delete_router(router_id)

    def api_calls(self) -> tuple[tuple[tuple[str, int], ...], int]:
        return self._tally.read()

    def close(self) -> None:
        self._sdk.close()
        self._sdk.session.session.close()
