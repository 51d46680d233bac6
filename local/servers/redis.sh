#!/bin/sh
# A Redis server that ends with its parent: sh redis.sh PORT FOLDER PROGRAM [--SETTING VALUE …]
# A shell, since a process of Node would take 40 MB for nothing but waiting.
port=$1
folder=$2
program=$3
shift 3

# Written to files at once: what was counted is still there after a stop.
"$program" --port "$port" --bind 127.0.0.1 --dir "$folder" \
  --appendonly yes --save '' --maxmemory-policy noeviction --loglevel warning "$@" &
redis=$!

# Standard input ends when the parent closes it, as it also does by dying.
exec 3<&0
{
  while read -r _; do :; done
  kill -TERM "$redis" 2>/dev/null
} <&3 &
watcher=$!

trap 'kill -TERM "$redis" 2>/dev/null' TERM HUP
wait "$redis"
code=$?
# A signal ends the waiting, and not the server.
while kill -0 "$redis" 2>/dev/null; do
  wait "$redis"
  code=$?
done
kill "$watcher" 2>/dev/null
exit "$code"
