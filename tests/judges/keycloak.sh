#!/bin/sh
# Runs the Keycloak in the folder $1 on a free port of 127.0.0.1, with its data in memory, until
# standard input ends. Its log on standard output says which port.
export JAVA_OPTS_APPEND='-XX:TieredStopAtLevel=1'
sh "$1/bin/kc.sh" start --optimized --cache=local --http-enabled=true --http-host=127.0.0.1 \
    --http-port=0 --hostname-strict=false &
server=$!
# The output ends when the server does, although this script goes on.
exec >/dev/null
cat >/dev/null
kill "$server"
wait "$server"
