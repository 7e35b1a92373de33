#!/usr/bin/env bash
# Builds for one target what the packages of a release share: the Node module, the library of
# Kotlin and Swift, and the commands. `native.sh TARGET` leaves them in native/TARGET.
#
# For Linux it runs in the manylinux and musllinux images, whose C library is old enough.
set -euo pipefail
target=$1
cd "$(dirname "$0")/../.."

if ! command -v cargo >/dev/null; then
  curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y --profile minimal
  . "$HOME/.cargo/env"
fi
rustup target add "$target"
case $target in
  # A shared library cannot hold the C library.
  *-musl) export RUSTFLAGS="-C target-feature=-crt-static" ;;
esac
cargo build --locked --release --target "$target" \
  --package stytch-m2m-node --package stytch-m2m-uniffi --package stytch-m2m-cli --package stytch-m2m-emulator

out=native/$target
built=target/$target/release
mkdir -p "$out"
for file in \
  libstytch_m2m_{node,uniffi}.{so,dylib} stytch_m2m_{node,uniffi}.dll \
  stytch-m2m{,.exe} stytch-m2m-emulator{,.exe}; do
  if [ -e "$built/$file" ]; then cp "$built/$file" "$out"; fi
done

# As the other programs are, but for the copy that uniffi's bindgen reads.
library=$out/libstytch_m2m_uniffi
case $target in
  x86_64-unknown-linux-gnu) mkdir -p native/symbols && cp "$library.so" native/symbols ;;
esac
case $target in
  *-linux-*) strip --strip-unneeded "$library.so" ;;
  *-darwin) strip -x "$library.dylib" ;;
esac
ls -l "$out"
