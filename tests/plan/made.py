"""Offers and workloads to plan with."""

import dataclasses
from typing import Any

from portability.model.plan import Flavor, Image, Network, Offer, Quota, Subnet, VolumeType
from portability.model.workload import Workload
from portability.plan.load import parse_workload
from portability.plan.marked import parse_marked

WORKLOAD = """\
schema: 1
name: shop
title: A shop
system: {distro: debian, version: "12", user: debian}
tiers:
  web:
    count: 1
    needs: {vcpus: 1, ram_mib: 512, disk_gib: 5}
    roles: [haproxy]
  db:
    count: 2
    needs: {vcpus: 2, ram_mib: 1024, disk_gib: 10}
    roles: [postgresql]
    volumes:
      data: {size_gib: 3}
flows:
  - {from: outside, to: web, port: tcp/80}
  - {from: web, to: db, port: tcp/5432}
application:
  entry: web
  port: 80
  page_path: /
  health_path: /health
  write_path: /write
  truth_path: /truth
"""


def workload() -> Workload:
    return parse_workload(parse_marked(WORKLOAD, file="shop.yaml"))


def flavor(name: str, vcpus: int, ram_mib: int, disk_gib: int) -> Flavor:
    return Flavor(id=f"id-{name}", name=name, vcpus=vcpus, ram_mib=ram_mib, disk_gib=disk_gib)


def image(name: str = "Debian 12", **changes: Any) -> Image:
    made = Image(
        id=f"id-{name}",
        name=name,
        distro="debian",
        version="12",
        architecture="x86_64",
        min_disk_gib=2,
        min_ram_mib=0,
        size=1,
        checksum=None,
        user=None,
    )
    return dataclasses.replace(made, **changes)


def network(name: str, *, cidr: str | None = "203.0.113.0/24", **changes: Any) -> Network:
    subnets = () if cidr is None else (Subnet(id=name, cidr=cidr, ip_version=4, has_dhcp=True, dns_servers=()),)
    made = Network(
        id=f"id-{name}", name=name, is_external=False, is_shared=False, is_own=False, mtu=1500, subnets=subnets
    )
    return dataclasses.replace(made, **changes)


FLAVORS = (
    flavor("big", 4, 8192, 80),
    flavor("small", 1, 1024, 10),
    flavor("medium", 2, 2048, 20),
    flavor("tiny", 1, 512, 5),
)
EXTERNAL = network("ext", is_external=True)
SHARED = network("lan", is_shared=True)


def offer(**changes: Any) -> Offer:
    made = Offer(
        cloud="here",
        services=(),
        flavors=FLAVORS,
        images=(image(),),
        networks=(EXTERNAL,),
        volume_types=(VolumeType(id="1", name="ssd", is_default=True),),
        compute_zones=("nova",),
        volume_zones=("nova",),
        quotas=(),
        network_extensions=("router",),
        compute_microversion="2.93",
    )
    return dataclasses.replace(made, **changes)


def quota(name: str, limit: int, used: int | None = 0) -> Quota:
    return Quota(name=name, limit=limit, used=used)
