#!/usr/bin/env bash
# The language beside CPython: each program of Benchmarks/language in both, in turn, whole processes.
#
#   Scripts/bench-language.sh [-n ROUNDS] [PROGRAM…]      # all programs, 7 rounds
#
# Checks first that both print the same; then runs A B A B … and prints the medians and their ratio.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=7
case ${1:-} in
  -n) rounds=${2:?the number of rounds}; shift 2 ;;
  -*) sed -n 2,6p "$0" | cut -c3-; exit 2 ;;
esac
twinbook=${TWINBOOK:-.build/release/twinbook}
python=${PYTHON:-python3}
[ -x "$twinbook" ] || { echo "bench-language: $twinbook is not built: swift build -c release" >&2; exit 1; }
command -v "$python" > /dev/null || { echo "bench-language: $python is not installed" >&2; exit 1; }
# A version manager's `python3` is a script that finds the interpreter; what is measured is the interpreter.
python=$("$python" -c 'import sys; print(sys.executable)')

programs=("$@")
if [ ${#programs[@]} -eq 0 ]; then
  for file in Benchmarks/language/*.twin; do programs+=("$(basename "$file" .twin)"); done
fi

# Milliseconds of wall clock that a command takes.
clock() {
  local before after
  before=$(date +%s%N)
  "$@" > /dev/null
  after=$(date +%s%N)
  echo $(((after - before) / 10000)) | awk '{ printf "%.2f\n", $1 / 100 }'
}

median() { sort -n | awk '{ x[NR] = $1 } END { print NR % 2 ? x[(NR + 1) / 2] : (x[NR / 2] + x[NR / 2 + 1]) / 2 }'; }

failed=0
slower=0
twice=0
echo "$("$python" --version 2>&1) ($python), $("$twinbook" --version 2>&1 | head -1); $(nproc) cores, medians of $rounds rounds, whole processes"
printf '%-12s %12s %12s %10s\n' program 'Twin ms' 'CPython ms' 'times as fast'
for program in "${programs[@]}"; do
  twin=Benchmarks/language/$program.twin
  peer=Benchmarks/language/$program.py
  if [ "$("$twinbook" run "$twin")" != "$("$python" "$peer")" ]; then
    echo "$program: the two print different things:" >&2
    diff <("$twinbook" run "$twin") <("$python" "$peer") >&2 || true
    failed=1
    continue
  fi
  a=() b=()
  for ((round = 0; round < rounds; round++)); do
    a+=("$(clock "$twinbook" run "$twin")")
    b+=("$(clock "$python" "$peer")")
  done
  ours=$(printf '%s\n' "${a[@]}" | median)
  theirs=$(printf '%s\n' "${b[@]}" | median)
  ratio=$(awk "BEGIN { printf \"%.2f\", $theirs / $ours }")
  printf '%-12s %12s %12s %10s\n' "$program" "$ours" "$theirs" "$ratio"
  awk "BEGIN { exit !($ratio < 1) }" && slower=$((slower + 1))
  awk "BEGIN { exit !($ratio >= 2) }" && twice=$((twice + 1))
done
echo "$twice of ${#programs[@]} at least twice as fast as CPython, $slower slower"
exit $failed
