# A host of virtual machines: libvirt with QEMU, and fence_virtd in front of it, in namespaces of its own. Its guests stand for the machines
# of the same names: whoever ends a guest cuts that machine's power, whoever starts it gives it back. Ends with its standard input.
# guest-host.sh FOLDER ADDRESS SWITCH GUEST...
set -e
folder=$1 address=$2 switch=$3
shift 3
mount --make-rprivate /
for own in /run /var/lib /var/log /var/cache /etc/libvirt; do
    mount -t tmpfs -o mode=755 none $own
done
mkdir -p /run/lock /etc/libvirt/hooks
. "$(dirname "$0")/libvirt-machine.sh"
echo "host_uuid = \"$(cat /proc/sys/kernel/random/uuid)\"" >>/etc/libvirt/libvirtd.conf
cat >/etc/libvirt/hooks/qemu <<C
#!/bin/sh
case \$2 in
stopped)
    : >"$switch/\$1.off"
    while [ -e "$switch/\$1.off" ]; do sleep 0.02; done ;;
started) : >"$switch/\$1.on" ;;
esac
C
chmod 755 /etc/libvirt/hooks/qemu
cat >"$folder/fence_virt.conf" <<C
fence_virtd { listener = "tcp"; backend = "libvirt"; module_path = "$(dirname "$(find /usr/lib -name virt.so -path '*fence-virt*')")"; }
listeners { tcp { key_file = "$folder/key"; address = "$address"; port = "1229"; } }
backends { libvirt { uri = "qemu:///system"; } }
C
head -c 512 /dev/urandom >"$folder/key"
virsh="virsh -q -c qemu:///system"
exec 3>&1 >>"$folder/log" 2>&1
libvirtd --config /etc/libvirt/libvirtd.conf &
until $virsh list; do
    kill -0 $!
    sleep 0.1
done
for guest; do
    cat >/run/guest.xml <<C
<domain type='qemu'>
  <name>$guest</name>
  <memory unit='MiB'>4</memory>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices><controller type='usb' model='none'/><memballoon model='none'/></devices>
</domain>
C
    $virsh define /run/guest.xml
    $virsh start "$guest"
done
fence_virtd -F -f "$folder/fence_virt.conf" -p /run/fence_virtd.pid &
until printf 'ipaddr=%s\nkey_file=%s\nport=%s\naction=status\n' "$address" "$folder/key" "$1" | fence_virt; do
    kill -0 $!
    sleep 0.1
done
echo ready >&3
while read -r word guest; do
    echo "$($virsh "$word" "$guest" | head -n 1)" >&3
done
