#!/bin/bash
# sfex_daemon, whose last resort is to reset the machine by /proc/sysrq-trigger, with a file in the kernel's place: it finds a /proc that
# holds nothing else. Nothing is run unless the file truly stands there. WORKSHOP is in the environment.
set -e
export SFEX_NAME=$0
SFEX_KEY=$WORKSHOP/reset/$(hostname)
export SFEX_KEY
exec unshare --mount /bin/bash -c '
  set -e
  : >> "$SFEX_KEY"
  mount -t tmpfs none /proc
  : > /proc/sysrq-trigger
  mount --bind "$SFEX_KEY" /proc/sysrq-trigger
  [ /proc/sysrq-trigger -ef "$SFEX_KEY" ]
  exec -a "$SFEX_NAME" "$WORKSHOP/sfex_daemon" "$@"' sfex_daemon "$@"
