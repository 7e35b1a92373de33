#!/bin/sh
# Rehearses a migration on an emulator of both sides: rehearse.sh, and nothing leaves this machine.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
mkfifo "$folder/settings"
stytch-m2m emulate --quiet --auth0 --seed "$here/tenant.yaml" >"$folder/settings" &
emulator=$!
trap 'kill "$emulator"; rm -r "$folder"' EXIT
for _ in 1 2 3 4 5 6; do
    read -r setting && export "$setting"
done <"$folder/settings"
cd "$folder"
"$here/migrate.sh"
