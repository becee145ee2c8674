# Sourced by setup.sh and mpi.sh: packages of Debian and Ubuntu, as root or through sudo.
# install_packages CALLER PACKAGE…   ends the caller where it cannot even begin; fails where apt does
install_packages() {
  local caller=$1 as_root=()
  shift
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "$caller: please install the equivalents of: $* (this script knows only apt)" >&2
    exit 1
  fi
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null 2>&1 || { echo "$caller: needs root to install: $*" >&2; exit 1; }
    as_root=(sudo)
  fi
  echo "$caller: installing with apt: $*" >&2
  "${as_root[@]}" apt-get update -qq || return
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null || return
  echo "$caller: done" >&2
}
