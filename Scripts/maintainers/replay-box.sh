#!/usr/bin/env bash
# Replays every script and every lesson of the repository in the box, to its end, and looks for doors that were closed.
#   Scripts/maintainers/replay-box.sh [SECONDS [FILE…]]      # seconds for each at most (3600); all files where none is given
# Prints a line for each: how it ended, and how long it took. Ends with 1 where one was refused something, or failed.
# One that was still at work when its time was over is named, and is no failure: nothing was refused up to then.
set -uo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-3600}
shift || true
files=("$@")
[ ${#files[@]} -gt 0 ] || files=(Notebooks/*.twin Scripts/*.twin)
twinbook=${TWINBOOK:-$PWD/.build/release/twinbook}
[ -x "$twinbook" ] || { echo "no executable: swift build -c release --product twinbook, or set TWINBOOK" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0
for file in "${files[@]}"; do
  name=$(basename "$file")
  # A script that wants arguments has none in a replay.
  if grep -q '^# Usage: twinbook run' "$file"; then
    echo "$name: wants arguments, which a replay has not: passed over"
    continue
  fi
  began=$SECONDS
  (cd "$work" && timeout -k 5 "$seconds" "$twinbook" replay "$OLDPWD/$file") >"$work/out" 2>"$work/err"
  code=$?
  took=$((SECONDS - began))
  if grep -hE 'this script may not|--trust lifts' "$work/out" "$work/err" | head -3 | sed "s/^/$name: REFUSED: /"; then :; fi
  if grep -qE 'this script may not|--trust lifts' "$work/out" "$work/err"; then
    bad=1
  elif [ $code -eq 0 ]; then
    echo "$name: ended well, nothing refused, $took s"
  elif [ $code -eq 124 ] || [ $code -eq 137 ]; then
    echo "$name: still at work after $took s, nothing refused so far"
  else
    echo "$name: FAILED with $code after $took s: $(tail -n 2 "$work/err" | tr '\n' ' ')"
    bad=1
  fi
done
exit $bad
