"""Two real servers on a real network: what the guest sees is what was promised."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from portability.lab.machine.container import Containers
from portability.lab.machine.protocol import Disk, Power
from portability.lab.plane import namespaces
from portability.lab.plane.linux import LinuxPlane
from portability.lab.topology import AddressPair, Rule
from tests.lab_plane.conftest import PREFIX, Lab
from tests.lab_plane.topologies import FROM_GROUP, OUT, PING, SSH, floating, group, identifier, port

pytestmark = [pytest.mark.lab, pytest.mark.slow]

WEB = Rule(direction="ingress", ethertype="IPv4", protocol="tcp", port_min=9000, port_max=9000)


def can_connect(lab: Lab, number: int, target: str, tcp_port: int) -> bool:
    """Whether a TCP connection is taken or refused by the target itself, not swallowed on the way."""
    probe = f"timeout 1 bash -c '</dev/tcp/{target}/{tcp_port}' 2>&1; echo status $?"
    said = lab.output(number, probe)
    return "status 0" in said or "refused" in said


def eventually(is_so: Callable[[], bool], *, seconds: float = 30) -> None:
    """Look ten times a second until it is so."""
    for _ in range(int(seconds * 10)):
        if is_so():
            return
        threading.Event().wait(0.1)
    pytest.fail(f"not so after {seconds} s")


def test_server_learns_its_name_and_key_from_the_metadata_service(lab: Lab) -> None:
    assert lab.output(0, "cloud-init status --wait").endswith("status: done")
    assert "DataSourceOpenStack" in lab.output(0, "cloud-init status --long")
    assert lab.output(0, "hostname -f") == "web-0.novalocal"


def test_server_learns_its_name_and_user_data_from_the_config_drive(lab: Lab) -> None:
    lab.output(1, "cloud-init status --wait")
    assert "DataSourceConfigDrive" in lab.output(1, "cloud-init status --long")
    assert lab.output(1, "hostname") == "web-1"
    assert lab.output(1, "sudo cat /root/user_data_ran") == "told"
    assert lab.output(1, "sudo blkid -L config-2") == "/dev/sr0"
    assert (
        lab.output(1, "sudo mount -o ro /dev/disk/by-label/config-2 /mnt && ls /mnt/openstack && sudo umount /mnt")
        == "latest"
    )


def test_server_sees_its_own_hardware_and_nothing_of_the_hosts(lab: Lab) -> None:
    assert lab.output(0, "ls /sys/class/net").split() == ["eth0", "lo"]
    assert lab.output(0, "ls /dev | grep -E '^[sv]d|^loop' || true") == "vda"
    assert lab.output(1, "ls /dev | grep -E '^[sv]d|^loop' || true") == "sda"
    assert lab.output(0, "lsblk --nodeps --noheadings --output NAME,SIZE").split() == ["vda", "10G"]
    mounts = lab.output(0, "cat /proc/mounts")
    assert str(lab.folder) not in mounts
    assert "/run/host" not in mounts
    size_gib = int(lab.output(0, "df --output=size -B1 / | tail -1")) / 2**30
    assert 9.5 < size_gib <= 10
    assert float(lab.output(0, "cut -d' ' -f1 /proc/uptime")) < float(Path("/proc/uptime").read_text().split()[0])


def test_lease_brings_address_mtu_resolver_and_the_way_to_metadata(lab: Lab) -> None:
    assert "10.218.0.10/24" in lab.output(0, "ip -4 addr show eth0")
    assert lab.output(0, "cat /sys/class/net/eth0/mtu") == "1450"
    assert "169.254.169.254 via 10.218.0.2" in lab.output(0, "ip route")
    assert lab.output(0, "getent hosts web-1.openstacklocal").split()[0] == "10.218.0.11"


def test_frames_larger_than_the_networks_mtu_do_not_pass(lab: Lab) -> None:
    assert lab.ssh(0, "ping -c1 -W1 -M do -s 1422 10.218.0.11").returncode == 0
    lab.output(0, "sudo ip link set eth0 mtu 1500")
    try:
        assert lab.ssh(0, "ping -c1 -W1 -M do -s 1423 10.218.0.11").returncode == 1
    finally:
        lab.output(0, "sudo ip link set eth0 mtu 1450")


def test_floating_ips_work_from_the_host_a_neighbour_and_the_server_itself(lab: Lab) -> None:
    for address in ("10.219.0.100", "10.219.0.101"):
        assert lab.ssh(0, f"ping -c1 -W1 {address}").returncode == 0
    seen = lab.output(0, "echo $SSH_CONNECTION").split()
    assert (seen[0], seen[2]) == ("10.219.0.2", "10.218.0.10")


def test_floating_ip_that_moves_leads_to_the_new_server_at_once(lab: Lab) -> None:
    assert lab.output(0, "hostname") == "web-0"
    swapped = (replace(floating(0), fixed_ip="10.218.0.11"), replace(floating(1), fixed_ip="10.218.0.10"))
    lab.apply(floating_ips=swapped)
    try:
        assert lab.output(0, "hostname") == "web-1"
    finally:
        lab.apply(floating_ips=(floating(0), floating(1)))
    assert lab.output(0, "hostname") == "web-0"


def test_security_group_closes_and_opens_a_port_while_the_server_runs(lab: Lab) -> None:
    assert not can_connect(lab, 0, "10.218.0.11", 9000)
    lab.apply(security_groups=(group(OUT, SSH, PING, FROM_GROUP, WEB),))
    assert can_connect(lab, 0, "10.218.0.11", 9000)
    lab.apply(security_groups=(group(OUT, SSH, PING, FROM_GROUP),))
    assert not can_connect(lab, 0, "10.218.0.11", 9000)


def test_rule_for_a_group_lets_its_members_in_and_no_one_else(lab: Lab) -> None:
    assert can_connect(lab, 0, "10.218.0.11", 8005)
    assert not can_connect(lab, 0, "10.218.0.11", 8011)
    # From the host, through the floating IP: not a member.
    done = subprocess.run(
        ["timeout", "1", "bash", "-c", "</dev/tcp/10.219.0.101/8005"], capture_output=True, check=False
    )
    assert done.returncode == 124


def test_without_egress_rules_nothing_but_dhcp_gets_out(lab: Lab) -> None:
    lab.apply(security_groups=(group(SSH, PING, FROM_GROUP),))
    try:
        assert lab.ssh(0, "ping -c1 -W1 10.218.0.11").returncode == 1
        assert lab.ssh(0, "curl -s -m1 http://169.254.169.254/").returncode == 28
        assert (
            lab.ssh(
                0,
                "sudo timeout 5 dhclient -1 -sf /bin/true -lf /tmp/l -pf /tmp/pid eth0; grep 10.218.0.10 /tmp/l",
            ).returncode
            == 0
        )
        lab.ssh(0, "sudo kill $(cat /tmp/pid)")
    finally:
        lab.apply(security_groups=(group(OUT, SSH, PING, FROM_GROUP),))


def test_server_cannot_send_under_an_address_that_is_not_its_own(lab: Lab) -> None:
    lab.output(0, "sudo ip addr add 10.218.0.77/24 dev eth0")
    try:
        assert lab.ssh(0, "ping -c1 -W1 -I 10.218.0.77 10.218.0.11").returncode == 1
        allowed = replace(port(0), address_pairs=(AddressPair(cidr="10.218.0.77/32"),))
        lab.apply(ports=(allowed, port(1)))
        assert lab.ssh(0, "ping -c1 -W1 -I 10.218.0.77 10.218.0.11").returncode == 0
        lab.apply(ports=(port(0), port(1)))
        assert lab.ssh(0, "ping -c1 -W1 -I 10.218.0.77 10.218.0.11").returncode == 1
        lab.apply(ports=(replace(port(0), port_security=False, security_groups=()), port(1)))
        assert lab.ssh(0, "ping -c1 -W1 -I 10.218.0.77 10.218.0.11").returncode == 0
    finally:
        lab.output(0, "sudo ip addr del 10.218.0.77/24 dev eth0")
        lab.apply(ports=(port(0), port(1)))


@pytest.mark.parametrize(
    ("number", "device", "link"), [(0, "/dev/vdb", "virtio-{:.20}"), (1, "/dev/sdb", "scsi-0QEMU_QEMU_HARDDISK_{}")]
)
def test_volume_comes_and_goes_while_the_server_runs(lab: Lab, number: int, device: str, link: str) -> None:
    volume = identifier(f"volume-{number}")
    backing = lab.folder / volume
    with backing.open("wb") as file:
        file.truncate(64 << 20)
    disk = lab.machines.attach(lab.server(number), Disk(volume_id=volume, backing=backing))
    by_id = f"/dev/disk/by-id/{link.format(volume)}"
    assert disk.device == device
    assert lab.output(number, f"readlink -f {by_id}") == device
    listed = lab.output(number, "lsblk --nodeps --noheadings --output NAME,SIZE").splitlines()
    assert [line.split() for line in listed if line.split()[0] == device.removeprefix("/dev/")] == [[device[5:], "64M"]]
    assert lab.output(number, f"sudo blockdev --getsize64 {device}") == str(64 << 20)
    lab.output(
        number,
        f"sudo mkfs.ext4 -q {by_id} && sudo mount {by_id} /mnt && echo kept | sudo tee /mnt/file && sudo umount /mnt",
    )
    lab.machines.detach(lab.server(number), volume)
    assert lab.output(number, f"ls {device} {by_id} 2>&1 | grep -c 'No such file'") == "2"
    assert str(backing) not in subprocess.run(["losetup", "--list"], capture_output=True, text=True, check=True).stdout
    # What was written is in the file, for the next server.
    lab.machines.attach(lab.server(1 - number), Disk(volume_id=volume, backing=backing))
    assert lab.output(1 - number, "sudo mount /dev/[sv]db /mnt && cat /mnt/file && sudo umount /mnt") == "kept"
    lab.machines.detach(lab.server(1 - number), volume)


def test_reboot_from_inside_keeps_disk_volumes_and_console(lab: Lab) -> None:
    volume, backing = identifier("volume-reboot"), lab.folder / "volume-reboot"
    backing.write_bytes(bytes(1 << 20))
    lab.machines.attach(lab.server(0), Disk(volume_id=volume, backing=backing))
    before = lab.output(0, "cat /proc/sys/kernel/random/boot_id; sudo touch /root/here")
    lab.ssh(0, "sudo reboot")
    boot_id = "cat /proc/sys/kernel/random/boot_id"
    eventually(lambda: (after := lab.ssh(0, boot_id)).returncode == 0 and after.stdout.strip() != before)
    assert (
        lab.output(0, "sudo ls /root/here; ls /dev/vdb; ls /dev/disk/by-id")
        == f"/root/here\n/dev/vdb\nvirtio-{volume[:20]}"
    )
    assert lab.machines.console(lab.server(0), lines=None).count("Welcome to") == 2
    lab.machines.detach(lab.server(0), volume)
    assert lab.gone == []


def test_console_has_what_the_guest_says_and_its_host_key(lab: Lab) -> None:
    lab.output(1, "cloud-init status --wait")
    eventually(lambda: "END SSH HOST KEY KEYS" in lab.machines.console(lab.server(1), lines=None))
    text = lab.machines.console(lab.server(1), lines=None)
    assert "from-user-data" in text
    assert lab.output(1, "cut -d' ' -f2 /etc/ssh/ssh_host_ed25519_key.pub") in text
    lab.output(1, "echo marker | sudo tee /dev/console")
    eventually(lambda: "marker" in lab.machines.console(lab.server(1), lines=10))


def test_paused_server_is_silent_and_goes_on(lab: Lab) -> None:
    lab.machines.pause(lab.server(1))
    state = lab.machines.state(lab.server(1))
    assert state is not None
    assert state.power is Power.PAUSED
    assert lab.ssh(1, "true").returncode != 0
    lab.machines.unpause(lab.server(1))
    lab.wait_for_ssh(1)


def test_new_caller_finds_what_runs(lab: Lab) -> None:
    machines = Containers(PREFIX, lab.folder / "machines")
    state = machines.state(lab.server(0))
    assert state is not None
    assert state.power is Power.RUNNING
    plane = LinuxPlane(PREFIX, lab.folder / "plane")
    before = lab.output(0, "cat /proc/sys/kernel/random/boot_id")
    plane.apply(lab.topology)
    assert plane.port_namespace(identifier("port-0")) == namespaces.path(f"{PREFIX}.s.{lab.server(0)}")
    assert lab.output(0, "cat /proc/sys/kernel/random/boot_id") == before


def test_second_network_card_can_be_plugged_while_the_server_runs(lab: Lab) -> None:
    extra = port(5)
    lab.apply(ports=(port(0), port(1), extra))
    lab.plane.join(lab.server(0), (identifier("port-0"), extra.id))
    assert lab.output(0, "cat /sys/class/net/eth1/address") == extra.mac
    lab.plane.join(lab.server(0), (identifier("port-0"),))
    lab.apply(ports=(port(0), port(1)))
    assert lab.output(0, "ls /sys/class/net").split() == ["eth0", "lo"]


def test_power_off_from_inside_is_noticed_and_the_server_starts_again(lab: Lab) -> None:
    lab.ssh(1, "sudo poweroff")
    eventually(lambda: bool(lab.gone))
    assert lab.gone == [lab.server(1)]
    state = lab.machines.state(lab.server(1))
    assert state is not None
    assert state.power is Power.SHUTDOWN
    lab.machines.start(lab.server(1))
    lab.wait_for_ssh(1)
    lab.machines.stop(lab.server(1), grace=20)
    assert "Reached target" in lab.machines.console(lab.server(1), lines=30)
    lab.machines.start(lab.server(1))
    lab.wait_for_ssh(1)
    assert lab.gone == [lab.server(1)]


def test_tear_down_leaves_nothing_even_after_its_helpers_were_killed(lab: Lab) -> None:
    supervisor = int((lab.folder / "machines" / lab.server(0) / "supervisor").read_text().split()[0])
    groups = [
        Path(f"/sys/fs/cgroup/{line.split(':')[1].removeprefix('name=')}{line.split(':')[2]}")
        for line in Path(f"/proc/{supervisor}/cgroup").read_text().splitlines()
        if "portability" in line
    ]
    groups = [path for path in groups if path.exists()]
    assert groups
    os.kill(supervisor, signal.SIGKILL)
    Containers(PREFIX, lab.folder / "machines").tear_down()
    LinuxPlane(PREFIX, lab.folder / "plane").tear_down()
    assert [name for name in namespaces.names() if name.startswith(PREFIX)] == []
    for text in (
        subprocess.run(["losetup", "--list"], capture_output=True, text=True, check=True).stdout,
        Path("/proc/mounts").read_text(),
        subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout,
    ):
        assert str(lab.folder / "machines") not in text
        assert str(lab.folder / "plane") not in text
    assert [path for path in groups if path.exists()] == []
    assert not (lab.folder / "machines").exists()
    assert not (lab.folder / "plane").exists()
