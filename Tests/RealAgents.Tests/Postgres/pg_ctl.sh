#!/bin/sh
# pg_ctl, with a witness that hides and prevents nothing: the server and all its processes hold a lock on a file, which is one file for all
# nodes, and whoever is started on another node while it is held has caught PostgreSQL running twice. Also tags rows with the node.
# REAL_PG_CTL and WORKSHOP are in the environment.
for word in "$@"; do
  if [ "$word" = start ]; then
    witness=$WORKSHOP/witness
    exec 9>> "$witness/lock"
    holder=$(cat "$witness/holder" 2> /dev/null)
    # After a crash the old server's last processes may outlive it for a moment on the same node; PostgreSQL itself looks after those.
    flock -n 9 || [ "$holder" = "$CLUSTERTOOLS_NODE" ] || echo "twice $CLUSTERTOOLS_NODE $holder" >> "$witness/log"
    echo "$CLUSTERTOOLS_NODE" > "$witness/holder"
    echo "start $CLUSTERTOOLS_NODE" >> "$witness/log"
    exec "$REAL_PG_CTL" -o "-c cluster_name=$CLUSTERTOOLS_NODE" "$@"
  fi
done
exec "$REAL_PG_CTL" "$@"
