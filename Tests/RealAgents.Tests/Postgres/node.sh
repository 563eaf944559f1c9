#!/bin/sh
# clusterd as the lab of the PostgreSQL tests calls it: each node's daemon lives in mount, process and IPC namespaces of its own, so that
# nothing PostgreSQL could look at (a pid, a shared memory segment, a socket) tells one node of the other.
# WORKSHOP, CLUSTERD and TESTS are in the environment.
case $1 in
run)
  exec unshare --mount --pid --ipc --fork --kill-child --mount-proc "$0" boot "$@"
  ;;
boot)
  # Process 1 of the node. It reaps what is orphaned; when it is killed, all of the node ends.
  shift
  mount -t tmpfs none /dev/shm && mount --bind "$WORKSHOP/sockets/${3##*/}" "$WORKSHOP/socket" || exit 1
  # Numbers of their own: the pgsql agent looks for the process that the shared data directory names, and must not find itself there.
  [ ! -w /proc/sys/kernel/ns_last_pid ] || echo "${3##*[!0-9]}0000" > /proc/sys/kernel/ns_last_pid
  DOTNET_EnableDiagnostics=0 "$CLUSTERD" "$@" &
  wait $!
  # clusterd has ended alone, and what it started lives on, as on any machine; unless it has reset the node.
  while ! [ -e "$3/power/start" ]; do
    sleep 0.1
  done
  ;;
fence-lab)
  DOTNET_EnableDiagnostics=0 exec "$TESTS" role-fence "$WORKSHOP/fence.socket"
  ;;
*)
  exec "$CLUSTERD" "$@"
  ;;
esac
