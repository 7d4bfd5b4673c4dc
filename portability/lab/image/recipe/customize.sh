#!/bin/sh
# Turns a fresh root file system ($1) into a guest image. Runs once, when the image is built.
set -eu
root=$1

echo debian > "$root/etc/hostname"
printf '127.0.0.1 localhost\n127.0.1.1 debian\n::1 localhost ip6-localhost ip6-loopback\n' > "$root/etc/hosts"
: > "$root/etc/fstab"
echo 'LANG=C.UTF-8' > "$root/etc/default/locale"
# Each server makes its own.
: > "$root/etc/machine-id"
rm -f "$root"/etc/ssh/ssh_host_* "$root/var/lib/dbus/machine-id"
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"

# ds-identify doubts what it cannot see in DMI; the list in cloud.cfg is all there is to know.
cp "$(dirname "$0")/cloud.cfg" "$root/etc/cloud/cloud.cfg"
echo 'policy: enabled' > "$root/etc/cloud/ds-identify.cfg"
rm -f "$root"/etc/cloud/cloud.cfg.d/90_dpkg.cfg

# Every login would else wait for the reverse name of the client.
mkdir -p "$root/etc/ssh/sshd_config.d"
echo 'UseDNS no' > "$root/etc/ssh/sshd_config.d/10-image.conf"
# cloud-init asks for names that do not exist to learn how the resolver lies; by multicast each takes a second.
mkdir -p "$root/etc/systemd/resolved.conf.d"
printf '[Resolve]\nLLMNR=no\nMulticastDNS=no\n' > "$root/etc/systemd/resolved.conf.d/10-image.conf"
# Nothing of the journal is worth a write to disk in a server that lives for minutes.
mkdir -p "$root/etc/systemd/journald.conf.d"
printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n' > "$root/etc/systemd/journald.conf.d/10-image.conf"

# Debian's own settings for PostgreSQL clusters made later, all but the one.
pg=$root/etc/postgresql-common/createcluster.conf
if [ -e "$root/usr/share/postgresql-common/createcluster.conf" ]; then
    sed 's/^#\? *create_main_cluster.*/create_main_cluster = false/' \
        "$root/usr/share/postgresql-common/createcluster.conf" > "$pg"
    grep -q '^create_main_cluster = false' "$pg"
    rm -f "$pg".ucf-*
fi

for unit in haproxy postgresql iperf3; do
    chroot "$root" systemctl disable "$unit" || true
done
chroot "$root" systemctl enable systemd-networkd systemd-resolved ssh
# What costs boot time and does nothing in a container, or nothing in a server without a way out.
chroot "$root" systemctl mask \
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service \
    fstrim.timer xfs_scrub_all.timer man-db.timer \
    systemd-networkd-wait-online.service systemd-timesyncd.service systemd-pstore.service systemd-binfmt.service \
    systemd-network-generator.service systemd-machine-id-commit.service systemd-update-utmp.service \
    systemd-update-utmp-runlevel.service systemd-sysusers.service systemd-firstboot.service \
    dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount \
    sys-fs-fuse-connections.mount proc-sys-fs-binfmt_misc.automount kmod-static-nodes.service \
    cloud-init-hotplugd.socket getty@tty1.service getty-static.service ifupdown-pre.service networking.service || true

# Left by the build.
rm -f "$root"/etc/dpkg/dpkg.cfg.d/99mmdebstrap "$root"/etc/apt/apt.conf.d/99mmdebstrap
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/var/log/*.log
mkdir -p "$root/var/lib/apt/lists/partial"
# Compiled once here instead of at the first start of every server.
chroot "$root" python3 -m compileall -q /usr/lib/python3 /usr/lib/python3.* > /dev/null 2>&1 || true
