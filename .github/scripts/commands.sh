#!/usr/bin/env bash
# Packs the commands for each platform, from native/TARGET: `commands.sh VERSION OUT`.
set -euo pipefail
version=$1 out=$(mkdir -p "$2" && realpath "$2")
cd "$(dirname "$0")/../.."

# Pages and completions are the same everywhere; this machine can run its own program.
own=native/x86_64-unknown-linux-gnu/stytch-m2m
chmod +x "$own"
more=$(mktemp -d)
trap 'rm -r "$more"' EXIT
mkdir "$more/completions"
"$own" man --dir "$more/man"
for shell in bash fish zsh powershell; do
  "$own" completions "$shell" >"$more/completions/stytch-m2m.$shell"
done

for folder in native/*-*-*; do
  target=${folder#native/}
  name=stytch-m2m-cli-$version-$target
  mkdir "$out/$name"
  find "$folder" -name 'stytch-m2m*' -not -name '*.dll' -exec cp -t "$out/$name" {} +
  cp -R LICENSE-APACHE LICENSE-MIT CHANGELOG.md cli/README.md "$more"/* "$out/$name"
  find "$out/$name" -name 'stytch-m2m*' -exec chmod 755 {} +
  case $target in
    *-windows-*) (cd "$out" && zip -qr "$name.zip" "$name") ;;
    *) tar -C "$out" -czf "$out/$name.tar.gz" "$name" ;;
  esac
  rm -r "${out:?}/$name"
done
