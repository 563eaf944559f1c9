#!/bin/busybox sh
# First process of a machine: its root is the host's own, which it reads over 9p, with a layer in memory on top; /var/lib/machine is its disk.
/bin/busybox mkdir -p /bin /proc /sys /dev /host /memory /new
/bin/busybox --install -s /bin
mount -t proc none /proc
mount -t sysfs none /sys
mount -t devtmpfs none /dev
while read -r module; do
    insmod "/modules/$module" 2>/dev/null
done </modules/order
for word in $(cat /proc/cmdline); do
    case $word in machine.*) export "${word#machine.}" ;; esac
done
mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro host /host || { echo "no root"; poweroff -f; }
mount -t tmpfs -o size=75% none /memory
mkdir -p /memory/upper /memory/work
mount -t overlay -o lowerdir=/host,upperdir=/memory/upper,workdir=/memory/work none /new
for folder in proc sys dev; do
    mkdir -p "/new/$folder"
    mount --move "/$folder" "/new/$folder"
done
mkdir -p /new/dev/pts /new/dev/shm /new/run /new/tmp /new/var/lib/machine
mount -t devpts none /new/dev/pts
mount -t tmpfs none /new/dev/shm
mount -t tmpfs -o mode=755 none /new/run
# What this program and the tests brought stands on the host, perhaps on another file system than its root.
mkdir -p /new/run/shared
mount -t 9p -o trans=virtio,version=9p2000.L,cache=none shared /new/run/shared
mount -t ext4 /new/dev/vda /new/var/lib/machine || { echo "no disk"; poweroff -f; }
exec switch_root /new /bin/sh "$tests/machine-init.sh"
