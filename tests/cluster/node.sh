#!/usr/bin/env bash
# The first process of a node: in name spaces of its own, it gives the node a name, a /tmp
# and a /dev/shm, waits for its network and becomes the parent of its slurmd.
#
#     node.sh NAME ADDRESS GATEWAY HOSTS SEEN...
#
# SEEN are folders that the node shares with the others, even where they lie below /tmp.
set -euo pipefail
# Outside of name spaces of its own it would put mounts over those of the machine.
[ "$$" = 1 ] || {
    echo "node.sh: only as the first process of a node" >&2
    exit 1
}
name=$1 address=$2 gateway=$3 hosts=$4
shift 4

# Nothing that is mounted here may ever be seen outside.
mount --make-rprivate /
hostname "$name"
ip link set lo up
mount --bind "$hosts" /etc/hosts
mount -t tmpfs tmpfs /dev/shm
mount -t tmpfs tmpfs /mnt
number=0
for seen; do
    number=$((number + 1))
    mkdir "/mnt/$number"
    mount --bind "$seen" "/mnt/$number"
done
mount -t tmpfs -o mode=1777 tmpfs /tmp
number=0
for seen; do
    number=$((number + 1))
    mkdir -p "$seen"
    mountpoint -q "$seen" || mount --bind "/mnt/$number" "$seen"
    umount "/mnt/$number"
done
umount /mnt

until ip link show eth0 >/dev/null 2>&1; do sleep 0.02; done
ip address add "$address/24" dev eth0
ip link set eth0 up
ip route add default via "$gateway"
cd /
# Whoever is left over by a step becomes a child of this shell, which buries it.
slurmd -D -c -N "$name" &
wait
