# A host of guests: libvirt with QEMU, on a machine in namespaces. Its definitions outlive its power. libvirt-host.sh ADDRESS UUID
set -e
address=$1
mkdir -p /var/lib/etc-libvirt /var/lib/libvirt /run/lock /etc/libvirt
if [ ! -e /run/libvirt-host ]; then
    mount --bind /var/lib/etc-libvirt /etc/libvirt
    for own in /var/log /var/cache; do
        mount -t tmpfs -o mode=755 none $own
    done
    # Its guests are put into no control groups: these are not its own.
    umount -R -l /sys/fs/cgroup 2>/dev/null || true
    # Its guests are computed, so that it goes the same everywhere.
    if [ -e /dev/kvm ]; then mount --bind /dev/null /dev/kvm; fi
    # The package that makes the user has a whole system's services with it.
    if ! getent passwd libvirt-qemu >/dev/null; then
        for file in passwd group; do
            { cat /etc/$file; echo "libvirt-qemu:x:64055:$([ $file = group ] || echo '64055::/:/usr/sbin/nologin')"; } >/run/$file
            mount --bind /run/$file /etc/$file
        done
    fi
    touch /run/libvirt-host
fi
cat >/etc/libvirt/qemu.conf <<C
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
security_driver = "none"
cgroup_controllers = []
namespaces = []
stdio_handler = "file"
migration_address = "0.0.0.0"
migration_host = "$address"
keepalive_interval = 1
keepalive_count = 3
C
cat >/etc/libvirt/libvirtd.conf <<C
listen_tls = 0
listen_tcp = 1
listen_addr = "$address"
auth_tcp = "none"
auth_unix_rw = "none"
auth_unix_ro = "none"
host_uuid = "$2"
C
exec libvirtd --listen --config /etc/libvirt/libvirtd.conf
