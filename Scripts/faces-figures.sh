#!/usr/bin/env bash
# The face detector beside the Python package mtcnn 1.0, on the photographs of TWINBOOK_DATA/photos/scenes: boxes found
# and extra, landmarks, and with -p PYTHON (a Python in which mtcnn 1.0.0 and tensorflow are installed) times, both on
# as many threads as TWINBOOK_THREADS says, 2 where it does not.
# Usage: Scripts/faces-figures.sh [-p PYTHON]
#   python3 -m venv peer && peer/bin/pip install mtcnn==1.0.0 tensorflow-cpu && Scripts/faces-figures.sh -p peer/bin/python
# The weights: twinbook fetch mtcnn, or: pip download facenet-pytorch==2.6.0 --no-deps && twinbook fetch mtcnn --from *.whl
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
twinbook=${TWINBOOK:-$root/.build/release/twinbook}
photos=${TWINBOOK_DATA:?set TWINBOOK_DATA to the folder that holds photos/scenes}/photos
peer=""
while getopts "p:h" option; do
  case $option in
    p) peer=$OPTARG ;;
    *) sed -n 2,7p "$0" | cut -c3-; exit 2 ;;
  esac
done
export TWINBOOK_THREADS=${TWINBOOK_THREADS:-2}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
(cd "$photos/scenes" && ls) > "$folder/files"
"$twinbook" run "$root/Scripts/faces-figures.twin" "$photos/scenes" $(cat "$folder/files") > "$folder/ours.csv"
: > "$folder/peer.csv"
if [ -n "$peer" ]; then
  "$peer" "$root/Scripts/faces-peer.py" "$photos/scenes" $(cat "$folder/files") > "$folder/peer.csv" 2> "$folder/peer.log" ||
    { tail -5 "$folder/peer.log" >&2; echo "faces-figures.sh: $peer cannot run mtcnn" >&2; exit 1; }
fi
python3 "$root/Scripts/faces-compare.py" "$photos/scenes-mtcnn.json" "$folder/ours.csv" "$folder/peer.csv"
