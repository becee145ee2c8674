#!/usr/bin/env bash
# Installs what Twinbook is built from and is missing here (Debian, Ubuntu); says what it does, does nothing otherwise.
set -euo pipefail

if ! command -v swift >/dev/null 2>&1; then
  echo "setup: no Swift toolchain found: install Swift 6.2 or newer from https://www.swift.org/install/linux/ and run this again" >&2
  exit 1
fi

# package → a file or command that shows it is there
wanted=(
  "git:command:git"
  "g++:command:g++"
  "pkg-config:command:pkg-config"
  "libopenblas-pthread-dev:pkg:openblas"
  "libpng-dev:pkg:libpng"
  "libjpeg-dev:file:/usr/include/jpeglib.h"
  "libzip-dev:pkg:libzip"
  "zlib1g-dev:pkg:zlib"
  "libcurl4-openssl-dev:pkg:libcurl"
  "libedit-dev:pkg:libedit"
  "libzmq5:lib:libzmq.so.5"
  "libsqlite3-0:lib:libsqlite3.so.0"
  "libpq5:lib:libpq.so.5"
  "libgnuplot-iostream-dev:file:/usr/include/gnuplot-iostream.h"
  "libboost-dev:file:/usr/include/boost/version.hpp"
  "libboost-iostreams-dev:lib:libboost_iostreams.so"
  "libboost-filesystem-dev:lib:libboost_filesystem.so"
  "gnuplot-nox:command:gnuplot"
)

missing=()
for entry in "${wanted[@]}"; do
  IFS=: read -r package kind probe <<<"$entry"
  case $kind in
    command) command -v "$probe" >/dev/null 2>&1 && continue ;;
    pkg) command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "$probe" && continue ;;
    file) [ -e "$probe" ] && continue ;;
    lib) compgen -G "/usr/lib/*/$probe" >/dev/null && continue
         compgen -G "/usr/lib/$probe" >/dev/null && continue ;;
  esac
  missing+=("$package")
done

# Libraries that the Swift toolchain itself loads, where it was unpacked from an archive.
toolchain=$(ldd "$(dirname "$(readlink -f "$(command -v swift)")")/swift-build" 2>/dev/null | awk '/not found/ { print $1 }' || true)
for entry in libsqlite3.so.0:libsqlite3-0 libcurl.so.4:libcurl4 libxml2.so.2:libxml2; do
  if [[ $toolchain == *"${entry%%:*}"* ]]; then missing+=("${entry#*:}"); fi
done

if [ ${#missing[@]} -eq 0 ]; then
  exit 0
fi
. "$(dirname "$0")/apt.sh"
install_packages setup "${missing[@]}"
