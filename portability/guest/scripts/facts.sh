# Prints everything static about this server, section by section. POSIX sh, an ordinary user with `sudo -n`.
# A section begins with a line "$MARK name"; MARK is chosen by the caller, so that no output can look like one.
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
section() { printf '\n%s %s\n' "$MARK" "$1"; }
show() { head -c 65536 "$1" 2>/dev/null; }

section clock_begin; date +%s.%N
section uptime; cat /proc/uptime
section hostname; hostname
section fqdn; hostname -f 2>/dev/null
section kernel; uname -r
section machine; uname -m
section os_release; show /etc/os-release
section virtualisation; systemd-detect-virt 2>/dev/null
section cpu; grep -m1 '^model name' /proc/cpuinfo; grep -m1 '^flags' /proc/cpuinfo; grep -c '^processor' /proc/cpuinfo
section memory; show /proc/meminfo
section entropy; cat /proc/sys/kernel/random/entropy_avail
section hwrng; cat /sys/class/misc/hw_random/rng_current 2>/dev/null
section clocksource; cat /sys/devices/system/clocksource/clocksource0/current_clocksource 2>/dev/null
section time_sync
for unit in systemd-timesyncd chrony chronyd ntpsec ntp openntpd; do
    [ "$(systemctl is-active "$unit" 2>/dev/null)" = active ] && echo "$unit"
done
section addresses; ip -j address
section routes; ip -j route
section resolvers; show /run/systemd/resolve/resolv.conf || show /etc/resolv.conf
section nics
for path in /sys/class/net/*; do
    nic=${path##*/}
    [ "$nic" = lo ] && continue
    driver=$(readlink "$path/device/driver" 2>/dev/null)
    driver=${driver##*/}
    [ -n "$driver" ] || driver=$(ethtool -i "$nic" 2>/dev/null | sed -n 's/^driver: //p')
    echo "$nic ${driver:-unknown}"
done
section offloads
nic=$(ip route show default | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n1)
[ -n "$nic" ] && ethtool -k "$nic" 2>/dev/null | sed -n 's/^\([a-z-]*\): on.*/\1/p'
# In a container /sys and lsblk show the host's disks: only what has a node in /dev is ours.
section disks
nodes=
for node in /dev/[svx]d[a-z] /dev/xvd[a-z] /dev/[sv]d[a-z][a-z] /dev/nvme[0-9]n[0-9] /dev/nvme[0-9][0-9]n[0-9] /dev/sr[0-9]; do
    [ -b "$node" ] || continue
    nodes="$nodes $node"
    number=$(stat -c '%Hr:%Lr' "$node")
    echo "$node $(cat "/sys/dev/block/$number/size" 2>/dev/null || echo 0)"
done
section by_id
for link in /dev/disk/by-id/*; do [ -L "$link" ] && echo "${link##*/} $(readlink -f "$link")"; done
section root_disk; df -B1 -P / | tail -n1
section root_type; stat -f -c %T /
section users; getent passwd | cut -d: -f1,3
section libc; getconf GNU_LIBC_VERSION 2>/dev/null
section locales; locale -a 2>/dev/null
section collation
for locale in C.UTF-8 en_US.UTF-8; do
    locale -a 2>/dev/null | tr -d - | grep -qix "$(echo "$locale" | tr -d -)" || continue
    echo "$locale $(printf '%s\n' 1-1 11 a A b B _a 'a b' ab é z Z ß 10 9 'a-b' 'a.b' "a'b" | LC_ALL=$locale sort | sha256sum | cut -c1-12)"
done
section cloud_init_version; cloud-init --version 2>/dev/null
section cloud_init_status; show /run/cloud-init/status.json
section cloud_init_result; show /run/cloud-init/result.json
section units
systemctl show --property=Id,ActiveEnterTimestampMonotonic,InactiveExitTimestampMonotonic \
    cloud-init-local.service cloud-init.service cloud-init-network.service cloud-config.service cloud-final.service \
    ssh.service sshd.service systemd-networkd.service network-online.target 2>/dev/null
section manager
systemctl show --property=UserspaceTimestampMonotonic,FinishTimestampMonotonic,KernelTimestampMonotonic,Virtualization 2>/dev/null
section vendor_data; sudo -n head -c 4096 /var/lib/cloud/instance/vendor-data.txt 2>/dev/null
section user_data; sudo -n sha256sum /var/lib/cloud/instance/user-data.txt 2>/dev/null
# A config drive carries the label config-2 (vfat: CONFIG-2); there may be no udev to make a link for it.
section config_drive
drive=
for node in $nodes; do
    case $(sudo -n blkid -p -o value -s LABEL "$node" 2>/dev/null) in config-2|CONFIG-2) drive=$node;; esac
done
if [ -n "$drive" ]; then
    echo "$drive $(sudo -n blkid -p -o value -s TYPE "$drive" 2>/dev/null)"
    place=$(mktemp -d)
    if sudo -n mount -o ro "$drive" "$place" 2>&1; then
        section drive_versions; ls "$place/openstack"
        section drive_meta_data; sudo -n head -c 65536 "$place/openstack/latest/meta_data.json"
        section drive_network_data; sudo -n head -c 65536 "$place/openstack/latest/network_data.json" 2>/dev/null
        section drive_vendor_data; sudo -n head -c 16384 "$place/openstack/latest/vendor_data.json" 2>/dev/null
        sudo -n umount "$place"
    fi
    rmdir "$place"
fi
section clock_end; date +%s.%N
section uptime_end; cat /proc/uptime
