#!/bin/sh
# Runs a command against an emulator of its own: with-emulator.sh npm test
set -eu
here=$(dirname "$0")
folder=$(mktemp -d)
mkfifo "$folder/settings"
stytch-m2m-emulator --seed "$here/seed.yaml" >"$folder/settings" &
emulator=$!
trap 'kill "$emulator"; rm -r "$folder"' EXIT
{
    read -r setting && export "$setting" # STYTCH_PROJECT_ID
    read -r setting && export "$setting" # STYTCH_SECRET
    read -r setting && export "$setting" # STYTCH_BASE_URL
} <"$folder/settings"
"$@"
