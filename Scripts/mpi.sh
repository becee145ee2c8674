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
. "$(dirname "$0")/apt.sh"
# Where a release names its library otherwise, mpirun's package brings it.
install_packages mpi "${packages[@]}" || install_packages mpi "${packages[0]}"
