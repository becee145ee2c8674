#!/usr/bin/env bash
# Installs what runs a script on several ranks (Debian, Ubuntu): Open MPI's mpirun and library. Twinbook works without;
# nothing of it is needed to build. With `mpich` as its argument it installs MPICH's instead.
set -euo pipefail
case ${1:-openmpi} in
  openmpi) packages=(openmpi-bin libopenmpi3); command=mpirun.openmpi ;;
  mpich) packages=(mpich libmpich12); command=mpirun.mpich ;;
  *) echo "mpi: openmpi or mpich, not $1" >&2; exit 2 ;;
esac
command -v "$command" >/dev/null 2>&1 && exit 0
if ! command -v apt-get >/dev/null 2>&1; then
  echo "mpi: please install the equivalents of: ${packages[*]} (this script knows only apt)" >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 || { echo "mpi: needs root to install: ${packages[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "mpi: installing with apt: ${packages[*]}" >&2
"${as_root[@]}" apt-get update -qq
# Where a release names its library otherwise, mpirun's package brings it.
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null ||
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[0]}" >/dev/null
echo "mpi: done" >&2
