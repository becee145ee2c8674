#!/usr/bin/env bash
# Builds the tests of the C parts, decoders, unpickler, files, interpreter and server with a sanitizer, and runs them; or the
# fuzzers of everything that is read from strangers.
#   Scripts/maintainers/sanitize.sh memory|thread [FILTER]       # memory: the address and undefined-behaviour sanitizers in one build
#   Scripts/maintainers/sanitize.sh quick                         # memory, for decoders, files and parsers alone: for .ci/run
#   Scripts/maintainers/sanitize.sh fuzz [SECONDS [READER…]]     # seconds for each reader; 60 where not given, 0: built alone
#   Scripts/maintainers/sanitize.sh all
# Ends with 1 at the first finding. Each has a build folder of its own, .build/memory and so on.
set -euo pipefail
cd "$(dirname "$0")/../.."
kind=${1:?memory, thread, quick, fuzz or all}
shift

# What reads bytes of others; and, for threads, what has any.
readers=ImagesTests,TensorFilesTests,FacesTests,FilesTests,SandboxTests,SyntaxTests,InterpreterTests,ServerTests,DownloadsTests,DatasetsTests,GalleryTests,ForgettingTests
quick=ImagesTests,FilesTests,SyntaxTests,ONNXFormatTests,MemoryTests
threads=TensorsTests,SandboxTests,ServerTests,CollectingTests,DownloadsTests
# Judges of numbers and of speed say nothing about memory, and take hours under a sanitizer.
skipped='PillowTests|Benchmark|ScenesTests|ReferenceTests|PyTorch|ArchitectureTests|SecurityPageTests|KernelWallTests|LoadTests'

# Whether this toolchain has a sanitizer: a program of one line is built with it.
has() {
  local work
  work=$(mktemp -d)
  echo 'print("here")' >"$work/main.swift"
  local code=0
  swiftc -sanitize="$1" "$work/main.swift" -o "$work/main" >/dev/null 2>&1 && "$work/main" >/dev/null 2>&1 || code=1
  rm -rf "$work"
  return $code
}

run() {
  local name=$1 only=$2 filter=${3:-.}
  local flags=(-c release -Xswiftc -enable-testing --scratch-path ".build/$name")
  local sanitizer=address
  [ "$name" != thread ] || sanitizer=thread
  if ! has $sanitizer; then
    echo "sanitize: this toolchain has no $sanitizer sanitizer: skipped" >&2
    return 0
  fi
  case $name in
    # Swift has no sanitizer of undefined behaviour on Linux, and traps by itself: C parts have clang's, whose words are in the
    # address sanitizer's library.
    memory | quick)
      flags+=(--sanitize=address -Xcc -fsanitize=undefined -Xcc -fno-sanitize=vptr,function
        -Xcc -fno-sanitize-recover=undefined)
      ;;
    thread) flags+=(--sanitize=thread) ;;
  esac
  export TWINBOOK_ONLY=$only
  swift build "${flags[@]}" --build-tests
  # Swift's runtime keeps some of its tables for good: leaks are looked for by MemoryTests.
  ASAN_OPTIONS=detect_leaks=0:abort_on_error=1 UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
    TSAN_OPTIONS=halt_on_error=1:suppressions=$PWD/Scripts/maintainers/thread-sanitizer.txt \
    swift test "${flags[@]}" --skip-build --no-parallel --filter "$filter" --skip "$skipped"
}

# Which of the programs in Tests/Fuzzing holds a reader.
program_of() {
  case $1 in
    image | npy | npz | safetensors | torch | hdf5 | csv) echo fuzz-files ;;
    network | keras | onnx) echo fuzz-networks ;;
    zip | dlib | landmarks) echo fuzz-sets ;;
    gallery | http) echo fuzz-galleries ;;
    program) echo fuzz-programs ;;
    script | notebook | page) echo fuzz-documents ;;
    *)
      echo "fuzz: there is no reader $1; they are $(ls Tests/Fuzzing/corpus | tr '\n' ' ')" >&2
      exit 2
      ;;
  esac
}

fuzz() {
  local seconds=${1:-60}
  shift || true
  local names=("$@") built="" library
  # A Swift program has its main: libFuzzer's loop without one of its own.
  library=$("$(dirname "$(readlink -f "$(command -v swiftc)")")/clang" -print-resource-dir)
  library=$library/lib/linux/libclang_rt.fuzzer_no_main-$(uname -m).a
  [ -f "$library" ] || {
    echo "fuzz: this toolchain has no libFuzzer: skipped" >&2
    return 0
  }
  if [ ${#names[@]} -eq 0 ]; then
    for folder in Tests/Fuzzing/corpus/*/; do names+=("$(basename "$folder")"); done
  fi
  for name in "${names[@]}"; do
    local product
    product=$(program_of "$name")
    # What is watched, and with how little the rest is built, stands in Package.swift.
    export TWINBOOK_ONLY=$product
    local flags=(-c release -Xswiftc -enable-testing --sanitize=address --scratch-path .build/fuzz
      -Xlinker "$library" -Xlinker -lstdc++)
    if [ "$product" != "$built" ]; then swift build "${flags[@]}" --product "$product"; fi
    built=$product
    [ "$seconds" -gt 0 ] || continue
    local program
    program=$(swift build "${flags[@]}" --show-bin-path)/$product
    local work=.build/fuzz/corpus/$name
    mkdir -p "$work"
    echo "fuzz: $name for $seconds seconds" >&2
    # New inputs go into the first folder; those of the repository are read alone.
    FUZZ_READER=$name ASAN_OPTIONS=detect_leaks=0 SWIFT_BACKTRACE=enable=no \
      "$program" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=6000 \
      -max_len=65536 -print_final_stats=1 -artifact_prefix="$work-" "$work" "Tests/Fuzzing/corpus/$name" 2>&1 |
      grep -E 'ERROR|SUMMARY|Test unit|stat::number_of_executed_units|DONE|Swift|Fatal|fuzz:' || true
    # What it found stands beside the corpus.
    if compgen -G "$work-crash-*" >/dev/null || compgen -G "$work-timeout-*" >/dev/null || compgen -G "$work-oom-*" >/dev/null
    then
      echo "fuzz: $name: $(ls "$work"-* | tr '\n' ' ')" >&2
      exit 1
    fi
  done
}

case $kind in
  memory) run memory "$readers" "$@" ;;
  quick) run quick "$quick" "$@" ;;
  thread) run thread "$threads" "$@" ;;
  fuzz) fuzz "$@" ;;
  all)
    run memory "$readers"
    run thread "$threads"
    fuzz 60
    ;;
  *)
    echo "memory, thread, quick, fuzz or all" >&2
    exit 2
    ;;
esac
