#!/usr/bin/env bash
# Judges Editors/: the manifest of the VS Code extension, its package and its commands (in Node, with a stand-in for VS
# Code), and the colours of the TextMate grammar and of Vim's syntax, letter by letter, beside those of the language. The
# reader of TextMate grammars comes from PyPI into a virtual environment of its own (.build/peers-editors).
#   Scripts/judge-editors.sh [--make-only] [STEP…]      manifest extension textmate vim; all where none is named
set -euo pipefail
cd "$(dirname "$0")/.."
peers=${TWINBOOK_EDITOR_PEERS:-$PWD/.build/peers-editors}
make_peers() {
  "$peers/bin/python" -c 'import textmate_grammar' 2>/dev/null && return
  echo "judges: making $peers from PyPI" >&2
  { python3 -m venv "$peers" &&
    timeout 110 "$peers/bin/pip" install -q --disable-pip-version-check --retries 1 --timeout 10 textmate-grammar-python==0.6.1; } >&2 || {
    echo "judges: PyPI cannot be reached, or venv is missing (apt-get install python3-venv): the grammar is not judged" >&2
    rm -rf "$peers"
    return 3
  }
}
if [ "${1:-}" = --make-only ]; then make_peers; exit; fi

program=${TWINBOOK:-$PWD/.build/release/twinbook}
[ -x "$program" ] || { echo "judges: no program: swift build -c release --product twinbook, or set TWINBOOK" >&2; exit 2; }
export TWINBOOK=$program PYTHONDONTWRITEBYTECODE=1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wants() { command -v "$1" >/dev/null || { echo "judges: $1 is missing: apt-get install $2" >&2; exit 3; }; }

if [ $# -eq 0 ]; then set -- manifest extension textmate vim; fi
for step in "$@"; do
  case $step in
    manifest) python3 Tests/Peers/editors.py manifest "$work" ;;
    extension)
      wants node nodejs
      cp Scripts/quickstart.twin "$work/script.twin"
      node Tests/Peers/vscode_extension.js "$program" "$work/script.twin"
      ;;
    textmate)
      make_peers || exit $?
      # Its reader leaves a folder where it runs.
      (cd "$work" && "$peers/bin/python" "$OLDPWD/Tests/Peers/editors.py" textmate "$work")
      ;;
    vim)
      wants vim vim
      python3 Tests/Peers/editors.py vim "$work"
      ;;
    *) echo "judges: manifest, extension, textmate or vim, not $step" >&2; exit 2 ;;
  esac
done
echo "judges: all pass"
