"""Behaviours that a server's facts tell, read from what real servers printed."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portability.behaviours.boot.cloudinit import datasource, status
from portability.behaviours.boot.root_disk import size_grow
from portability.behaviours.catalogue import probes
from portability.behaviours.guest.cpu import x86_level
from portability.behaviours.guest.entropy import entropy, source
from portability.behaviours.guest.memory import real
from portability.behaviours.guest.nic import model
from portability.behaviours.meta.config_drive import config_drive
from portability.behaviours.meta.hostname import fqdn, short_name
from portability.behaviours.net.mtu import interface, promised_mtu
from portability.behaviours.probes import Reading
from portability.behaviours.views import ServerFacts
from portability.model.observation import Measured, Unknown
from tests.behaviours.made import binding, outcomes, read, server, server_facts, with_facts
from tests.guest.recorded import facts

OF_FACTS = [probe for probe in probes() if probe.view is ServerFacts]


def by_behaviour(cloud: str) -> dict[str, Reading]:
    told = server_facts(cloud)
    return {reading.behaviour: reading for probe in OF_FACTS for reading in read(probe, told)}


@pytest.mark.parametrize("cloud", ["onprem", "public"])
def test_each_gives_one_known_reading_of_a_real_server(cloud: str) -> None:
    for probe in OF_FACTS:
        readings = read(probe, server_facts(cloud))
        assert {reading.behaviour for reading in readings} == {found.id for found in probe.behaviours}
        for reading in readings:
            assert isinstance(reading.outcome, Measured), reading
            assert reading.subject == "db-0"


def test_servers_of_two_clouds_on_one_host_differ_in_their_packets_only() -> None:
    onprem, public = by_behaviour("onprem"), by_behaviour("public")
    different = {name for name in onprem if onprem[name].outcome != public[name].outcome}
    assert different == {"net.mtu.interface"}


def test_values_carry_no_ids_addresses_or_names_of_servers() -> None:
    for cloud in ("onprem", "public"):
        told = facts(cloud)
        for reading in by_behaviour(cloud).values():
            text = str(reading.outcome)
            assert told.hostname not in text, reading
            assert "10.214." not in text, reading


def test_a_boot_that_went_wrong_is_told() -> None:
    boot = facts("onprem").boot
    broken = with_facts(boot=dataclasses.replace(boot, status="error", errors=("runcmd failed",)))
    assert outcomes(status, broken) == {"boot.cloudinit_status": "error"}
    absent = with_facts(boot=dataclasses.replace(boot, status="none", datasource=""))
    assert isinstance(outcomes(status, absent)["boot.cloudinit_status"], Unknown)
    assert isinstance(outcomes(datasource, absent)["boot.datasource"], Unknown)


def test_a_drive_that_was_asked_for_is_missed() -> None:
    assert outcomes(config_drive, with_facts(drive=None)) == {"meta.config_drive": "missing"}
    not_asked = server_facts(binding=binding(config_drive=False))
    assert isinstance(outcomes(config_drive, not_asked)["meta.config_drive"], Unknown)
    drive = facts("onprem").drive
    assert drive is not None
    empty = dataclasses.replace(drive, metadata=None, versions=())
    assert outcomes(config_drive, with_facts(drive=empty)) == {"meta.config_drive": "unreadable"}


def test_a_server_by_another_name_is_noticed() -> None:
    assert outcomes(short_name, server_facts()) == {"meta.hostname_short": True}
    assert outcomes(short_name, server_facts(server=server("db-0"))) == {"meta.hostname_short": False}
    assert outcomes(fqdn, with_facts(fqdn="db")) == {"meta.hostname_fqdn": "none"}


def test_a_root_disk_that_was_not_grown_is_noticed() -> None:
    assert outcomes(size_grow, with_facts(root_size=2 << 30)) == {"boot.root_disk.size_grow": False}
    assert outcomes(size_grow, with_facts(root_size=int(4.7 * (1 << 30)))) == {"boot.root_disk.size_grow": True}
    assert isinstance(outcomes(size_grow, with_facts(root_size=None))["boot.root_disk.size_grow"], Unknown)


def test_memory_below_the_flavor_is_noticed() -> None:
    assert outcomes(real, with_facts(memory_kib=400 * 1024)) == {"guest.mem.real": False}
    # A virtual machine of 512 MiB shows some 460.
    assert outcomes(real, with_facts(memory_kib=460 * 1024)) == {"guest.mem.real": True}


def test_the_kernels_numbers_are_not_part_of_a_fact() -> None:
    assert outcomes(source, with_facts(hwrng="virtio_rng.3")) == outcomes(source, with_facts(hwrng="virtio_rng.0"))
    assert outcomes(entropy, with_facts(entropy=60)) == {"guest.entropy": "low"}


def test_a_server_without_a_way_out_has_no_interface_to_speak_of() -> None:
    lost = with_facts(interfaces=(), default_interface="")
    assert isinstance(outcomes(interface, lost)["net.mtu.interface"], Unknown)
    assert isinstance(outcomes(model, lost)["guest.nic_model_offload"], Unknown)


def test_the_networks_mtu_comes_from_the_api_or_from_nova() -> None:
    assert promised_mtu(server_facts(network_mtu=1500)) == 1500
    assert promised_mtu(server_facts("public")) == 1400
    assert promised_mtu(with_facts(drive=None)) is None


_V1 = ("cmov", "cx8", "fpu", "fxsr", "mmx", "syscall", "sse", "sse2")
_V2 = ("cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3")


@given(st.permutations([*_V1, *_V2, "avx"]))
def test_the_level_of_a_processor_does_not_depend_on_the_order(flags: list[str]) -> None:
    assert x86_level(tuple(flags)) == 2
    assert x86_level(tuple(flag for flag in flags if flag != "popcnt")) == 1
    assert x86_level(tuple(flag for flag in flags if flag != "sse2")) is None
