#!/usr/bin/env bash
# Replays every script and every lesson of the repository in the box, to its end, and looks for doors that were closed.
#   Scripts/maintainers/replay-box.sh [SECONDS [FILE…]]      # seconds for each at most (3600); all files where none is given
#   Scripts/maintainers/replay-box.sh --short                # those that train for hours, with little training: to their end
# Prints a line for each: how it ended, and how long it took. Ends with 1 where one was refused something, or failed.
# One that was still at work when its time was over is named, and is no failure: nothing was refused up to then.
set -uo pipefail
cd "$(dirname "$0")/../.."
short=
if [ "${1:-}" = --short ]; then
  short=1
  shift
fi
seconds=${1:-3600}
shift || true
files=("$@")
if [ ${#files[@]} -eq 0 ]; then
  if [ -n "$short" ]; then files=(Scripts/{koch,omniglot,omniglot-glyphs,ablation}.twin); else files=(Notebooks/*.twin Scripts/*.twin); fi
fi
twinbook=${TWINBOOK:-$PWD/.build/release/twinbook}
[ -x "$twinbook" ] || { echo "no executable: swift build -c release --product twinbook, or set TWINBOOK" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bad=0

# Every statement as it stands, with few images, narrow layers, one epoch and few trials; each rule has to change something.
shorten() {
  local file=$1 rule out=$work/short
  shift
  cp "$file" "$out"
  for rule in "$@"; do
    sed -E "$rule" "$out" >"$out.next"
    if cmp -s "$out" "$out.next"; then
      echo "$(basename "$file"): \"$rule\" changes nothing: the script has changed, and so must this one" >&2
      exit 2
    fi
    mv "$out.next" "$out"
  done
  mv "$out" "$work/$(basename "$file")"
}
if [ -n "$short" ]; then
  for index in "${!files[@]}"; do
    file=${files[index]}
    case $(basename "$file" .twin) in
      koch)
        shorten "$file" 's/epochs = if.*/epochs = 1/' 's/perclass=4/perclass=2/' 's/batch=64/batch=16/' 's/trials=4000/trials=40/' \
          's/^print\("\{learn/learn = glyphs(12, 6, seed=1, size=105)\n&/'
        ;;
      omniglot | omniglot-glyphs)
        shorten "$file" 's/onecycle\([0-9]+\)/onecycle(200)/' 's/epochs=[0-9]+/epochs=1/' 's/trials=4000/trials=20/g' \
          's/classes=1000/classes=20/' 's/(block|deeper)\([0-9]+\)/\1(4)/g'
        ;;
      ablation)
        shorten "$file" 's/else \{ 600 \}/else { 2 }/' 's/else \{ 16 \}/else { 2 }/' 's/trials=4000/trials=10/' \
          's/classes=1000, each=20/classes=40, each=4/' 's/seed in 1\.\.\.3/seed in 1...1/'
        ;;
      *)
        echo "$(basename "$file") is short as it is" >&2
        exit 2
        ;;
    esac
    files[index]=$work/$(basename "$file")
  done
fi
for file in "${files[@]}"; do
  name=$(basename "$file")
  path=$(realpath "$file")
  # A script that wants arguments has none in a replay.
  if grep -q '^# Usage: twinbook run' "$file"; then
    echo "$name: wants arguments, which a replay has not: passed over"
    continue
  fi
  began=$SECONDS
  (cd "$work" && timeout -k 5 "$seconds" "$twinbook" replay "$path") >"$work/out" 2>"$work/err"
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
