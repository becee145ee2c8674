#!/usr/bin/env bash
# Lets programs that nobody here wrote judge notebooks and kernel: jupyter-kernel-test, jupyter_client, nbclient, nbval,
# nbformat, nbconvert, jupytext. They come from PyPI into a virtual environment of their own (.build/peers).
#   Scripts/judge-notebooks.sh [--make-only] [STEP…]
# --make-only makes the environment and ends; where PyPI cannot be reached it says so and ends with 3.
set -euo pipefail
cd "$(dirname "$0")/.."
peers=${TWINBOOK_PEERS:-$PWD/.build/peers}
wanted=(jupyter-kernel-test==0.7.0 jupyter_client nbformat nbclient nbval nbconvert jupytext pytest)

make_peers() {
  if [ -x "$peers/bin/python" ] && "$peers/bin/python" -c 'import jupyter_kernel_test, nbclient, nbval, nbconvert, jupytext' 2>/dev/null
  then return 0; fi
  command -v python3 >/dev/null || { echo "judges: python3 is not installed" >&2; return 3; }
  echo "judges: making $peers from PyPI" >&2
  { python3 -m venv "$peers" &&
    timeout 110 "$peers/bin/pip" install -q --disable-pip-version-check --retries 1 --timeout 10 "${wanted[@]}"; } >&2 || {
    echo "judges: PyPI cannot be reached, or venv is missing (apt-get install python3-venv): notebooks are not judged" >&2
    rm -rf "$peers"
    return 3
  }
}

make_peers || exit $?
if [ "${1:-}" = --make-only ]; then exit 0; fi

program=${TWINBOOK:-$PWD/.build/release/twinbook}
[ -x "$program" ] || { echo "judges: no program: swift build -c release --product twinbook, or set TWINBOOK" >&2; exit 2; }
program=$(realpath "$program")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work/home XDG_STATE_HOME=$work/state JUPYTER_DATA_DIR=$work/data JUPYTER_RUNTIME_DIR=$work/run
export JUPYTER_CONFIG_DIR=$work/config IPYTHONDIR=$work/ipython PYTHONDONTWRITEBYTECODE=1 JUPYTER_PLATFORM_DIRS=0
mkdir -p "$HOME" "$work/run"
python=$peers/bin/python
peers_tests=$PWD/Tests/Peers
scripts=(Scripts/quickstart.twin Notebooks/*.twin)

# Runs a command that is heard only where it fails.
silently() { "$@" >"$work/said" 2>&1 || { cat "$work/said" >&2; return 1; }; }

# A recorded script whose random numbers come from a seed of its own.
seeded=$work/seeded.twin
make_seeded() {
  [ -e "$seeded" ] && return 0
  printf '%s\n' '# ---' '# twinbook: 0.1.0' '# format: 1' '# seed: 42' '# numerics: 1' '# ---' '' '# %% Numbers' 'rand(2)' \
    >"$work/plain.twin"
  "$program" convert --run "$work/plain.twin" "$seeded"
  grep -q '^#> ' "$seeded"
}

formats() {
  echo "== nbformat, jupytext: scripts as notebooks and back, to the byte"
  local script name
  make_seeded
  for script in "${scripts[@]}" "$seeded"; do
    name=$(basename "$script" .twin)
    "$program" convert "$script" "$work/$name.ipynb"
    "$program" convert "$work/$name.ipynb" - >"$work/$name.back"
    cmp "$script" "$work/$name.back"
    cp "$script" "$work/$name.py"
  done
  "$python" Tests/Peers/formats.py "$work"
}

install_kernel() {
  [ -e "$work/data/kernels/twinbook/kernel.json" ] || "$program" kernel install --user >/dev/null
}

protocol() {
  echo "== jupyter-kernel-test 0.7.0"
  install_kernel
  "$python" -m pytest -q -p no:cacheprovider --color=no -rs Tests/Peers/kernel_test.py
}

starts() {
  echo "== jupyter_client: ${TWINBOOK_STARTS:-200} starts"
  install_kernel
  "$python" Tests/Peers/starts.py "${TWINBOOK_STARTS:-200}"
}

hostile() {
  echo "== forged messages, interrupts, floods, a killed kernel"
  install_kernel
  "$python" -m pytest -q -p no:cacheprovider --color=no Tests/Peers/hostile_test.py
}

notebooks() {
  echo "== nbclient: results equal #> to the letter"
  install_kernel
  local script name
  make_seeded
  for script in "${scripts[@]}" "$seeded"; do
    # Its cells write files beside it.
    name=$(basename "$script" .twin)
    mkdir -p "$work/nbclient/$name"
    "$program" convert "$script" "$work/nbclient/$name/$name.ipynb"
    (cd "$work/nbclient/$name" && "$python" "$peers_tests/run_notebook.py" "$name.ipynb" run.ipynb)
    silently "$program" replay --verify "$work/nbclient/$name/$name.ipynb"
  done
  # The notebook that ran in Jupyter has the script's numbers.
  silently "$program" replay --verify "$work/nbclient/seeded/run.ipynb"
  "$program" convert "$work/nbclient/seeded/run.ipynb" - | cmp - "$seeded"
}

nbval() {
  echo "== nbval: passes, and fails where a result was changed"
  install_kernel
  local script name
  make_seeded
  for script in "${scripts[@]}" "$seeded"; do
    name=$(basename "$script" .twin)
    mkdir -p "$work/nbval/$name"
    silently "$program" convert --run "$script" "$work/nbval/$name/$name.ipynb"
    cd "$work/nbval/$name"
    silently "$python" -m pytest -q -p no:cacheprovider --color=no --nbval "$name.ipynb"
    cd - >/dev/null
    echo "$name: $(tail -1 "$work/said")"
  done
  "$python" Tests/Peers/change_result.py "$work/nbval/1-tensors/1-tensors.ipynb" "$work/nbval/changed.ipynb"
  if (cd "$work/nbval" && "$python" -m pytest -q -p no:cacheprovider --nbval changed.ipynb) >/dev/null; then
    echo "nbval passes on a changed result" >&2
    return 1
  fi
}

pages() {
  echo "== nbconvert: HTML; both kinds of page as PDF"
  "$program" convert Notebooks/1-tensors.twin "$work/page.ipynb"
  "$python" -m nbconvert --to html --log-level WARN "$work/page.ipynb"
  grep -q "Tensors in ten minutes" "$work/page.html"
  "$program" convert Notebooks/1-tensors.twin "$work/own.html"
  # What a cell printed and what a class is called would change the title, if a page took it for markup.
  cat >"$work/hostile.twin" <<'END'
print("<script>document.title = 'printed'</script><img src=x onerror=\"document.title = 'printed'\">")
glyphs(1, 2, seed=1).save("classes/<img src=x onerror=document.title=1>")
images("classes")
END
  (cd "$work" && "$program" convert --run --trust hostile.twin hostile.html && "$program" convert --run --trust hostile.twin hostile.ipynb) 2>/dev/null
  "$python" -m nbconvert --to html --log-level WARN --output hostile-theirs "$work/hostile.ipynb"
  local chromium page
  chromium=$(command -v chromium || command -v google-chrome) || {
    echo "Chromium is missing (apt-get install chromium)"
    left_out+=("pages in Chromium")
    return 0
  }
  browse() { "$chromium" --headless --no-sandbox --disable-gpu --user-data-dir="$work/chromium" "$@" 2>/dev/null; }
  for page in page own; do
    browse --print-to-pdf="$work/$page.pdf" "file://$work/$page.html"
    [ "$(head -c 5 "$work/$page.pdf")" = "%PDF-" ]
  done
  for page in hostile hostile-theirs; do
    browse --dump-dom "file://$work/$page.html" >"$work/$page.dom"
    grep -q 'onerror' "$work/$page.dom"
    grep -q "<title>hostile" "$work/$page.dom"
  done
}

left_out=()
if [ $# -eq 0 ]; then set -- formats protocol starts hostile notebooks nbval pages; fi
for step in "$@"; do "$step"; done
if [ ${#left_out[@]} -gt 0 ]; then
  printf 'judges: not judged: %s\n' "$(IFS=,; echo "${left_out[*]}")"
  exit 3
fi
echo "judges: all pass"
