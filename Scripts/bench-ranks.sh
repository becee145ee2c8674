#!/usr/bin/env bash
# A sweep of 16 settings on one rank and on RANKS (2) of this machine, one thread each, in turn A B A B …; the results are
# compared before a time is told. Prints the median of ROUNDS (3) whole runs and their ratio.
# Usage: Scripts/bench-ranks.sh [RANKS]. Wants Open MPI (Scripts/mpi.sh); TWINBOOK names the program.
set -euo pipefail
cd "$(dirname "$0")/.."
ranks=${1:-2}
twinbook=${TWINBOOK:-$PWD/.build/release/twinbook}
[ -x "$twinbook" ] || { echo "bench-ranks: $twinbook is not built: swift build -c release" >&2; exit 1; }
command -v mpirun >/dev/null || { echo "bench-ranks: mpirun is not installed: Scripts/mpi.sh" >&2; exit 1; }
export TWINBOOK_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
timed() { # file of what is printed, command…
  local out=$1 begin end
  shift
  begin=$(date +%s%N)
  "$@" >"$out" 2>/dev/null
  end=$(date +%s%N)
  echo $(((end - begin) / 1000000))
}
median() { sort -n | awk '{ x[NR] = $1 } END { print x[int((NR + 1) / 2)] }'; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
alone='' together=''
for ((i = 0; i < ${ROUNDS:-3}; i++)); do
  alone+="$(timed "$folder/alone" "$twinbook" run Benchmarks/ranks-sweep.twin)"$'\n'
  together+="$(timed "$folder/together" mpirun --bind-to none -n "$ranks" "$twinbook" run Benchmarks/ranks-sweep.twin)"$'\n'
  cmp -s "$folder/alone" "$folder/together" || { echo "bench-ranks: the results differ" >&2; exit 1; }
done
a=$(printf '%s' "$alone" | median) b=$(printf '%s' "$together" | median)
awk -v a="$a" -v b="$b" -v n="$ranks" 'BEGIN {
  printf "a sweep of 16 settings, one thread a rank: %.1f s on one rank, %.1f s on %d, ratio %.2f; the same results\n", a / 1000, b / 1000, n, b / a }'
