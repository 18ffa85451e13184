#!/usr/bin/env bash
# Goal: over real HTTP the same stories say the same as in simulation, ten times in a row; somebody else's
# service can be put on trial; and however a live run ends, nothing of it stays behind.
#
# usage: live_test.sh PATH-TO-DOUBLEBOOK
set -u

program=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
root=$(realpath "$here/../..")
work=$(mktemp -d)
export TMPDIR=$work/tmp
mkdir "$TMPDIR"
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

fail() {
  echo "not ok - $1"
  tail -n 40 "${2:-/dev/null}"
  exit 1
}

# Nothing may be left: no temporary folder, no core with its database in one.
left_nothing() { # WHAT
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    [ -z "$(ls "$TMPDIR")" ] && ! pgrep -f "core --db $TMPDIR" >/dev/null && break
    sleep 0.2
  done
  [ -z "$(ls "$TMPDIR")" ] || fail "$1: a folder stays: $(ls "$TMPDIR")"
  ! pgrep -f "core --db $TMPDIR" >/dev/null || fail "$1: a process stays"
  echo "ok - $1: no process and no file stays behind"
}

# ---- parity over the library ----

"$program" run --report history=sim --report json=sim.json >sim.out 2>&1 || fail "the library in simulation" sim.out
began=$(date +%s)
"$program" run --stage live --jobs 8 --report history=live --report json=live.json >live.out 2>&1 ||
  fail "the library live" live.out
took=$(($(date +%s) - began))
played=$(grep -c '^passed ' live.out)
[ "$played" -ge 10 ] || fail "only $played stories were played live" live.out
echo "ok - $played stories pass live, in $took s"
[ "$took" -lt 360 ] || fail "the suite takes $took s live"
python3 "$here/parity.py" sim.json sim live.json live || exit 1
python3 "$here/parity_mutants.py" sim.json sim live.json live || exit 1
python3 "$here/../reports/validate_report.py" live.json live/*.jsonl >schema.out 2>&1 || fail "schemas" schema.out
echo "ok - live reports and histories validate against their schemas"
"$program" check live/*.jsonl >check.out 2>&1 || fail "check says otherwise of live histories" check.out
echo "ok - check says of live histories what run said"
left_nothing "the library"

# ---- live is live ----

python3 - live.json <<'END' || fail "the report names no process and ports"
import json, sys
for scenario in json.load(open(sys.argv[1]))["scenarios"]:
    live = scenario["live"]
    assert live["pid"] > 1 and len(set(live["ports"].values())) == len(live["ports"]) > 1, live
END
echo "ok - the report names the child's pid and the bound ports"

cp "$program" core-copy && chmod 644 core-copy
DOUBLEBOOK_CORE=$work/core-copy "$program" run error-but-booked --stage live >exec.out 2>&1
[ $? = 4 ] || fail "a core that cannot be executed is an error" exec.out
grep -q 'Permission denied' exec.out || fail "the error says why" exec.out
left_nothing "a core that cannot be executed"

cat >pinned.yaml <<'END'
format: 1
scenario: pinned
partners:
  lagoon:
    profile: ref-unique-resend
    sells: { cruise: { price: 100, currency: EUR, capacity: 5 } }
steps:
  - { at: 0s, user: ana, book: lagoon/cruise, as: trip }
  - { at: 1s, user: ana, watch: trip }
choices: [ { site: exchange-fault, entity: lagoon/trip/create#1, n: 1, take: 9 } ]  # lose-answer
END
"$program" run pinned.yaml --stage live >pinned.out 2>&1 || fail "a pinned fault live" pinned.out
grep -q '^passed *pinned *1/1 ' pinned.out || fail "a pinned fault fires live" pinned.out
sed -i 's/exchange-fault.*take: 9/back-off, entity: lagoon\/booking-1, n: 1, take: 3/' pinned.yaml
"$program" run pinned.yaml --stage live >pinned.out 2>&1
grep -q '^sim only pinned: the live stage has no choice back-off' pinned.out || fail "a sim-only choice is refused" pinned.out
echo "ok - a pinned fault is played live, a choice of the simulation alone is refused"

cat >callbacks.yaml <<'END'
format: 1
scenario: callbacks
partners:
  lagoon:
    profile: { like: ref-unique-resend, books_as: pending, callback: { kind: full, signature: none, version: none } }
    sells: { cruise: { price: 100, currency: EUR, capacity: 5 } }
    script: [ { when: { op: create, intent: trip }, callbacks: [ { copies: 2, apart: 20s } ] } ]
steps:
  - { at: 0s, user: ana, book: lagoon/cruise, as: trip }
  - { at: 0s, user: ben, book: lagoon/cruise, as: walk }
  - { at: 1s, user: ana, watch: trip }
choices: [ { site: callback-fault, entity: lagoon/walk/create#1/callback#1, n: 1, take: 1 } ]  # lost
expect: [ { booking: trip, status: confirmed } ]
END
mkdir -p told
for stage in sim live; do
  "$program" run callbacks.yaml --stage $stage --report history=told/$stage.jsonl >callbacks.out 2>&1 ||
    fail "callbacks $stage" callbacks.out
  grep -q '^passed *callbacks *2/2 ' callbacks.out || fail "callbacks as a rule and a choice say, $stage" callbacks.out
  grep -c '"what":"callback",.*"intent":"trip"' told/$stage.jsonl >came
  grep -c '"what":"callback",.*"intent":"walk"' told/$stage.jsonl >>came
  [ "$(paste -sd ' ' came)" = "2 0" ] || fail "$stage: callbacks that left: $(paste -sd ' ' came)" callbacks.out
done
echo "ok - a partner's own callback is copied and lost, on both stages"

# ---- ten in a row ----

violated() { # what a story's run violated, sorted, without what has to wait for rest
  python3 - "$1" <<'END'
import json, sys
always = json.load(open("always.json"))
found = {v["invariant"] for s in json.load(open(sys.argv[1]))["scenarios"] for v in s["violations"]}
print(sorted(found & set(always)))
END
}
"$program" list invariants --format json | python3 -c '
import json, sys
rows = json.load(sys.stdin)
rows = rows if isinstance(rows, list) else rows["invariants"]
json.dump([r.get("invariant", r.get("id", r.get("name"))) for r in rows if r["holds"] == "always"], open("always.json", "w"))'
"$program" run seed-incident --policy naive --report json=naive-sim.json >/dev/null 2>&1
for i in 1 2 3 4 5 6 7 8 9 10; do
  "$program" run seed-incident --policy naive --stage live --report json="naive-$i.json" >"naive-$i.out" 2>&1 &
  "$program" run seed-incident --stage live >"reference-$i.out" 2>&1 || touch "reference-$i.failed" &
done
node=$(command -v node || true)
if [ -n "$node" ]; then
  "$program" run seed-incident --stage live --system "$root/examples/node-booking/system-careless.yaml" \
    --report json=careless.json >careless.out 2>&1 &
  "$program" run seed-incident --stage live --system "$root/examples/node-booking/system.yaml" >careful.out 2>&1 ||
    touch careful.failed &
fi
wait
[ "$(violated naive-sim.json)" != "[]" ] || fail "the naive run in simulation violates nothing"
for i in 1 2 3 4 5 6 7 8 9 10; do
  [ "$(violated "naive-$i.json")" = "$(violated naive-sim.json)" ] ||
    fail "naive live $i: $(violated "naive-$i.json"), in simulation $(violated naive-sim.json)" "naive-$i.out"
  [ ! -e "reference-$i.failed" ] || fail "reference live $i" "reference-$i.out"
done
echo "ok - ten live runs of the naive core violate what it violates in simulation: $(violated naive-sim.json)"
echo "ok - ten live runs of the reference core pass"

# ---- somebody else's service ----

if [ -n "$node" ]; then
  for invariant in single-reservation no-status-regression; do
    grep -q "\"$invariant\"" <<<"$(violated careless.json | tr "'" '"')" || fail "careless: $invariant holds" careless.out
  done
  echo "ok - the JavaScript service with the mistakes: single-reservation and no-status-regression violated"
  [ ! -e careful.failed ] || fail "the JavaScript service without them" careful.out
  echo "ok - the JavaScript service without them passes"
else
  echo "skipped: no node, so nobody plays the JavaScript service"
fi
echo 'format: 1' >empty.yaml
"$program" run seed-incident --stage live --system empty.yaml >empty.out 2>&1
[ $? = 3 ] || fail "an empty map is bad input" empty.out
grep -q "empty.yaml:1:1: .*'operations'" empty.out || fail "an empty map: what is missing" empty.out
echo "ok - an empty system map: a clear error"
left_nothing "side by side"

# ---- untimely ends ----

child_of_ours() {
  for _ in $(seq 50); do
    pgrep -f "core --db $TMPDIR" && return
    sleep 0.1
  done
}
"$program" run seed-incident --stage live >killed.out 2>&1 &
run=$!
child=$(child_of_ours | head -n 1)
sleep 1
kill -9 "$child"
wait $run
[ $? = 4 ] || fail "a system that dies is an error" killed.out
grep -q 'signal 9' killed.out || fail "the error says how it died" killed.out
left_nothing "a system that dies"

setsid "$program" run seed-incident --stage live --jobs 2 >interrupted.out 2>&1 &
run=$!
child_of_ours >/dev/null
sleep 1
kill -INT -- "-$run" 2>/dev/null || kill -INT $run
wait $run
left_nothing "Ctrl-C"

"$program" run seed-incident --stage live >aborted.out 2>&1 &
run=$!
child_of_ours >/dev/null
sleep 1
kill -ABRT "$(pgrep -P $run | head -n 1)" # as a failed assertion would
wait $run
[ $? = 4 ] || fail "a story whose process aborts is an error" aborted.out
left_nothing "a story whose process aborts"

"$program" run seed-incident --stage live >shot.out 2>&1 &
run=$!
child_of_ours >/dev/null
sleep 1
kill -9 $run
wait $run 2>/dev/null
for _ in $(seq 50); do
  pgrep -f "core --db $TMPDIR" >/dev/null || break
  sleep 0.1
done
! pgrep -f "core --db $TMPDIR" >/dev/null || fail "kill -9 of the runner leaves the core"
echo "ok - kill -9 of the runner: the core dies with it"
