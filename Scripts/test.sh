#!/usr/bin/env bash
# Installs what is missing, builds everything once and runs every test. TWINBOOK_DATA (a folder with att_faces,
# omniglot, …) makes more tests run; without it they are skipped and say so.
set -euo pipefail
cd "$(dirname "$0")/.."
Scripts/setup.sh
if [ -z "${TWINBOOK_DATA:-}" ]; then
  echo "test: TWINBOOK_DATA is not set: tests on real faces and characters are skipped" >&2
fi
# A folder of its own, so that the program of `swift build -c release` is not built anew with other flags.
flags=(-c release -Xswiftc -enable-testing --scratch-path .build/tests)
swift build "${flags[@]}" --build-tests
TWINBOOK=$(swift build "${flags[@]}" --show-bin-path)/twinbook
export TWINBOOK
# One test at a time: tests of terminals, servers and killed processes hold the two threads that Swift's tasks run on,
# and servers beside them would wait for minutes. Twice the time of a parallel run, and no failure by chance.
log=.build/tests/log.txt
code=0
swift test "${flags[@]}" --skip-build --no-parallel "$@" 2>&1 | tee "$log" || code=$?
# A run prints thousands of lines, and whoever reads its end wants to know what failed.
if [ "$code" -ne 0 ]; then
  echo "test: what failed, out of $PWD/$log:"
  # Of each failure its first lines, and what a judge in Python says of it further down.
  awk '/^(◇|✔|✘) / { lines = 0 }
    /^✘ .* recorded an issue/ { lines = 12 }
    lines-- > 0 || /^ *(↳ )?(FAILED|E  ) / || /^[^ ]*( Fatal error|: error):|unexpected signal|^✘ Test run/' "$log" |
    cut -c1-400 | tail -n 100
fi
exit "$code"
