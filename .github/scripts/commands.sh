#!/usr/bin/env bash
# Packs the commands for each platform, from native/TARGET: `commands.sh VERSION OUT`.
set -euo pipefail
version=$1 out=$(mkdir -p "$2" && realpath "$2")
cd "$(dirname "$0")/../.."

for folder in native/*-*-*; do
  target=${folder#native/}
  name=stytch-m2m-cli-$version-$target
  mkdir "$out/$name"
  find "$folder" -name 'stytch-m2m*' -not -name '*.dll' -exec cp -t "$out/$name" {} +
  cp LICENSE-APACHE LICENSE-MIT CHANGELOG.md cli/README.md "$out/$name"
  find "$out/$name" -name 'stytch-m2m*' -exec chmod 755 {} +
  case $target in
    *-windows-*) (cd "$out" && zip -qr "$name.zip" "$name") ;;
    *) tar -C "$out" -czf "$out/$name.tar.gz" "$name" ;;
  esac
  rm -r "${out:?}/$name"
done
