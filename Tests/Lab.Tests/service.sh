#!/bin/sh
# A service for the lab's tests: a double-forked daemon that bears witness, outside of all nodes, of when it ran where.
# While it runs it holds a lock; whoever finds the lock held has caught the group running twice.
set -u
pid_file=$CLUSTERTOOLS_STATE/$CLUSTER_GROUP.pid
log=$WITNESS/$CLUSTER_GROUP.log

start_time() {
  { read -r line < "/proc/$1/stat"; } 2> /dev/null || return 1
  # shellcheck disable=SC2086
  set -- ${line##*) }
  [ "$1" != Z ] || return 1
  shift 19
  echo "$1"
}

alive() {
  pid= start=
  { read -r pid start < "$pid_file"; } 2> /dev/null || return 1
  [ "$(start_time "$pid")" = "$start" ]
}

case ${1:-} in
  start)
    alive && exit 0
    (setsid "$0" worker < /dev/null > /dev/null 2>&1 &)
    tries=0
    until alive; do
      tries=$((tries + 1))
      [ "$tries" -lt 500 ] || exit 1
      sleep 0.02
    done
    ;;
  stop)
    if [ -e "$WITNESS/stop-fails" ]; then
      echo "told to fail" >&2
      exit 1
    fi
    if alive; then
      kill -TERM "$pid"
      tries=0
      while alive; do
        tries=$((tries + 1))
        [ "$tries" -lt 500 ] || exit 1
        sleep 0.02
      done
    fi
    rm -f "$pid_file"
    ;;
  status)
    alive || exit 3
    ;;
  worker)
    exec 9>> "$WITNESS/$CLUSTER_GROUP.lock"
    flock -n 9 || echo "twice $CLUSTERTOOLS_NODE $$" >> "$log"
    echo "begin $CLUSTERTOOLS_NODE $$" >> "$log"
    echo "$$ $(start_time $$)" > "$pid_file.new" && mv "$pid_file.new" "$pid_file"
    trap 'echo "end $CLUSTERTOOLS_NODE $$" >> "$log"; kill "$sleeper"; exit 0' TERM
    while :; do
      sleep 5 9>&- &
      sleeper=$!
      wait "$sleeper"
    done
    ;;
  *)
    exit 2
    ;;
esac
