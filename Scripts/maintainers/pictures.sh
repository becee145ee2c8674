#!/usr/bin/env bash
# Makes the pictures of the README anew: a session in a terminal, typed key by key into the program, and the two histograms
# of Scripts/quickstart.twin. Needs gnuplot, and python3 with pyte (pip install pyte).
# Usage: Scripts/maintainers/pictures.sh [terminal|histograms]…
set -euo pipefail
cd "$(dirname "$0")/../.."
export TWINBOOK=${TWINBOOK:-$PWD/.build/release/twinbook}
images=$PWD/Documentation/images
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ $# -gt 0 ] || set -- terminal histograms
for wanted in "$@"; do
  case $wanted in
    terminal) python3 Scripts/maintainers/terminal.py "$images/terminal.svg" ;;
    histograms)
      # The quickstart as it stands, and its figures saved.
      { cat Scripts/quickstart.twin
        printf '\n# %%%%\nplot(d).save("%s/quickstart-distances.png", width=760)\n' "$images"
        printf 'plot(loop).save("%s/quickstart-loss.png", width=760)\n' "$images"
      } >"$work/quickstart.twin"
      (cd "$work" && "$TWINBOOK" run quickstart.twin >/dev/null 2>&1)
      ;;
    *) echo "pictures: terminal or histograms, not $wanted" >&2; exit 2 ;;
  esac
  echo "pictures: $wanted is made" >&2
done
