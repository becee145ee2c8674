#!/usr/bin/env bash
# Makes the pictures of the documentation anew: a session in a terminal, typed key by key into the program; the histograms
# of Scripts/quickstart.twin; the quickstart worked through in JupyterLab; a page that holds its session; a served
# gallery's page. Needs gnuplot, python3 and Chromium; the rest comes from PyPI (jupyterlab.sh).
# Usage: Scripts/maintainers/pictures.sh [terminal|histograms|jupyterlab|notebook|gallery]…
set -euo pipefail
cd "$(dirname "$0")/../.."
export TWINBOOK=${TWINBOOK:-$PWD/.build/release/twinbook}
images=$PWD/Documentation/images
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
lab=${TWINBOOK_LAB:-$PWD/.build/jupyterlab-peers}
chromium=$(command -v chromium || command -v google-chrome) || { echo "pictures: apt-get install chromium" >&2; exit 3; }
Scripts/maintainers/jupyterlab.sh --make-only
[ $# -gt 0 ] || set -- terminal histograms jupyterlab notebook gallery
for wanted in "$@"; do
  case $wanted in
    terminal) "$lab/bin/python" Scripts/maintainers/terminal.py "$images/terminal.svg" ;;
    histograms)
      # The quickstart as it stands, and its figures saved.
      { cat Scripts/quickstart.twin
        printf '\n# %%%%\nplot(d).save("%s/quickstart-distances.png", width=760)\n' "$images"
        printf 'plot(loop).save("%s/quickstart-loss.png", width=760)\n' "$images"
      } >"$work/quickstart.twin"
      (cd "$work" && "$TWINBOOK" run quickstart.twin >/dev/null 2>&1)
      ;;
    jupyterlab)
      Scripts/maintainers/jupyterlab.sh --pictures "$work/lab" Scripts/quickstart.twin >/dev/null
      cp "$work/lab/quickstart/2-end.png" "$images/jupyterlab.png"
      ;;
    notebook)
      "$TWINBOOK" convert --run Notebooks/4-threshold.twin "$work/page.html" >/dev/null 2>&1
      "$lab/bin/python" - "$chromium" "$work/page.html" "$images/notebook-page.png" <<'END'
import sys
from playwright.sync_api import sync_playwright

with sync_playwright() as playwright:
    page = playwright.chromium.launch(executable_path=sys.argv[1], args=["--no-sandbox"]).new_page(
        viewport={"width": 1280, "height": 860})
    page.goto("file://" + sys.argv[2])
    page.screenshot(path=sys.argv[3])
END
      ;;
    gallery)
      Scripts/page.sh --tidy "$work/gallery" >/dev/null 2>&1
      cp "$work/gallery/ask-1280-light.png" "$images/gallery-ask.png"
      cp "$work/gallery/gallery-1280-light.png" "$images/gallery-people.png"
      ;;
    *) echo "pictures: terminal, histograms, jupyterlab, notebook or gallery, not $wanted" >&2; exit 2 ;;
  esac
  echo "pictures: $wanted is made" >&2
done
