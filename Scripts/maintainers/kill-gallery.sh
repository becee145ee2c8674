#!/usr/bin/env bash
# Kills a program that enrols into a gallery's file, at a random moment, again and again, and looks each time that all that
# it had acknowledged is there and is found.   Scripts/maintainers/kill-gallery.sh [TIMES]     (1000)
set -euo pipefail
cd "$(dirname "$0")/../.."
times=${1:-1000}
twinbook=$(realpath "${TWINBOOK:-.build/release/twinbook}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat >open.part <<'END'
net = flatten >> dense(8)
net(zeros([1, 1, 2, 2]))
people = gallery(net, at="people.gallery")
more = randn([20000, 8], seed=1)
END
{ cat open.part; cat <<'END'
for i in len(people)..<20000 {
  people.enroll("p{i}", embeddings=more[i])
  print("have {i}")
}
END
} >enrol.twin
{ cat open.part; cat <<'END'
n = len(people)
wrong = 0
if n > 0 {
  found = people.query(embedding=more[0:n], k=1)
  wrong = sum(found[i][0].label != "p{i}" for i in 0..<n)
}
print("n {n} wrong {wrong}")
END
} >check.twin
lost=0 most=0
for turn in $(seq "$times"); do
  # A child that is killed before the shell has opened its files leaves none.
  : >out
  : >err
  "$twinbook" run enrol.twin >out 2>err &
  child=$!
  # From before the file is open to some way into the loop.
  sleep "0.$(printf %03d $((RANDOM % 600)))"
  kill -9 $child 2>/dev/null || true
  wait $child 2>/dev/null || true
  [ ! -s err ] || { cat err; exit 1; }
  # The last line may be half written; the one before it counts then.
  [ "$(tail -c 1 out | wc -l)" = 1 ] || sed -i '$d' out
  said=$(tail -n 1 out | sed 's/have //')
  [ -z "$said" ] || most=$said
  answer=$("$twinbook" run check.twin)
  read -r _ n _ wrong <<<"$answer"
  if [ "$wrong" != 0 ] || { [ -n "$said" ] && [ "$n" -le "$said" ]; }; then
    lost=$((lost + 1))
    echo "turn $turn: acknowledged $said, there $n, wrong $wrong"
  fi
  if [ "$n" -ge 19000 ]; then rm -f people.gallery*; fi
  # Who ends it early knows how far it came.
  [ $((turn % 50)) != 0 ] || echo "$turn kills, $lost with a loss so far" >&2
done
echo "$times kills, $lost with a loss; the last gallery held $most"
[ "$lost" = 0 ]
