#!/usr/bin/env bash
# Measures galleries beside faiss, hnswlib and pgvector, and prints a table as Documentation/galleries.md has it.
#   Scripts/bench-gallery.sh [--postgres] [--exact] [COUNT …]     (10000 100000 1000000)
# --exact leaves the index out, --postgres adds a database (Scripts/postgres.sh). Peers come from PyPI into a virtual
# environment under .build. Everything runs one after the other, with two threads. A million takes some ten minutes, 4 GB
# of disk and 4 GB of memory.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
folder=${TWINBOOK_BENCH_FOLDER:-$root/.build/bench-gallery}
twinbook=${TWINBOOK:-$root/.build/release/twinbook}
[ -x "$twinbook" ] || { swift build -c release; twinbook=$root/.build/release/twinbook; }
postgres=no index=yes counts=()
for argument in "$@"; do
  case $argument in
    --postgres) postgres=yes ;;
    --exact) index=no ;;
    *) counts+=("$argument") ;;
  esac
done
[ ${#counts[@]} -gt 0 ] || counts=(10000 100000 1000000)
mkdir -p "$folder"
python=$folder/venv/bin/python
if [ ! -x "$python" ]; then
  python3 -m venv "$folder/venv"
  "$folder/venv/bin/pip" -q install numpy faiss-cpu hnswlib "psycopg[binary]"
fi
# Some machines set these for old OpenBLAS builds; they slow a new one down.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
export TWINBOOK_THREADS=2 OMP_NUM_THREADS=2
for count in "${counts[@]}"; do
  here=$folder/$count
  mkdir -p "$here"
  rm -f "$here"/*.out "$here"/bench.gallery* "$here"/*.txt
  [ -e "$here/queries.npy" ] || "$python" Benchmarks/gallery/data.py "$count" "$here"
  run() { (cd "$here" && "$twinbook" run "$root/Benchmarks/gallery/$1.twin" >"$1.out" 2>"$1.err") || { cat "$here/$1.err" >&2; exit 1; }; }
  echo "bench: $count embeddings" >&2
  run enrol
  run query
  "$python" Benchmarks/gallery/peers.py "$here" flat >"$here/flat.out"
  if [ "$index" = yes ]; then
    run index
    "$python" Benchmarks/gallery/peers.py "$here" hnsw >"$here/hnsw.out"
  fi
  if [ "$postgres" = yes ]; then
    address=$(Scripts/postgres.sh start)
    schema=bench$count
    "$python" -c "import psycopg, sys; psycopg.connect(sys.argv[1], autocommit=True).execute('DROP SCHEMA IF EXISTS $schema CASCADE; CREATE SCHEMA $schema')" "$address"
    echo "$address?options=-csearch_path%3D$schema%2Cpublic" >"$here/address.txt"
    run postgres
    "$python" Benchmarks/gallery/postgres.py "$here" "$(cat "$here/address.txt")" >"$here/pgvector.out"
  fi
done
echo "$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | sed 's/^ *//'), 2 threads, $(date +%F), kernels $("$twinbook" doctor 2>/dev/null | grep -io 'avx512\|avx2\|portable' | head -1)"
"$python" Benchmarks/gallery/table.py "$folder" "${counts[@]}"
if [ ${#counts[@]} -gt 1 ]; then
  (cd "$folder" && "$twinbook" run "$root/Benchmarks/gallery/plot.twin") && echo "bench: what a query costs over sizes is in $folder/sizes.png" >&2
fi
