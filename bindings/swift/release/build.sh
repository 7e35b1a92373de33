#!/usr/bin/env bash
# Makes the Swift package of a release in a folder: `release/build.sh FOLDER`.
#
# On macOS with Xcode, StytchM2MFFI.xcframework.zip holds the library for macOS, iOS and its
# simulator. On Linux, lib/ holds it for this machine, with the file by which pkg-config finds it.
# bin/ holds the emulator for this machine.
set -euo pipefail

out=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "$0")/../../.."
package=bindings/swift
library=libstytch_m2m_uniffi.a
target=${CARGO_TARGET_DIR:-target}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
sources=$out/Sources
headers=$out/headers/StytchM2MFFI
framework=$out/StytchM2MFFI.xcframework

build() {
  cargo build --release --package stytch-m2m-uniffi "$@"
}

generate() {
  cargo run --quiet --package stytch-m2m-uniffi-bindgen --bin uniffi-bindgen-swift -- "$@"
}

# slice NAME TARGET...: the library for several targets in one file.
slice() {
  local to=$out/slices/$1 libraries=() triple
  shift
  for triple in "$@"; do
    rustup target add "$triple"
    build --target "$triple"
    libraries+=("$target/$triple/release/$library")
  done
  mkdir -p "$to"
  lipo -create "${libraries[@]}" -output "$to/$library"
}

xcframework() {
  slice macos aarch64-apple-darwin x86_64-apple-darwin
  slice ios aarch64-apple-ios
  slice simulator aarch64-apple-ios-sim x86_64-apple-ios
  local slices=() name
  for name in macos ios simulator; do
    slices+=(-library "$out/slices/$name/$library" -headers "$out/headers")
  done
  xcodebuild -create-xcframework "${slices[@]}" -output "$framework"
  ditto -c -k --keepParent "$framework" "$framework.zip"
  swift package compute-checksum "$framework.zip"
}

for_pkg_config() {
  mkdir -p "$out/lib/pkgconfig"
  strip --strip-unneeded -o "$out/lib/$library" "$target/release/$library"
  cp -R "$headers" "$sources"
  cat >"$out/lib/pkgconfig/stytch_m2m_uniffi.pc" <<PC
prefix=\${pcfiledir}/../..
Name: stytch_m2m_uniffi
Description: The Rust core of stytch-m2m, as Swift calls it
Version: $version
Libs: -L\${prefix}/lib -lstytch_m2m_uniffi
PC
}

rm -rf "$sources" "$out/headers" "$out/slices" "$out/lib" "$out/bin" "$framework" "$framework.zip"
mkdir -p "$sources" "$headers" "$out/bin"
cp -R $package/Sources/StytchM2M{,Testing,URLSession} "$sources"
cp $package/README.md LICENSE-APACHE LICENSE-MIT "$out"

build --package stytch-m2m-emulator
cp "$target/release/stytch-m2m-emulator" "$out/bin"
generate --swift-sources "$target/release/$library" "$sources/StytchM2MGenerated"
generate --headers --modulemap --module-name StytchM2MFFI --modulemap-filename module.modulemap \
  "$target/release/$library" "$headers"

checksum=none
if [ "$(uname)" = Darwin ]; then checksum=$(xcframework | tail -1); else for_pkg_config; fi
sed -e "s/@VERSION@/$version/" -e "s/@CHECKSUM@/$checksum/" $package/release/Package.swift \
  >"$out/Package.swift"
echo "stytch-m2m $version is in $out"
