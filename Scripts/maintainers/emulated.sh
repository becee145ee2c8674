#!/usr/bin/env bash
# Replays Tests/Numerics/fingerprint.twin to the letter under emulated processors: one without AVX, one with AVX2, and the
# newest that the emulator knows (Debian's qemu-user). Takes some minutes.
# Usage: Scripts/maintainers/emulated.sh [FILE.twin]
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
command -v qemu-x86_64 >/dev/null || { echo "emulated: sudo apt-get install qemu-user" >&2; exit 1; }
program=${TWINBOOK:-$root/.build/release/twinbook}
file=$(realpath "${1:-$root/Tests/Numerics/fingerprint.twin}")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
status=0
for cpu in Nehalem Haswell max; do
  kernels=$(qemu-x86_64 -cpu "$cpu" "$program" doctor 2>/dev/null | sed -n 's/.*the \([a-z0-9]*\) kernels run.*/\1/p')
  if result=$(TWINBOOK_THREADS=2 qemu-x86_64 -cpu "$cpu" "$program" replay --verify "$file" 2>&1 | tail -n 1) &&
    [[ $result == verified:* ]]; then
    echo "$cpu ($kernels kernels): $result"
  else
    echo "$cpu ($kernels kernels): $result" >&2
    status=1
  fi
done
exit $status
