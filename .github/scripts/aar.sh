#!/usr/bin/env bash
# Makes the Android archive out of the jar and of the libraries for Android:
# `aar.sh VERSION JAR OUT`, with the libraries in native/android/<abi>.
set -euo pipefail
version=$1 jar=$2 out=$(realpath -m "$3")
cd "$(dirname "$0")/../.."
native=$(realpath native/android)
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

# The classes without the desktop's libraries.
mkdir "$folder/classes" "$folder/aar"
unzip -q "$jar" 'io/*' 'META-INF/*' -d "$folder/classes"
jar --create --file "$folder/aar/classes.jar" -C "$folder/classes" .
cp -R "$native" "$folder/aar/jni"
cat >"$folder/aar/AndroidManifest.xml" <<'XML'
<manifest xmlns:android="http://schemas.android.com/apk/res/android" package="io.github.stytchm2m">
  <uses-sdk android:minSdkVersion="24" />
</manifest>
XML
cat >"$folder/aar/proguard.txt" <<'RULES'
-keep class com.sun.jna.** { *; }
-keep class io.github.stytchm2m.** { *; }
RULES
touch "$folder/aar/R.txt"
mkdir -p "$out"
(cd "$folder/aar" && zip -qr "$out/stytch-m2m-android-$version.aar" .)
