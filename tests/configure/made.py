"""A deployment of the three-tier workload, as the deploy stage gives it."""

from portability.model.deployment import AttachedVolume, Deployment, ServerInfo

VOLUME = AttachedVolume(name="data", volume_id="0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9", api_device="/dev/vdb")


def server(
    role: str, fixed_ip: str, *, access_ip: str | None = None, volumes: tuple[AttachedVolume, ...] = ()
) -> ServerInfo:
    return ServerInfo(
        id=f"id-{role}",
        name=f"pb-run1a-{role}",
        role=role,
        tier=role.split("-")[0],
        fixed_ip=fixed_ip,
        access_ip=access_ip,
        port_id=f"port-{role}",
        flavor="small",
        volumes=volumes,
    )


def deployment(*, is_direct: bool = False) -> Deployment:
    def reached(address: str) -> str | None:
        return address if is_direct else None

    return Deployment(
        cloud="here",
        servers=(
            server("edge-0", "10.0.0.10", access_ip="203.0.113.7"),
            server("app-0", "10.0.0.20", access_ip=reached("10.0.0.20")),
            server("app-1", "10.0.0.21", access_ip=reached("10.0.0.21")),
            server("db-0", "10.0.0.30", access_ip=reached("10.0.0.30"), volumes=(VOLUME,)),
        ),
        entry="edge-0",
        application_url="http://203.0.113.7:80",
        user="debian",
        private_key="/runs/r1/key",
        network_id="n",
        security_groups=(),
    )
