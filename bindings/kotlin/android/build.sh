#!/usr/bin/env bash
# Makes the AAR in build/outputs/aar. Needs the Android SDK and NDK, Gradle 9, cargo-ndk, and the Rust
# targets that it names.
set -euo pipefail
cd "$(dirname "$0")"

library=libstytch_m2m_uniffi.so
abis=(arm64-v8a armeabi-v7a x86_64)
rm -rf build/native build/generated
rustup target add aarch64-linux-android armv7-linux-androideabi x86_64-linux-android

for abi in "${abis[@]}"; do
  cargo ndk --target "$abi" --platform 26 --output-dir build/native \
    build --release --package stytch-m2m-uniffi
done
cargo run --quiet --package stytch-m2m-uniffi-bindgen --bin uniffi-bindgen -- \
  generate "build/native/arm64-v8a/$library" --language kotlin --no-format \
  --out-dir build/generated/uniffi

# On 64-bit devices every segment must be aligned to 16 KB (0x4000).
for abi in arm64-v8a x86_64; do
  headers=$(readelf --program-headers --wide "build/native/$abi/$library")
  for alignment in $(awk '$1 == "LOAD" { print $NF }' <<<"$headers"); do
    if ((alignment < 0x4000)); then
      echo "error: $abi/$library is not aligned to 16 KB" >&2
      exit 1
    fi
  done
done
gradle assembleRelease
