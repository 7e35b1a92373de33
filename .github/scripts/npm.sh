#!/usr/bin/env bash
# Makes Node's package, the emulator's, and of each one for each platform, from native/TARGET: `npm.sh OUT`.
set -euo pipefail
out=$(mkdir -p "$1" && realpath "$1")
cd "$(dirname "$0")/../.."
native=$PWD/native
cd bindings/node
npm ci --ignore-scripts --no-audit --no-fund
npm run build:ts
# Refuses if a platform's file is missing.
node scripts/pack.mjs "$out" \
  linux-x64-gnu="$native/x86_64-unknown-linux-gnu" \
  linux-arm64-gnu="$native/aarch64-unknown-linux-gnu" \
  linux-x64-musl="$native/x86_64-unknown-linux-musl" \
  linux-arm64-musl="$native/aarch64-unknown-linux-musl" \
  darwin-x64="$native/x86_64-apple-darwin" \
  darwin-arm64="$native/aarch64-apple-darwin" \
  win32-x64-msvc="$native/x86_64-pc-windows-msvc" \
  win32-arm64-msvc="$native/aarch64-pc-windows-msvc"
