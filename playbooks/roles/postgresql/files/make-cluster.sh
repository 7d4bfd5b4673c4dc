#!/bin/sh
# make-cluster.sh [MOUNTPOINT]: the cluster "main" of the newest PostgreSQL that is installed, its data on the volume at
# MOUNTPOINT. Prints settings=FOLDER, version=NUMBER and, when it did something, "changed".
set -eu
volume=${1:-}
version=$(ls /usr/lib/postgresql | sort -V | tail -n 1)
data=/var/lib/postgresql/$version/main
if [ -n "$volume" ]; then
    mountpoint -q "$volume" || { echo "nothing is mounted at $volume" >&2; exit 1; }
    for there in "$volume"/postgresql/*/main/PG_VERSION; do
        # PostgreSQL reads no other version's data; pg_upgrade is a decision, not a side effect.
        if [ -e "$there" ] && [ "$(cat "$there")" != "$version" ]; then
            echo "$volume holds data of PostgreSQL $(cat "$there"), and $version is installed" >&2
            exit 1
        fi
    done
    data=$volume/postgresql/$version/main
fi
settings=/etc/postgresql/$version/main
echo "settings=$settings"
echo "version=$version"

# The numbers of system users are given in order of installation: another server may have others.
if [ -d "$data" ] && [ "$(stat -c %U "$data")" != postgres ]; then
    chown -R postgres:postgres "${data%"/$version/main"}"
    echo changed
fi
# The settings travel with the data: pg_createcluster looks for them beside it when it takes a cluster that is there.
kept=${data%/main}/settings
if [ ! -e "$settings/postgresql.conf" ]; then
    if [ -e "$data/PG_VERSION" ]; then
        # Left by the server that had the volume before; on this one nothing can be running yet.
        rm -f "$data/postmaster.pid"
        cp -p "$kept"/*.conf "$data/"
        pg_createcluster "$version" main --datadir "$data" > /dev/null
    else
        # C.UTF-8 sorts by code point, whatever the C library: indexes stay right when the data moves to another system.
        pg_createcluster "$version" main --datadir "$data" --locale C.UTF-8 --encoding UTF8 -- --data-checksums > /dev/null
    fi
    mkdir -p "$kept"
    cp -p "$settings"/postgresql.conf "$settings"/pg_hba.conf "$settings"/pg_ident.conf "$kept/"
    echo changed
fi
if [ -n "$volume" ]; then
    # The unit must not start on an empty mount point, and mounts its volume where nothing else has at boot.
    folder=/etc/systemd/system/postgresql@$version-main.service.d
    wanted="[Unit]
RequiresMountsFor=$volume
[Service]
ExecStartPre=+/bin/sh -c 'mountpoint -q $volume || mount $volume'"
    if [ "$(cat "$folder/volume.conf" 2>/dev/null)" != "$wanted" ]; then
        mkdir -p "$folder"
        printf '%s\n' "$wanted" > "$folder/volume.conf"
        echo changed
    fi
fi
