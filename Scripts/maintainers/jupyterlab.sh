#!/usr/bin/env bash
# Works through notebooks in JupyterLab in a headless Chromium, and takes pictures to be looked at.
#   Scripts/maintainers/jupyterlab.sh [--make-only] [--pictures FOLDER] [SCRIPT.twin…]
# Default: the quickstart and all lessons, into .build/jupyterlab. JupyterLab, playwright, and pyte for terminal.py come
# from PyPI into .build/jupyterlab-peers, which --make-only makes; Chromium is Debian's (apt-get install chromium).
set -euo pipefail
cd "$(dirname "$0")/../.."
peers=${TWINBOOK_LAB:-$PWD/.build/jupyterlab-peers}
"$peers/bin/python" -c 'import jupyterlab, playwright, pyte' 2>/dev/null || {
  echo "jupyterlab: making $peers from PyPI" >&2
  python3 -m venv "$peers"
  "$peers/bin/pip" install -q --disable-pip-version-check jupyterlab playwright pyte
}
if [ "${1:-}" = --make-only ]; then exit 0; fi
pictures=$PWD/.build/jupyterlab
if [ "${1:-}" = --pictures ]; then pictures=${2:?--pictures wants a folder}; shift 2; fi
if [ $# -eq 0 ]; then set -- Scripts/quickstart.twin Notebooks/*.twin; fi
program=${TWINBOOK:-$PWD/.build/release/twinbook}
chromium=$(command -v chromium || command -v google-chrome) || { echo "jupyterlab: apt-get install chromium" >&2; exit 3; }
[ -x "$program" ] || { echo "jupyterlab: no program: swift build -c release --product twinbook, or set TWINBOOK" >&2; exit 2; }
work=$(mktemp -d)
trap 'kill "$server" 2>/dev/null || true; wait; rm -rf "$work"' EXIT
server=
export HOME=$work/home XDG_STATE_HOME=$work/state JUPYTER_RUNTIME_DIR=$work/run JUPYTER_DATA_DIR=$work/data
export JUPYTER_CONFIG_DIR=$work/config JUPYTER_PLATFORM_DIRS=0
mkdir -p "$HOME" "$work/notebooks"
"$program" kernel install --user >/dev/null
notebooks=()
for script in "$@"; do
  name=$(basename "$script" .twin).ipynb
  "$program" convert "$script" "$work/notebooks/$name"
  notebooks+=("$name")
done
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
"$peers/bin/jupyter" lab --no-browser --allow-root --ip 127.0.0.1 --port "$port" --IdentityProvider.token= \
  --ServerApp.root_dir="$work/notebooks" >"$work/log" 2>&1 &
server=$!
for _ in $(seq 100); do
  if python3 -c "import urllib.request; urllib.request.urlopen('http://127.0.0.1:$port/api')" 2>/dev/null; then break; fi
  sleep 0.2
done
"$peers/bin/python" Scripts/maintainers/jupyterlab.py "http://127.0.0.1:$port" "$chromium" "$pictures" "${notebooks[@]}" || {
  tail -20 "$work/log" >&2
  exit 1
}
