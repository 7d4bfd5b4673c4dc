#!/bin/sh
# mount-volume.sh ID MOUNTPOINT: the volume with this id, mounted by the UUID of its file system, which is made once.
# Prints "changed" when it did something. Goes by the id that the hypervisor gives to the guest as the disk's serial
# number, under every name that buses make of it: the order of devices and their names are nobody's promise.
set -eu
id=$1 mountpoint=$2
# A virtio disk's serial number ends after 20 characters (virtio 1.2, 5.2.6: VIRTIO_BLK_T_GET_ID).
prefix=$(printf '%.20s' "$id")
bare=$(printf '%s' "$id" | tr -d - | cut -c 1-20)

devices() {
    for link in /dev/disk/by-id/*"$prefix"* /dev/disk/by-id/*"$bare"*; do
        case $link in *-part[0-9]*) continue ;; esac
        # A link may outlive its device for a moment.
        if [ -b "$link" ]; then readlink -f "$link"; fi
    done | sort -u
}

tries=0
until device=$(devices) && [ -n "$device" ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 120 ]; then
        echo "no disk carries the id $id; /dev/disk/by-id has: $(ls /dev/disk/by-id 2>/dev/null | tr '\n' ' ')" >&2
        exit 1
    fi
    sleep 0.5
done
if [ "$(printf '%s\n' "$device" | wc -l)" -ne 1 ]; then
    echo "several disks carry the id $id: $(echo $device)" >&2
    exit 1
fi

if ! type=$(blkid -p -o value -s TYPE "$device"); then
    # blkid ends with 2 both for an empty disk and for one it cannot tell; only one that begins with zeros is empty.
    if [ -n "$(blkid -p -o value -s PTTYPE "$device" || true)" ] ||
        ! head -c 1048576 "$device" | cmp -s -n 1048576 - /dev/zero; then
        echo "$device (volume $id) holds something that is no file system: it is not touched" >&2
        exit 1
    fi
    mkfs.ext4 -q "$device"
    type=ext4
    echo changed
fi

uuid=$(blkid -p -o value -s UUID "$device")
# nofail: a server whose volume is away still boots and can be asked why.
line="UUID=$uuid $mountpoint $type defaults,nofail,x-systemd.device-timeout=30s 0 2"
if ! grep -qxF "$line" /etc/fstab; then
    { awk -v at="$mountpoint" '$2 != at' /etc/fstab; printf '%s\n' "$line"; } > /etc/fstab.new
    mv /etc/fstab.new /etc/fstab
    systemctl daemon-reload
    echo changed
fi
if ! mountpoint -q "$mountpoint"; then
    mkdir -p "$mountpoint"
    mount "$mountpoint"
    echo changed
fi
