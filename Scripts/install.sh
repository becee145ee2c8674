#!/usr/bin/env bash
# Installs Twinbook: the program with the Swift runtime linked in, the man page, completions of the shells and Jupyter's
# kernel; or takes them away again.
#   Scripts/install.sh [--prefix DIR] [--remove]     DIR is ~/.local where it is not given
set -euo pipefail
here=$PWD
cd "$(dirname "$0")/.."
prefix=${HOME:+$HOME/.local}
remove=false
while [ $# -gt 0 ]; do
  case $1 in
    --prefix) [ $# -gt 1 ] || { echo "install: --prefix wants a folder" >&2; exit 2; }; prefix=$2; shift 2 ;;
    --prefix=*) prefix=${1#*=}; shift ;;
    --remove) remove=true; shift ;;
    -h | --help) sed -n '2,4s/^# //p' Scripts/install.sh; exit 0 ;;
    *) echo "install: there is no option $1 (--prefix DIR, --remove)" >&2; exit 2 ;;
  esac
done
# A folder counts from where the script was called; `--prefix=~/x` reaches it as it was typed.
case $prefix in
  "") echo "install: --prefix wants a folder" >&2; exit 2 ;;
  "~" | "~/"*) prefix=${HOME:?}${prefix#"~"} ;;
  /*) ;;
  *) prefix=$here/$prefix ;;
esac

program=$prefix/bin/twinbook
man=$prefix/share/man/man1/twinbook.1
bash=$prefix/share/bash-completion/completions/twinbook
zsh=$prefix/share/zsh/site-functions/_twinbook
fish=$prefix/share/fish/vendor_completions.d/twinbook.fish

if $remove; then
  [ -e "$program" ] || { echo "install: there is no Twinbook in $prefix (--prefix DIR says where)" >&2; exit 1; }
  "$program" kernel remove --prefix "$prefix" >&2 || true
  rm -f "$program" "$man" "$bash" "$zsh" "$fish"
  # Folders that nothing else has come into.
  for folder in share/jupyter/kernels "${man%/*}" "${bash%/*}" "${zsh%/*}" "${fish%/*}" "${program%/*}"; do
    folder=${folder#"$prefix/"}
    if [ -d "$prefix/$folder" ]; then (cd "$prefix" && rmdir -p --ignore-fail-on-non-empty "$folder"); fi
  done
  echo "install: removed from $prefix" >&2
  exit 0
fi

# Asked before the build, which takes minutes.
upper=$prefix/bin
while [ ! -e "$upper" ]; do upper=$(dirname "$upper"); done
if [ ! -d "$upper" ] || [ ! -w "$upper" ]; then
  echo "install: cannot write into $upper: choose a folder of your own (--prefix DIR), or make it one first, as root:" >&2
  echo "install:   mkdir -p '$prefix' && chown $(id -un) '$prefix'" >&2
  exit 1
fi

built=${TWINBOOK_BUILT:-}
if [ -n "$built" ] && [ ! -x "$built" ]; then
  echo "install: TWINBOOK_BUILT names no program: $built" >&2
  exit 1
fi
if [ -z "$built" ]; then
  Scripts/setup.sh
  echo "install: building (some minutes the first time)" >&2
  flags=(-c release --product twinbook --static-swift-stdlib --scratch-path .build/install)
  swift build "${flags[@]}" >&2
  built=$(swift build "${flags[@]}" --show-bin-path)/twinbook
fi
mkdir -p "$(dirname "$program")" "$(dirname "$man")" "$(dirname "$bash")" "$(dirname "$zsh")" "$(dirname "$fish")"
# Under another name first: a program that runs is not written over.
cp "$built" "$program.new"
strip "$program.new" 2>/dev/null || true
chmod 755 "$program.new"
mv "$program.new" "$program"
cp Documentation/twinbook.1 "$man"
"$program" --generate-completion-script bash >"$bash"
"$program" --generate-completion-script zsh >"$zsh"
"$program" --generate-completion-script fish >"$fish"
"$program" kernel install --prefix "$prefix" >&2
echo "install: $program" >&2
case ${SHELL:-} in
  */zsh) echo "install: zsh completes once ~/.zshrc has, before compinit: fpath+=(${zsh%/*})" >&2 ;;
esac
case :$PATH: in *":$prefix/bin:"*) ;; *) echo "install: $prefix/bin is not on the PATH yet" >&2 ;; esac
