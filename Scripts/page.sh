#!/usr/bin/env bash
# Serves a gallery of generated characters and uses its page in a headless Chromium: pictures of it, wide and narrow, light
# and dark, into the folder given (page). Ends with 1 where the page reports an error. Needs python3 and Chromium.
#   Scripts/page.sh [--tidy] [FOLDER [PEOPLE]]
# --tidy leaves out what is there for the test alone: a label that is markup, an expired reference. PEOPLE more, made up, two embeddings of each and no pictures: how a large gallery does
set -euo pipefail
cd "$(dirname "$0")/.."
tidy=''
if [ "${1:-}" = --tidy ]; then tidy=tidy; shift; fi
out=${1:-page}
more=${2:-0}
program=${TWINBOOK:-.build/release/twinbook}
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" && wait "$server"; } || true; rm -rf "$work"' EXIT
cat >"$work/make.twin" <<'END'
letters = glyphs(12, 6, seed=1, size=32)
learn = glyphs(40, 8, seed=2, size=32)
net = conv(16, 3) >> relu >> maxpool(2) >> conv(32, 3) >> relu >> maxpool(2) >> flatten >> dense(32) >> normalize
trainer(net, learn, loss=supcon(temperature=0.1), optimizer=adamw(0.002), batch=64, perclass=4, seed=1).run(epochs=4)
people = gallery(net, at="{args[0]}/letters.gallery")
for name in letters.classes { for k in 0..<3 { people.enroll(name, letters[name][k]) } }
if len(args) < 3 {
  people.enroll("<img src=x onerror=alert(1)>", letters[5])
  people.renew("glyph1", consent="said yes in the lab", expires="2199-01-01")
  people.enroll("gone", letters[7], source="a card", expires="2001-01-01")
}
people.calibrate(glyphs(20, 5, seed=3, size=32), far=0.05, per="query")
count = number(args[1])
if count > 0 {
  first = ["Ana", "Bo", "Chen", "Dana", "Emre", "Fatou", "Goran", "Hana", "Ines", "Juan", "Kofi", "Lena", "Minh", "Noor", "Olu", "Pia"]
  last = ["Abe", "Berg", "Cruz", "Diallo", "Eze", "Fischer", "García", "Haas", "Ito", "Jansen", "Kaya", "Lindqvist", "Mwangi", "Nguyen"]
  names = ["{first[i % 16]} {last[floor(i / 16) % 14]} {i + 1}" for i in 0..<count]
  fn unit(x) { x / (x * x).sum(axis=1, keepdims=true).sqrt() }
  centres = randn([count, 32], seed=4)
  for seed in 5...6 { people.enroll(names, embeddings=unit(centres + 0.5 * randn([count, 32], seed=seed))) }
}
letters["glyph2"][4].save("{args[0]}/one.png")
letters["glyph2"][5].save("{args[0]}/two.png");
END
"$program" run "$work/make.twin" "$work" "$more" $tidy
TWINBOOK_TOKEN=page-test-token-of-its-own "$program" serve "$work/letters.gallery" --port 0 --allow-enrol 2>"$work/log" &
server=$!
for _ in $(seq 100); do
  address=$(sed -n 's|.* at \(http://[^ ]*\) .*|\1|p' "$work/log")
  [ -z "$address" ] || break
  sleep 0.1
done
[ -n "$address" ] || { cat "$work/log" >&2; exit 1; }
python3 Scripts/page.py "$address#token=page-test-token-of-its-own" "$out" "$work/one.png" "$work/two.png"
# A line for each change: who was forgotten stands in the log.
grep -q ' forget "' "$work/log" || { echo "page: the log does not tell who was forgotten" >&2; cat "$work/log" >&2; exit 1; }
echo "pictures are in $out"
