#!/usr/bin/env bash
# The accuracy table: each row's script is run with each seed, and what it prints is shown.
# Usage: Scripts/accuracy.sh [-s "1 2 3"] [-r FOLDER] [ROW…]
#   -s  seeds; -r  a folder of Omniglot's official runs (runNN/{training,test,class_labels.txt})
#   ROW att, omniglot, glyphs, koch; all where none is given. TWINBOOK_DATA is where att_faces and omniglot are.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
twinbook=${TWINBOOK:-$root/.build/release/twinbook}
seeds="1 2 3"
runs=""
while getopts "s:r:h" option; do
  case $option in
    s) seeds=$OPTARG ;;
    r) runs=$(realpath "$OPTARG") ;;
    *) sed -n 2,6p "$0" | cut -c3-; exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- att omniglot glyphs koch
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
for row in "$@"; do
  case $row in
    att) file=att.twin ;;
    omniglot) file=omniglot.twin ;;
    glyphs) file=omniglot-glyphs.twin ;;
    koch) file=koch.twin ;;
    *) echo "accuracy.sh: no row is called $row (att, omniglot, glyphs, koch)" >&2; exit 2 ;;
  esac
  for seed in $seeds; do
    arguments=("$seed")
    # koch.twin takes the epochs before the folder.
    [ "$row" = koch ] && [ -n "$runs" ] && arguments+=(10)
    [ "$row" = att ] || [ -z "$runs" ] || arguments+=("$runs")
    begin=$(date +%s)
    echo "$row, seed $seed"
    "$twinbook" run "$root/Scripts/$file" "${arguments[@]}" 2>/dev/null | sed 's/^/  /'
    echo "  $(($(date +%s) - begin)) s"
  done
done
