# What the web shop's init scripts share (POSIX sh, sourced). The script sets NAME and SCRIPT, defines
# launch (begin the daemon, do not wait), ready (true once it serves) and worker if it is its own daemon,
# and calls: service "$1".
#
# Exit codes are those of the Linux Standard Base, chapter "Init Script Actions".

say() {
  printf '%s: %s\n' "$NAME" "$*" >&2
}

STATE=${CLUSTERTOOLS_STATE:-}
NODE=${CLUSTERTOOLS_NODE:-unknown}
PID_FILE=$STATE/$NAME.pid
LOG_FILE=$STATE/$NAME.log

# A process is told by its id and start time: ids are given out again, the pair is not (until the next boot).
# Sets START, empty when there is no such process or nothing but its exit code is left of it.
start_time_of() {
  START=
  { read -r stat_line < "/proc/$1/stat"; } 2>/dev/null || return 1
  # The name in the line may hold spaces and parentheses; what follows the last ')' does not.
  # shellcheck disable=SC2086
  set -- ${stat_line##*) }
  case $1 in
    Z | X) return 1 ;;
  esac
  shift 19
  START=$1
}

# To be called by the daemon, or for it: whole or not at all, so that a reader never sees half a line.
write_pid_file() {
  start_time_of "$1" || return 1
  printf '%s %s\n' "$1" "$START" > "$PID_FILE.new" && mv -f "$PID_FILE.new" "$PID_FILE"
}

# Sets PID when the process that wrote the pid file lives.
alive() {
  PID=
  [ -r "$PID_FILE" ] || return 1
  # In one read: the file may be replaced at any time.
  saved_pid= saved_start=
  { read -r saved_pid saved_start < "$PID_FILE"; } 2>/dev/null
  case $saved_pid in
    '' | *[!0-9]*) return 1 ;;
  esac
  start_time_of "$saved_pid" && [ "$START" = "$saved_start" ] || return 1
  PID=$saved_pid
}

# Runs the command until it is true, every 20 ms, for the given number of tries.
wait_for() {
  tries=$1
  shift
  while ! "$@"; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || return 1
    sleep 0.02
  done
}

gone() {
  ! alive
}

up_or_dead() {
  alive && ready && return 0
  # A daemon that has written its pid file and is no more will not come up.
  [ -s "$PID_FILE" ] && ! alive
}

# In a session of its own and with nothing inherited, so that whoever called us is not kept waiting for its output.
daemonise() {
  if command -v setsid > /dev/null; then
    (setsid "$@" < /dev/null > "$LOG_FILE" 2>&1 &)
  else
    (trap '' HUP; "$@" < /dev/null > "$LOG_FILE" 2>&1 &)
  fi
}

service_start() {
  alive && ready && return 0
  # Alive but not ready (or half started before): from the beginning.
  service_stop || return 1
  launch || return $?
  wait_for 500 up_or_dead
  if alive && ready; then
    return 0
  fi
  say "did not come up on $NODE; its last words are in $LOG_FILE:"
  [ -r "$LOG_FILE" ] && tail -n 5 "$LOG_FILE" >&2
  service_stop
  return 1
}

service_stop() {
  if alive; then
    kill -TERM "$PID" 2> /dev/null
    if ! wait_for 250 gone; then
      say "did not end within 5 seconds of SIGTERM and is killed"
      kill -KILL "$PID" 2> /dev/null
      wait_for 100 gone || {
        say "process $PID does not end; look at it with: ps -fp $PID"
        return 1
      }
    fi
  fi
  rm -f "$PID_FILE" "$PID_FILE.new"
}

service_status() {
  if alive; then
    ready && return 0
    say "process $PID runs, but does not serve"
    # 150 to 199 are the application's own: not dead, and not well either.
    return 150
  fi
  # 1: dead, and its pid file is still there.
  [ -e "$PID_FILE" ] && return 1
  return 3
}

service() {
  case ${1:-} in
    status)
      [ -n "$STATE" ] || {
        say "CLUSTERTOOLS_STATE is not set, so nothing is known"
        exit 4
      }
      service_status
      exit $?
      ;;
    start | stop | restart | force-reload | try-restart)
      [ -n "$STATE" ] && [ -d "$STATE" ] && [ -w "$STATE" ] || {
        say "CLUSTERTOOLS_STATE must name a folder that can be written to (it is '$STATE')"
        exit 6
      }
      ;;
  esac
  case ${1:-} in
    start) service_start ;;
    stop) service_stop ;;
    restart | force-reload)
      service_stop && service_start
      ;;
    try-restart)
      if alive; then service_stop && service_start; fi
      ;;
    worker) worker ;;
    *)
      say "usage: $NAME {start|stop|restart|try-restart|force-reload|status}"
      exit 2
      ;;
  esac
  exit $?
}

# --- A small daemon: one line with its node and its age into a file, each second, until SIGTERM. ---

launch_heartbeat() {
  rm -f "$STATE/$NAME.heartbeat"
  daemonise "$SCRIPT" worker
}

heartbeat_ready() {
  [ -s "$STATE/$NAME.heartbeat" ]
}

heartbeat_worker() {
  sleeper=
  trap 'kill "$sleeper" 2> /dev/null; exit 0' TERM INT
  write_pid_file $$ || exit 1
  beats=0
  while :; do
    beats=$((beats + 1))
    printf '%s %s %s\n' "$NAME" "$NODE" "$beats" > "$STATE/$NAME.heartbeat"
    sleep 1 &
    sleeper=$!
    wait "$sleeper"
  done
}
