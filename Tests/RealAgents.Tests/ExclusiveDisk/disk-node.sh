#!/bin/bash
# clusterd as the lab of the disk's tests calls it: each node's daemon lives in mount, process, IPC and host name namespaces of its own, and
# finds sfex_daemon.sh in sfex_daemon's place. WORKSHOP, CLUSTERD and TESTS are in the environment.
case $1 in
run)
  exec unshare --mount --pid --ipc --uts --fork --kill-child --mount-proc "$0" boot "$@"
  ;;
boot)
  # Process 1 of the node. It reaps what is orphaned; when it is killed, all of the node ends.
  shift
  hostname "${3##*/}" && mount --bind "$WORKSHOP/sfex_daemon.sh" /usr/libexec/heartbeat/sfex_daemon || exit 1
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
