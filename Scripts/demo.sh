#!/usr/bin/env bash
# From a fresh clone to the main job: installs what is missing, builds for release, runs Scripts/quickstart.twin,
# then replays what it saved and compares every result.
set -euo pipefail
cd "$(dirname "$0")/.."
Scripts/setup.sh
echo "demo: building for release (a few minutes the first time)" >&2
swift build -c release --product twinbook
twinbook=$(swift build -c release --show-bin-path)/twinbook
mkdir -p figures
"$twinbook" run Scripts/quickstart.twin
echo "demo: replaying with --verify" >&2
"$twinbook" replay --verify Scripts/quickstart.twin
echo "demo: now try it yourself: $twinbook" >&2
