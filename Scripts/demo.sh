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
echo "demo: running Scripts/quickstart.twin and saving the session" >&2
{ cat Scripts/quickstart.twin; printf '\n# %%%%\n%%save! figures/quickstart-session.twin\n'; } | "$twinbook"
echo "demo: replaying the saved session, comparing each result" >&2
"$twinbook" replay --verify figures/quickstart-session.twin | tail -n 1
echo "demo: now try it yourself: $twinbook" >&2
