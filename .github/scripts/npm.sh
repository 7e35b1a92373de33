#!/usr/bin/env bash
# Makes Node's package and one for each platform, from the modules in native/TARGET: `npm.sh OUT`.
set -euo pipefail
out=$(mkdir -p "$1" && realpath "$1")
cd "$(dirname "$0")/../.."
root=$PWD
cd bindings/node
npm ci --ignore-scripts --no-audit --no-fund
npm run build:ts
npm run napi -- create-npm-dirs

# place TARGET PLATFORM: the module for the platform as napi names it.
place() {
  cp "$root/native/$1"/*stytch_m2m_node.* "npm/$2/stytch-m2m.$2.node"
}
place x86_64-unknown-linux-gnu linux-x64-gnu
place aarch64-unknown-linux-gnu linux-arm64-gnu
place x86_64-unknown-linux-musl linux-x64-musl
place aarch64-unknown-linux-musl linux-arm64-musl
place x86_64-apple-darwin darwin-x64
place aarch64-apple-darwin darwin-arm64
place x86_64-pc-windows-msvc win32-x64-msvc
place aarch64-pc-windows-msvc win32-arm64-msvc

# Refuses if a platform's module is missing, and names the platforms' packages in package.json.
npm run napi -- pre-publish --no-gh-release --skip-optional-publish
for package in npm/* .; do
  npm pack --ignore-scripts --pack-destination "$out" "./$package"
done
