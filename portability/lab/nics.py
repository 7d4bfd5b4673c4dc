"""Turns what the owner of a server asked for into ports, and gives them back when the server goes."""

from dataclasses import replace

from portability.lab.state.addresses import add_port, release
from portability.lab.state.compute import Nic, Server
from portability.lab.state.identity import now
from portability.lab.state.network import Network, Port, missing
from portability.lab.state.security import default_group
from portability.lab.state.store import Store


class Nics:
    """The ports of all servers of one cloud."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def make(self, server: Server) -> Server:
        """The server with a bound port for every NIC that was asked for; what is there already stays.

        Raises:
            Fault: a network or port went meanwhile, or has no address left.
        """
        with self._store.change():
            groups = server.security_groups or (default_group(self._store, server.project_id).id,)
            nics = tuple(
                self._make(server, nic, groups) if nic.port_id is None else self._bind(server, nic)
                for nic in server.nics
            )
            return self._store.put(replace(server, nics=nics))

    def _make(self, server: Server, nic: Nic, groups: tuple[str, ...]) -> Nic:
        network = self._store.get(Network, nic.network_id)
        if network is None:
            raise missing(Network, nic.network_id)
        port = add_port(
            self._store,
            network,
            project_id=server.project_id,
            asked=((None, nic.fixed_ip),) if nic.fixed_ip else None,
            device_id=server.id,
            device_owner=f"compute:{server.zone}",
            security_groups=groups if network.port_security else (),
            port_security=network.port_security,
        )
        return Nic(port_id=port.id, network_id=network.id, is_ours=True)

    def _bind(self, server: Server, nic: Nic) -> Nic:
        port = self._store.get(Port, nic.port_id)
        if port is None:
            raise missing(Port, nic.port_id)
        owner = f"compute:{server.zone}"
        self._store.put(replace(port, device_id=server.id, device_owner=owner, updated_at=now()))
        return nic

    def are_up(self, ports: tuple[Port, ...]) -> None:
        """The ports, as far as they are still there, become ACTIVE."""
        with self._store.change():
            for port in ports:
                current = self._store.get(Port, port.id)
                if current is not None:
                    self._store.put(replace(current, status="ACTIVE"))

    def free(self, server: Server) -> None:
        """Ports that were made for the server go; ports that were given stay, bound to nothing."""
        ours = {nic.port_id for nic in server.nics if nic.is_ours}
        for port in self._store.all(Port):
            if port.device_id != server.id:
                continue
            if port.id in ours:
                release(self._store, port)
                self._store.remove(port)
            else:
                self._store.put(replace(port, device_id="", device_owner="", status="DOWN", updated_at=now()))
