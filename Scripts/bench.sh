#!/usr/bin/env bash
# Twinbook beside PyTorch (and Keras) on this machine: training steps, embedding, distances, decoding, memory; measured
# in turn A B A B …, 2 threads each, medians of ROUNDS (5). Results are checked before a time is told.
#
# Usage: Scripts/bench.sh [--setup-peers] [--keras] [--only NAME] [--recipe FOLDER]
#   --setup-peers    makes ~/peers-torch (and with --keras ~/peers-keras); without them their columns stay empty.
#   --keras          measures Keras, too.
#   --only NAME      one row: recipe-80, conv4-28, koch-105, glyphs-28, glyphs-norm, faces-56, gemm, distances,
#                    images, start.
#   --recipe FOLDER  instead of the table: the Keras recipe end to end on a folder of class folders of faces, until 99 %
#                    of the validation pairs are told apart; with --keras also there (its eight epochs take minutes).
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${ROUNDS:-5}
setup='' keras='' only='' recipe=''
while (($#)); do
  case $1 in
    --setup-peers) setup=1 ;;
    --keras) keras=1 ;;
    --only) only=${2:?--only wants the name of a row}; shift ;;
    --recipe) recipe=$(realpath "${2:?--recipe wants a folder}"); shift ;;
    *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 2 ;;
  esac
  shift
done

peers_torch=${PEERS_TORCH:-$HOME/peers-torch} peers_keras=${PEERS_KERAS:-$HOME/peers-keras}
make_peers() { # folder, packages…
  local folder=$1
  shift
  [[ -x $folder/bin/python ]] || python3 -m venv "$folder"
  "$folder/bin/pip" install --quiet "$@"
}
if [[ $setup ]]; then
  make_peers "$peers_torch" torch pillow numpy
  if [[ $keras ]]; then make_peers "$peers_keras" tensorflow-cpu keras pillow numpy; fi
fi
# The peers bring a BLAS of their own: ours is not told to them.
python_of() { (unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE; exec "$@"); }
has_torch='' has_keras=''
if [[ -x $peers_torch/bin/python ]]; then has_torch=1; else
  echo "No PyTorch in $peers_torch: its columns stay empty (Scripts/bench.sh --setup-peers makes it)."
fi
if [[ $keras ]]; then
  if [[ -x $peers_keras/bin/python ]]; then has_keras=1; else
    echo "No Keras in $peers_keras: its column stays empty (Scripts/bench.sh --setup-peers --keras makes it)."
  fi
fi

export TWINBOOK_THREADS=2
# The build of Scripts/test.sh.
build=(-c release -Xswiftc -enable-testing --scratch-path .build/tests)
if [[ ! ${TWINBOOK_BENCH_BUILT:-} ]]; then swift build "${build[@]}" --build-tests 2>&1 | tail -1; fi
program=$(swift build "${build[@]}" --show-bin-path)/twinbook

ours() { # the benchmark's name, the test's
  TWINBOOK_BENCH=$1 swift test "${build[@]}" --skip-build --filter "$2" 2>/dev/null | grep '^BENCH' ||
    { echo "the check of $1 failed: swift test --filter $2 with TWINBOOK_BENCH=$1 says why" >&2; exit 1; }
}
torch() { if [[ $has_torch ]]; then python_of "$peers_torch/bin/python" "$@" | grep '^BENCH'; fi; }
keras() { if [[ $has_keras ]]; then TF_ENABLE_ONEDNN_OPTS=1 python_of "$peers_keras/bin/python" "$@" 2>/dev/null | grep '^BENCH'; fi; }
column() { awk -v c="$1" 'NF { print $c }' | sort -g | awk '{ x[NR] = $1 } END { if (NR) print x[int((NR + 1) / 2)] }'; }
wanted() { [[ -z $only || $only == "$1" ]]; }

if [[ $recipe ]]; then
  echo "Keras's recipe end to end on $recipe: 22,500 pairs, RMSprop, batches of 128, one quarter for validation"
  /usr/bin/time -f 'Twinbook: %e s as a whole process, %M KB at most' "$program" run Benchmarks/training/recipe.twin "$recipe"
  if [[ $has_keras ]]; then
    python_of "$peers_keras/bin/python" Benchmarks/training/recipe_keras.py "$recipe" 20000 8 2>/dev/null
  fi
  exit 0
fi

awk -F': ' '/model name/ { model = $2; n++ } END { printf "Machine: %s, %d processors\n", model, n }' /proc/cpuinfo
uptime | sed 's/.*load average/Load while measuring: load average/'
echo "Steps and embedding: median of $rounds runs of some steps each; MB is the most memory of the whole process."
printf '%-12s %10s %10s %6s %9s %6s   %9s %9s %6s   %5s %7s %6s\n' network 'step, ms' PyTorch ratio Keras ratio \
  'embed/s' PyTorch ratio MB PyTorch Keras
for name in recipe-80 conv4-28 koch-105 glyphs-28 glyphs-norm faces-56; do
  wanted "$name" || continue
  a='' b='' c=''
  for ((i = 0; i < rounds; i++)); do
    a+="$(ours "$name" TrainingBenchmark)"$'\n'
    b+="$(torch Benchmarks/training/peer_torch.py "$name")"$'\n'
    case $name in recipe-80 | conv4-28 | koch-105) c+="$(keras Benchmarks/training/peer_keras.py "$name")"$'\n' ;; esac
  done
  awk -v name="$name" -v s="$(column 3 <<<"$a")" -v e="$(column 4 <<<"$a")" -v m="$(column 5 <<<"$a")" \
    -v ps="$(column 3 <<<"$b")" -v pe="$(column 4 <<<"$b")" -v pm="$(column 5 <<<"$b")" \
    -v ks="$(column 3 <<<"$c")" -v km="$(column 5 <<<"$c")" 'function show(x, f) { return x == "" ? "-" : sprintf(f, x) }
    function ratio(x, y) { return x == "" || y == "" ? "-" : sprintf("%.1f", x / y) }
    BEGIN { printf "%-12s %10.1f %10s %6s %9s %6s   %9.0f %9s %6s   %5d %7s %6s\n", name, s, show(ps, "%.1f"), ratio(ps, s),
      show(ks, "%.1f"), ratio(ks, s), e, show(pe, "%.0f"), ratio(e, pe), m, show(pm, "%d"), show(km, "%d") }'
done

if wanted gemm; then
  # OpenBLAS with the kernel that the processor really has: Debian's does not know the newest ones by itself.
  core=Haswell
  grep -qw avx512f /proc/cpuinfo && core=SkylakeX
  grep -qw avx512_bf16 /proc/cpuinfo && core=Cooperlake
  grep -q AMD /proc/cpuinfo && ! grep -qw avx512f /proc/cpuinfo && core=Zen
  echo "Matrix products on one thread: here, OpenBLAS, ratio (best of nine in turn)"
  OPENBLAS_CORETYPE=$core ours gemm ProductBenchmark | sed 's/^BENCH gemm //'
fi

if wanted distances; then
  a='' b=''
  for ((i = 0; i < rounds; i++)); do
    a+="$(ours distances DistancesBenchmark)"$'\n'
    b+="$(torch Benchmarks/training/peer_distances.py)"$'\n'
  done
  awk -v s="$(column 3 <<<"$a")" -v m="$(column 4 <<<"$a")" -v ps="$(column 3 <<<"$b")" -v pm="$(column 4 <<<"$b")" \
    -v product="$(column 5 <<<"$b")" 'BEGIN {
    printf "distances of all 49,995,000 pairs of 10,000 embeddings of 64, sorted by kind: %.0f ms, %d MB", s, m
    if (ps != "") printf "; PyTorch (pdist, sort) %.0f ms, %d MB, ratio %.1f; its matrix product alone %.0f ms", ps, pm, ps / s, product
    print "" }'
fi

if wanted images; then
  if [[ $has_torch ]]; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    "$peers_torch/bin/python" Benchmarks/training/peer_images.py make "$folder"
    a='' b=''
    for ((i = 0; i < rounds; i++)); do
      a+="$("$program" run Benchmarks/training/images.twin "$folder" | grep '^BENCH')"$'\n'
      b+="$(torch Benchmarks/training/peer_images.py read "$folder")"$'\n'
    done
    # The mean of all pixels, from decoding to resizing, has to agree to a hundredth of a gray level.
    awk -v s="$(column 3 <<<"$a")" -v x="$(column 4 <<<"$a")" -v ps="$(column 3 <<<"$b")" -v px="$(column 4 <<<"$b")" 'BEGIN {
      if (x - px > 0.01 || px - x > 0.01) { print "the pictures differ: mean " x " here, " px " in Pillow" > "/dev/stderr"; exit 1 }
      printf "decoding 600 JPEG and PNG of 250×250, gray, resized to 80×80: %.0f images/s; Pillow in two processes %.0f, ratio %.1f\n", s, ps, s / ps }'
  else
    echo "decoding: needs the peers, which draw the pictures."
  fi
fi

if wanted start; then
  [[ $("$program" eval '1 + 1') == 2 ]] || { echo "eval '1 + 1' does not give 2" >&2; exit 1; }
  times=$(for _ in 1 2 3 4 5 6 7 8 9; do s=$(date +%s%N); "$program" eval '1 + 1' >/dev/null; e=$(date +%s%N); echo $(((e - s) / 1000)); done)
  printf "eval '1 + 1': %.1f ms as a whole process\n" "$(column 1 <<<"$times" | awk '{ print $1 / 1000 }')"
  pipe=$(mktemp -u)
  mkfifo "$pipe"
  (cd "${TMPDIR:-/tmp}" && exec "$program" <"$pipe" >/dev/null 2>&1) &
  pid=$!
  exec 7>"$pipe"
  sleep 1
  awk '/VmRSS/ { printf "idle session: %.0f MB\n", $2 / 1024 }' "/proc/$pid/status"
  exec 7>&-
  wait "$pid" || true
  rm -f "$pipe"
fi
