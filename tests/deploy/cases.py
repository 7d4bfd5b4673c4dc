"""A small workload and its bindings on a cloud with floating IPs and on one without."""

from dataclasses import replace

from portability.model.plan import AccessModel, Binding, Flavor, Image, Network
from portability.model.workload import (
    Application,
    Flow,
    IPProtocol,
    Needs,
    OperatingSystem,
    Tier,
    VolumeNeed,
    Workload,
)

NEEDS = Needs(vcpus=1, ram_mib=512, disk_gib=5)

WORKLOAD = Workload(
    name="three-tier",
    title="edge, application, database",
    system=OperatingSystem(distro="debian", version="12", user="debian"),
    tiers=(
        Tier(name="edge", count=1, needs=NEEDS, roles=("haproxy",)),
        Tier(name="app", count=2, needs=NEEDS, roles=("webapp",)),
        Tier(name="db", count=1, needs=NEEDS, roles=("postgresql",), volumes=(VolumeNeed(name="data", size_gib=1),)),
    ),
    flows=(
        Flow(source="outside", target="edge", protocol=IPProtocol.TCP, port=80),
        Flow(source="edge", target="app", protocol=IPProtocol.TCP, port=8080),
        Flow(source="app", target="db", protocol=IPProtocol.TCP, port=5432),
    ),
    application=Application(
        entry="edge", port=80, page_path="/", health_path="/health", write_path="/write", truth_path="/truth"
    ),
)

FLAVOR = Flavor(id="f1", name="m1.small", vcpus=1, ram_mib=1024, disk_gib=10)
IMAGE = Image(
    id="i1",
    name="Debian 12",
    distro="debian",
    version="12",
    architecture="x86_64",
    min_disk_gib=2,
    min_ram_mib=0,
    size=700 * 2**20,
    checksum=None,
    user=None,
)

FLOATING = Binding(
    cloud="fake",
    image=IMAGE,
    flavors=(("edge", FLAVOR), ("app", FLAVOR), ("db", FLAVOR)),
    access=AccessModel.FLOATING,
    network=Network(id="ext", name="ext-net", is_external=True, is_shared=False, is_own=False, mtu=1500),
    cidr="10.0.0.0/24",
    user="debian",
    config_drive=True,
    boot_from_volume=(),
    volume_type=None,
    compute_zone=None,
    volume_zone=None,
)

DIRECT = replace(
    FLOATING,
    access=AccessModel.DIRECT,
    network=Network(id="ext", name="Ext-Net", is_external=False, is_shared=True, is_own=False, mtu=1400),
    cidr=None,
)
