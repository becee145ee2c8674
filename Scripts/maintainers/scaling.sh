#!/usr/bin/env bash
# Measures steps of shared trainings on this machine and simulates them on up to 64: Benchmarks/scaling.twin tells the model.
#
#   Scripts/maintainers/scaling.sh [RATE…]        rates of the check with ranks in network namespaces, of tc: 100mbit 1gbit
#
# One rank and two, one thread each, give the model its numbers; four ranks on namespaces at each rate check it. Wants root,
# ip, tc and Open MPI on a quiet machine of two cores or more; TWINBOOK names the program, STEPS (4) the steps that are timed.
set -euo pipefail
cd "$(dirname "$0")/../.."
program=$(realpath "${TWINBOOK:-.build/release/twinbook}")
export TWINBOOK=$program TWINBOOK_THREADS=1 OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
steps=${STEPS:-4}
measured=$(mktemp /tmp/twinscaling-XXXXXX)
trap 'rm -f "$measured"' EXIT
echo "scaling: one rank, then two" >&2
"$program" run Benchmarks/ranks.twin "$steps" table >>"$measured"
mpirun --bind-to none -n 2 "$program" run Benchmarks/ranks.twin "$steps" table >>"$measured"
for rate in "${@:-100mbit}"; do
  echo "scaling: four ranks at $rate" >&2
  bits=$(sed -E 's/gbit$/000000000/; s/mbit$/000000/' <<<"$rate")
  Scripts/maintainers/machines.sh --rate "$rate" --print 4 Benchmarks/ranks.twin "$steps" table |
    grep -v '^network,' | sed "s/\$/,$bits,$(nproc)/" >>"$measured"
done
"$program" run Benchmarks/scaling.twin "$measured"
