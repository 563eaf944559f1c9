#!/bin/sh
# Process 1 of a machine, with name, address, clusterd, modules and tests in its environment: network, corosync and clusterd, and a shell for the tests.
exec </dev/console >/dev/console 2>&1
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
own=/var/lib/machine
hostname "$name"
ip link set lo up
ip addr add "$address/24" dev eth0
ip link set eth0 up
# The tests call the API through this one.
ip addr add 10.0.2.15/24 dev eth1
ip link set eth1 up
mkdir -p /run/lock /run/resource-agents
chown -R 0:0 "$own"
mount --bind "$tests/machine-sbin" /usr/local/sbin
tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
# One without a node's state is no node: the storage of the others.
is_node() { [ -d "$own/state" ]; }
if is_node; then
    mkdir -p /etc/corosync /var/lib/corosync /var/log/corosync "$own/corosync"
    mount --bind "$own/corosync" /var/lib/corosync
    install -m 644 "$own/state/corosync.conf" /etc/corosync/corosync.conf
    install -m 400 "$own/state/authkey" /etc/corosync/authkey
    (umask 077; touch "$own/state/journal.jsonl")
    stty -F /dev/ttyS2 raw -echo
    tail -n 0 -F "$own/state/journal.jsonl" >/dev/ttyS2 2>/dev/null &
fi
# Modules that not every machine needs.
load() {
    while read -r file; do
        insmod "$modules/$file"
    done <"$modules/$1"
}
. "$own/at-boot.sh"
start_clusterd() {
    DOTNET_EnableDiagnostics=0 setsid "$clusterd" run --state "$own/state" >>"$own/clusterd.log" 2>&1 &
    echo $! >/run/clusterd.pid
}
if is_node; then
    corosync -f >>"$own/corosync.log" 2>&1 &
    start_clusterd
fi
echo "up: $name after $(cut -d' ' -f1 /proc/uptime) s"
# A line is a script in base64; the answer is its exit code and what it said, in base64, too.
stty -F /dev/ttyS1 raw -echo
exec 3<>/dev/ttyS1
echo "ready" >&3
while read -r line <&3; do
    script=$(echo "$line" | base64 -d)
    if [ "$script" = start-clusterd ]; then
        start_clusterd
        echo "0 " >&3
    else
        said=$(sh -c "$script" 3>&- 2>&1)
        echo "$? $(printf %s "$said" | base64 -w0)" >&3
    fi
done
