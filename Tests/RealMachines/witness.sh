#!/bin/sh
# An init script that writes its machine's name, again and again, into a file that all machines share: who runs it when. Its stop hangs as
# long as /run/hang is there.
shared=/run/shared
pid=/run/witness.pid
runs() { [ -e "$pid" ] && kill -0 "$(cat "$pid")" 2>/dev/null; }
case $1 in
start)
    runs && exit 0
    setsid sh -c 'while :; do hostname >>"$0/writers"; sleep 0.1; done' "$shared" </dev/null >/dev/null 2>&1 &
    echo $! >"$pid" ;;
stop)
    while [ -e /run/hang ]; do
        sleep 0.2
    done
    runs && kill -9 "-$(cat "$pid")"
    rm -f "$pid" ;;
status) runs || exit 3 ;;
*) exit 2 ;;
esac
