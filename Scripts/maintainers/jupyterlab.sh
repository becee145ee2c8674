#!/usr/bin/env bash
# Works through a notebook in JupyterLab in a headless Chromium, and takes pictures of it to be looked at.
#   Scripts/maintainers/jupyterlab.sh [SCRIPT.twin] [FOLDER]
# Default: the quickstart, into .build/jupyterlab. JupyterLab and playwright come from PyPI into .build/jupyterlab-peers;
# Chromium is Debian's (apt-get install chromium).
set -euo pipefail
cd "$(dirname "$0")/../.."
script=${1:-Scripts/quickstart.twin}
pictures=${2:-$PWD/.build/jupyterlab}
peers=${TWINBOOK_LAB:-$PWD/.build/jupyterlab-peers}
program=${TWINBOOK:-$PWD/.build/release/twinbook}
chromium=$(command -v chromium || command -v google-chrome) || { echo "jupyterlab: apt-get install chromium" >&2; exit 3; }
[ -x "$program" ] || { echo "jupyterlab: no program: swift build -c release --product twinbook, or set TWINBOOK" >&2; exit 2; }
"$peers/bin/python" -c 'import jupyterlab, playwright' 2>/dev/null || {
  echo "jupyterlab: making $peers from PyPI" >&2
  python3 -m venv "$peers"
  "$peers/bin/pip" install -q --disable-pip-version-check jupyterlab playwright
}
work=$(mktemp -d)
trap "kill %1 2>/dev/null || true; wait; rm -rf \"$work\"" EXIT
export HOME=$work/home XDG_STATE_HOME=$work/state JUPYTER_RUNTIME_DIR=$work/run JUPYTER_DATA_DIR=$work/data
export JUPYTER_CONFIG_DIR=$work/config JUPYTER_PLATFORM_DIRS=0
mkdir -p "$HOME" "$work/notebooks"
"$program" kernel install --user >/dev/null
"$program" convert "$script" "$work/notebooks/notebook.ipynb"
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$peers/bin/jupyter" lab --no-browser --allow-root --ip 127.0.0.1 --port "$port" --IdentityProvider.token= \
  --ServerApp.root_dir="$work/notebooks" >"$work/log" 2>&1 &
for _ in $(seq 100); do
  if python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$port/api')" 2>/dev/null; then break; fi
  sleep 0.2
done
"$peers/bin/python" Scripts/maintainers/jupyterlab.py "http://127.0.0.1:$port" notebook.ipynb "$pictures" "$chromium" || {
  tail -20 "$work/log" >&2
  exit 1
}
