# A machine: a network and mounts of its own, in which corosync is started and ended by words on standard input. Ends with that.
# corosync-machine.sh FOLDER [NAME [PROGRAMS]], within namespaces of its own; NAME: those of processes and of the host name are its own,
# too; PROGRAMS: a folder of programs that this machine has besides
set -e
# Process 1 does nothing but wait, and so buries who has lost his parent.
if [ $$ = 1 ]; then
    sh "$0" "$@"
    exit
fi
folder=$1
mount --make-rprivate /
if [ -n "$2" ]; then
    hostname "$2"
    mount -t tmpfs none /dev/shm
    # What a machine keeps.
    if [ -e "$folder/disk" ]; then
        mount -o loop "$folder/disk" /var/lib
    else
        mkdir -p "$folder/var/corosync"
        mount --bind "$folder/var" /var/lib
    fi
    if [ -n "$3" ]; then
        mount --bind "$3" /usr/local/sbin
    fi
fi
mount -t tmpfs -o mode=755 none /run
mkdir /run/resource-agents
if [ -n "$2" ]; then
    # Each boot is another one.
    cat /proc/sys/kernel/random/uuid >/run/boot_id
    mount --bind /run/boot_id /proc/sys/kernel/random/boot_id
fi
mkdir -p /etc/corosync /var/lib/corosync
if [ -e "$folder/disk" ]; then
    mount --bind /var/lib/etc /etc/corosync
else
    mkdir -p "$folder/etc" "$folder/lib"
    mount --bind "$folder/etc" /etc/corosync
    mount --bind "$folder/lib" /var/lib/corosync
fi
ip link set lo up
pid=
end() {
    if [ -n "$pid" ]; then
        kill -9 "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
        rm -rf /dev/shm/qb-"$pid"-* /dev/shm/qb-corosync-"$pid"-*
        pid=
    fi
}
trap end EXIT
echo ready
while read -r word; do
    case $word in
    start) if [ -z "$pid" ]; then corosync -f </dev/null >>"$folder/corosync.out" 2>&1 & pid=$!; fi ;;
    stop) if [ -n "$pid" ]; then kill -STOP "$pid"; fi ;;
    continue) if [ -n "$pid" ]; then kill -CONT "$pid"; fi ;;
    end) end ;;
    *) echo "unknown word $word" >&2; exit 1 ;;
    esac
    echo "done $pid"
done
