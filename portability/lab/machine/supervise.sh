#!/bin/sh
# One server: joins its control groups, mounts its disk, runs it, and runs it again when the guest reboots.
# It lives in a mount namespace of its own, so whatever kills it and its server also unmounts everything.
#   supervise.sh FOLDER IMAGE "CGROUP…" ROOT_DEVICE_NAME NSPAWN_ARGUMENT…
set -eu
folder=$1 image=$2 groups=$3 device=$4
shift 4
for group in $groups; do
    echo $$ > "$group/cgroup.procs"
done
# nspawn leaves lock files and empty folders there; here they go with the server.
mkdir -p /run/systemd/nspawn
mount -t tmpfs -o mode=755 tmpfs /run/systemd/nspawn
# A loop device of mount(8) frees itself when the last mount of it goes.
mount -o loop,noatime "$folder/disk.img" "$folder/disk"
loop=$(awk -v at="$folder/disk" '$2 == at { print $1 }' /proc/self/mounts)
# Relative names, because the guest sees them in /proc/mounts.
mount --bind "$image" "$folder/image"
cd "$folder"
mount -t overlay overlay -o lowerdir=image,upperdir=disk/upper,workdir=disk/work root
while :; do
    status=0
    # A guest's clocks start with the guest: its uptime is not the machine's.
    clocks=
    if [ -e /proc/self/ns/time ]; then
        up=$(cut -d. -f1 /proc/uptime)
        clocks="unshare --time --monotonic -$up --boottime -$up"
    fi
    # What the guest's firmware would do: the devices are there before the first program runs.
    first="root_device=$device root_minor=${loop#/dev/loop}
$(cat "$folder/plug.sh")"
    # shellcheck disable=SC2086
    $clocks systemd-nspawn "$@" /bin/sh -c "$first" < /dev/null >> "$folder/console.log" 2>&1 || status=$?
    # 133 is how nspawn says "the guest wants to start again" when it does not run under a service manager.
    [ "$status" = 133 ] || break
done
exit "$status"
