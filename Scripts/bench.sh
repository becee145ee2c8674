#!/usr/bin/env bash
# Twinbook beside PyTorch on this machine: one training step and the embedding of images, in turn A B A B …, medians of
# ROUNDS (5). Results are checked before a time is told. --setup-peers makes ~/peers-torch; without it PyTorch is left out.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${ROUNDS:-5}
torch=${PEERS_TORCH:-$HOME/peers-torch}/bin/python
if [[ ${1:-} == --setup-peers ]]; then
  python3 -m venv "$HOME/peers-torch"
  "$HOME/peers-torch/bin/pip" install --quiet torch pillow numpy
fi
if [[ ! -x $torch ]]; then echo "No PyTorch in ~/peers-torch: its columns stay empty (Scripts/bench.sh --setup-peers makes it)."; fi

export TWINBOOK_THREADS=2
build=(-c release -Xswiftc -enable-testing)
swift build "${build[@]}" --build-tests 2>&1 | tail -1
ours() { TWINBOOK_BENCH=$1 swift test "${build[@]}" --skip-build --filter TrainingBenchmark 2>/dev/null | grep '^BENCH' || { echo "the check of $1 failed" >&2; exit 1; }; }
median() { sort -g | awk '{ x[NR] = $1 } END { if (NR) print x[int((NR + 1) / 2)] }'; }

grep -m1 'model name' /proc/cpuinfo | sed 's/.*: /Machine: /'
printf '%-12s %14s %14s %8s %16s %16s %8s\n' network 'step, ms' 'PyTorch, ms' ratio 'embed, images/s' 'PyTorch' ratio
for name in recipe-80 conv4-28 koch-105; do
  a=() b=()
  for ((i = 0; i < rounds; i++)); do
    a+=("$(ours $name)")
    if [[ -x $torch ]]; then b+=("$("$torch" Benchmarks/training/peer_torch.py $name | grep '^BENCH')"); fi
  done
  step=$(printf '%s\n' "${a[@]}" | awk '{ print $3 }' | median)
  embed=$(printf '%s\n' "${a[@]}" | awk '{ print $4 }' | median)
  peer_step=$(printf '%s\n' "${b[@]:-}" | awk 'NF { print $3 }' | median)
  peer_embed=$(printf '%s\n' "${b[@]:-}" | awk 'NF { print $4 }' | median)
  awk -v n=$name -v s="$step" -v ps="${peer_step:-0}" -v e="$embed" -v pe="${peer_embed:-0}" 'BEGIN {
    printf "%-12s %14.1f %14s %8s %16.0f %16s %8s\n", n, s, ps ? sprintf("%.1f", ps) : "-", ps ? sprintf("%.1f", ps / s) : "-",
      e, pe ? sprintf("%.0f", pe) : "-", pe ? sprintf("%.1f", e / pe) : "-" }'
done

# Whole processes, where the program is built.
program=.build/release/twinbook
if [[ -x $program ]]; then
  [[ $("$program" eval '1 + 1') == 2 ]] || { echo "eval '1 + 1' does not give 2" >&2; exit 1; }
  times=$(for _ in 1 2 3 4 5 6 7 8 9; do s=$(date +%s%N); "$program" eval '1 + 1' >/dev/null; e=$(date +%s%N); echo $(((e - s) / 1000)); done)
  printf "eval '1 + 1': %.1f ms as a whole process\n" "$(echo "$times" | median | awk '{ print $1 / 1000 }')"
  sleep 3 | "$program" >/dev/null 2>&1 & sleep 1
  pid=$(pgrep -n -P $$ -f "$program" || true)
  if [[ -n $pid ]]; then awk '/VmRSS/ { printf "idle session: %.0f MB\n", $2 / 1024 }' "/proc/$pid/status"; fi
  wait
fi
