# What every machine in namespaces with a libvirt daemon has alike; sourced, once /run and /etc/libvirt are its own.
# Its guests are put into no control groups: these are not its own.
umount -R -l /sys/fs/cgroup 2>/dev/null || true
# The package that makes the user has a whole system's services with it.
if ! getent passwd libvirt-qemu >/dev/null; then
    for file in passwd group; do
        { cat /etc/$file; echo "libvirt-qemu:x:64055:$([ $file = group ] || echo '64055::/:/usr/sbin/nologin')"; } >/run/$file
        mount --bind /run/$file /etc/$file
    done
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
C
cat >/etc/libvirt/libvirtd.conf <<C
auth_unix_rw = "none"
auth_unix_ro = "none"
C
