# A host of guests: libvirt with QEMU, on a machine in namespaces. Its definitions outlive its power. libvirt-host.sh ADDRESS UUID
set -e
address=$1
mkdir -p /var/lib/etc-libvirt /var/lib/libvirt /run/lock /etc/libvirt
if [ ! -e /run/libvirt-host ]; then
    mount --bind /var/lib/etc-libvirt /etc/libvirt
    for own in /var/log /var/cache; do
        mount -t tmpfs -o mode=755 none $own
    done
    # Its guests are computed, so that it goes the same everywhere. Were /dev/kvm there and of no use, libvirt would look at QEMU anew each time.
    if [ -e /dev/kvm ]; then
        mkdir /run/dev
        mount -t tmpfs -o mode=755 none /run/dev
        cp -a /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty /dev/ptmx /run/dev
        for own in shm pts; do
            mkdir /run/dev/$own
            mount --bind /dev/$own /run/dev/$own
        done
        ln -s /proc/self/fd /run/dev/fd
        mount --move /run/dev /dev
    fi
    touch /run/libvirt-host
fi
. "$(dirname "$0")/libvirt-machine.sh"
cat >>/etc/libvirt/qemu.conf <<C
migration_address = "0.0.0.0"
migration_host = "$address"
keepalive_interval = 1
keepalive_count = 3
C
cat >>/etc/libvirt/libvirtd.conf <<C
listen_tls = 0
listen_tcp = 1
listen_addr = "$address"
auth_tcp = "none"
host_uuid = "$2"
C
exec libvirtd --listen --config /etc/libvirt/libvirtd.conf
