#!/bin/sh
# An init script that works on the shared disk and notes there who started it.
file=$WORKSHOP/shared/running
case $1 in
start) echo "start $(hostname)" >> "$WORKSHOP/shared/log" && touch "$file" && sync -f "$file" ;;
stop) rm -f "$file" ;;
status) [ -e "$file" ] || exit 3 ;;
*) exit 2 ;;
esac
