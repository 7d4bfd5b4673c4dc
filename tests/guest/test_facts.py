"""Facts out of what real servers printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portability.errors import GuestError
from portability.guest.boot import Now, boot_report
from portability.guest.facts import ClockOffset, collect
from portability.guest.local import LocalShell
from portability.guest.metadata import link_mtus, parse_metadata, vendor_data_kind
from portability.guest.parse import parse_facts, sections, without_secrets
from portability.guest.shell import CommandResult
from tests.guest.recorded import MARK, facts, text


@pytest.mark.parametrize("cloud", ["onprem", "public"])
def test_a_server_tells_its_system_name_and_boot(cloud: str) -> None:
    told = facts(cloud)
    assert told.distro == "debian 12"
    assert told.fqdn == f"{told.hostname}.novalocal"
    assert told.users == ("debian",)
    assert told.libc == "glibc 2.36"
    assert dict(told.collation).keys() == {"C.UTF-8"}
    assert (told.boot.status, told.boot.datasource, told.boot.errors) == ("done", "ConfigDrive", ())
    assert told.is_container


def test_each_cloud_has_its_own_network_and_disks() -> None:
    onprem, public = facts("onprem"), facts("public")
    assert onprem.nic is not None
    assert public.nic is not None
    assert (onprem.nic.mtu, public.nic.mtu) == (1450, 1400)
    assert public.nic.addresses == ("10.214.32.30/24",)
    assert public.resolvers == ("10.214.32.21",)
    assert [disk.node for disk in onprem.disks][-1] == "/dev/sr0"
    assert any(name.startswith("virtio-") for name, _ in onprem.by_id)
    assert any(name.startswith("scsi-0QEMU_QEMU_HARDDISK_") for name, _ in public.by_id)


@pytest.mark.parametrize(("cloud", "mtu"), [("onprem", 1450), ("public", 1400)])
def test_the_config_drive_is_read(cloud: str, mtu: int) -> None:
    told = facts(cloud)
    assert told.drive is not None
    assert told.drive.metadata is not None
    assert told.nic is not None
    assert told.drive.metadata.name == told.hostname
    assert dict(told.drive.link_mtus) == {told.nic.mac: mtu}
    assert "latest" in told.drive.versions
    assert told.drive.vendor_data == "empty"


def test_the_clock_lies_between_what_sending_and_receiving_allow() -> None:
    clock = facts("public").clock
    assert clock.low == pytest.approx(0.5)
    assert clock.high == pytest.approx(0.5)


def test_boot_spans_are_in_order_and_a_container_has_no_kernel_of_its_own() -> None:
    names = [name for name, _, _ in facts("public").boot.spans]
    assert names == [
        "systemd",
        "cloud-init local",
        "cloud-init network",
        "sshd",
        "cloud-init config",
        "cloud-init final",
    ]


def test_a_virtual_machine_starts_with_its_kernel() -> None:
    manager = "UserspaceTimestampMonotonic=4000000\nFinishTimestampMonotonic=30000000\nKernelTimestampMonotonic=0\n"
    now = Now(wall=1000.0, uptime=100.0)
    report = boot_report(status="", version="", units="", manager=manager, now=now, is_container=False)
    assert report.spans == (("kernel", 900.0, 904.0), ("systemd", 904.0, 930.0))
    assert report.status == "none"


@pytest.mark.parametrize(
    ("stage", "status"),
    [
        ('{"finished": 2.0, "start": 1.0, "errors": []}', "done"),
        ('{"finished": 2.0, "start": 1.0, "errors": ["no"]}', "error"),
        ('{"finished": 2.0, "start": 1.0, "errors": [], "recoverable_errors": {"WARNING": ["x"]}}', "degraded done"),
        ('{"finished": null, "start": 1.0, "errors": []}', "running"),
    ],
)
def test_the_end_of_cloud_init_is_told(stage: str, status: str) -> None:
    document = (
        f'{{"v1": {{"datasource": "DataSourceOpenStackLocal [net,ver=2]", "stage": null, "modules-final": {stage}}}}}'
    )
    report = boot_report(
        status=document, version="cloud-init 22.4.2", units="", manager="", now=Now(wall=0, uptime=0), is_container=True
    )
    assert (report.status, report.datasource, report.version) == (status, "OpenStack", "22.4.2")


def test_an_output_that_ends_early_is_no_facts() -> None:
    whole = text("onprem")
    with pytest.raises(ValueError, match="ends early"):
        parse_facts(whole[: len(whole) // 2], mark=MARK, sent=0, received=0)


def test_this_machine_tells_its_facts() -> None:
    collected = collect(LocalShell())
    assert collected.facts.kernel
    assert collected.facts.memory_kib
    assert abs(collected.facts.clock.middle) < 5
    assert collected.facts.clock.low <= collected.facts.clock.high
    assert "== kernel" in collected.evidence


class BrokenShell:
    name = "db-0"

    def run(self, script: str, **_: object) -> CommandResult:
        return CommandResult(status=127, stdout="", stderr="sh: not found", seconds=0.0)

    def close(self) -> None:
        pass


def test_a_server_that_prints_something_else_is_an_error_of_that_server() -> None:
    with pytest.raises(GuestError, match=r"db-0.*ends early.*not found"):
        collect(BrokenShell())


def test_documents_that_may_hold_secrets_are_not_kept() -> None:
    planted = text("public").replace('"uuid"', '"admin_pass": "hunter2", "uuid"')
    planted += f"\n{MARK} vendor_data\npassword: hunter2\n"
    assert "hunter2" in planted
    assert "hunter2" not in without_secrets(planted, mark=MARK)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z_]{1,10}", fullmatch=True), st.from_regex(r"[a-z0-9 =\n]{0,40}", fullmatch=True)
    )
)
def test_sections_come_back_as_they_were_written(wanted: dict[str, str]) -> None:
    printed = "".join(f"\n{MARK} {name}\n{content}\n" for name, content in wanted.items())
    assert sections(printed, mark=MARK) == {name: content.strip() for name, content in wanted.items()}


@given(st.text(max_size=400))
def test_whatever_a_server_prints_is_facts_or_a_value_error(noise: str) -> None:
    with pytest.raises(ValueError, match="ends early"):
        parse_facts(noise, mark=MARK, sent=0, received=0)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ("", "empty"),
        ("{}", "empty"),
        ('{"static": {"a": 1}}', "data only"),
        ('{"cloud-init": "#cloud-config\\nruncmd: [reboot]"}', "cloud-init config"),
        ("#cloud-config\npackages: [agent]", "cloud-init config"),
        ('["#cloud-config"]', "cloud-init config"),
    ],
)
def test_vendor_data_that_acts_is_told_from_data(document: str, kind: str) -> None:
    assert vendor_data_kind(document) == kind


def test_broken_metadata_is_none_and_not_an_error() -> None:
    assert parse_metadata("<html>") is None
    assert parse_metadata("[]") is None
    assert link_mtus("<html>") == ()
    assert link_mtus('{"links": [{"mtu": null, "ethernet_mac_address": "fa:16"}, 7]}') == ()


def test_an_offset_is_told_with_its_uncertainty() -> None:
    clock = ClockOffset(low=-0.2, high=0.4)
    assert (clock.middle, clock.uncertainty) == (pytest.approx(0.1), pytest.approx(0.3))
