#!/usr/bin/env bash
# Runs scripts and writes the results that they give here and now under their cells, as %save does.
# Usage: Scripts/record.sh FILE…
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
twinbook=${TWINBOOK:-$root/.build/release/twinbook}
for file in "$@"; do
  # Figures of the run go nowhere: only their data are recorded.
  path=$(realpath "$file")
  folder=$(mktemp -d)
  (cd "$folder" && printf '%%run %s\n%%save %s\n' "$path" "$path" | "$twinbook" >/dev/null)
  rm -rf "$folder"
  echo "recorded $file" >&2
done
