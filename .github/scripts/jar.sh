#!/usr/bin/env bash
# Makes the jar with the libraries of all platforms, and the one with the emulator, which are in
# native/TARGET: `jar.sh OUT [maven arguments]`.
set -euo pipefail
out=$(realpath -m "$1")
shift
cd "$(dirname "$0")/../.."
package=bindings/kotlin

# place TARGET FOLDER: the library and the program for JNA's folder.
place() {
  mkdir -p "$package/target/native/$2" "$package/emulator/target/program/$2"
  cp native/"$1"/*stytch_m2m_uniffi.* "$package/target/native/$2"
  cp native/"$1"/stytch-m2m-emulator* "$package/emulator/target/program/$2"
}
place x86_64-unknown-linux-gnu linux-x86-64
place aarch64-unknown-linux-gnu linux-aarch64
place x86_64-apple-darwin darwin-x86-64
place aarch64-apple-darwin darwin-aarch64
place x86_64-pc-windows-msvc win32-x86-64
place aarch64-pc-windows-msvc win32-aarch64

cargo run --quiet --package stytch-m2m-uniffi-bindgen --bin uniffi-bindgen -- generate \
  native/symbols/libstytch_m2m_uniffi.so \
  --language kotlin --no-format --out-dir "$package/target/generated"
mkdir -p "$out"
for module in "$package" "$package/emulator"; do
  mvn --batch-mode --no-transfer-progress --file "$module" -DskipTests "${@:-package}"
  cp "$module"/target/stytch-m2m-*.jar "$out"
done
