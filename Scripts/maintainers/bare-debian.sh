#!/usr/bin/env bash
# Tries what a new user does on a bare Debian: makes one by debootstrap, lends it this machine's Swift toolchain, and runs
# setup, build, demo and tests there from the commit that is checked out.
#
#   sudo Scripts/maintainers/bare-debian.sh 13                 # all
#   sudo Scripts/maintainers/bare-debian.sh 12 setup build     # these steps alone
#
# SWIFT (/opt/swift): the toolchain, with usr/bin in it. BARE (/var/tmp/twinbook-bare): where the systems are made; one
# that is there is used again, `rm -rf` makes it bare again. MIRROR: of Debian. TWINBOOK_DATA is lent, too, where it is set.
set -euo pipefail

die() { echo "bare-debian: $*" >&2; exit 1; }

case ${1:-} in
  12) suite=bookworm ;;
  13) suite=trixie ;;
  *) die "which Debian, 12 or 13? bare-debian.sh 13 [setup] [build] [demo] [tests]" ;;
esac
shift
steps=("$@")
[ ${#steps[@]} -gt 0 ] || steps=(setup build demo tests)
for step in "${steps[@]}"; do
  case $step in setup | build | demo | tests) ;; *) die "no step is called $step: setup, build, demo, tests" ;; esac
done

repository=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
swift=${SWIFT:-/opt/swift}
root=${BARE:-/var/tmp/twinbook-bare}/$suite
mirror=${MIRROR:-http://deb.debian.org/debian}
[ "$(id -u)" -eq 0 ] || die "needs root, for debootstrap and chroot"
[ -x "$swift/usr/bin/swift" ] || die "there is no toolchain at $swift: set SWIFT"
command -v debootstrap >/dev/null || die "debootstrap is not installed: apt-get install debootstrap"

if [ ! -e "$root/etc/twinbook-is-made" ]; then
  rm -rf "$root"
  mkdir -p "$root"
  echo "bare-debian: making a bare $suite in $root" >&2
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" "$mirror" >"$root.log" 2>&1 \
    || { tail -n 20 "$root.log" >&2; die "debootstrap failed (all of it: $root.log)"; }
  touch "$root/etc/twinbook-is-made"
fi

# How this machine reaches the network: names, and authorities of its own.
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
cp -L /etc/hosts "$root/etc/hosts"
if [ -e /etc/ssl/certs/ca-certificates.crt ]; then
  cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
fi

# The commit, as a clone would have it; what was built in an earlier run stays.
mkdir -p "$root/root/twinbook" "$root$swift" "$root/dev" "$root/proc"
find "$root/root/twinbook" -mindepth 1 -maxdepth 1 ! -name .build -exec rm -rf {} +
git -C "$repository" archive HEAD | tar -x -C "$root/root/twinbook"
# Packages that this machine has fetched already.
if [ -d "$HOME/.cache/org.swift.swiftpm" ]; then
  mkdir -p "$root/root/.cache"
  cp -a "$HOME/.cache/org.swift.swiftpm" "$root/root/.cache/"
fi

keep=(HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" PATH="$swift/usr/bin:/usr/sbin:/usr/bin:/sbin:/bin")
for name in http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
  [ -z "${!name:-}" ] || keep+=("$name=${!name}")
done
if [ -n "${TWINBOOK_DATA:-}" ]; then
  mkdir -p "$root/data"
  keep+=(TWINBOOK_DATA=/data)
fi

# What is mounted is gone with the namespace, however this ends.
export root swift
inside() {
  unshare --mount --pid --fork bash -euc '
    mount --bind "$swift" "$root$swift"
    mount -o remount,bind,ro "$root$swift"
    mount --rbind /dev "$root/dev"
    mount -t proc proc "$root/proc"
    [ -z "${TWINBOOK_DATA:-}" ] || mount --bind -o ro "$TWINBOOK_DATA" "$root/data"
    exec chroot "$root" env -i "$@"
  ' inside "${keep[@]}" bash -euc "cd /root/twinbook; $1"
}

for step in "${steps[@]}"; do
  echo "bare-debian: $suite: $step" >&2
  case $step in
    setup) inside 'Scripts/setup.sh && Scripts/setup.sh' ;;
    build) inside 'swift build -c release --product twinbook && .build/release/twinbook eval "plot([1, 2, 3]); 6 * 7"' ;;
    demo) inside 'Scripts/demo.sh' ;;
    tests) inside 'Scripts/test.sh' ;;
  esac || die "$suite: $step failed"
  echo "bare-debian: $suite: $step is well" >&2
done
