#!/bin/bash
# Goal: explore plays every run with up to so many deviations and says so; what it finds is small; it
# finds the same however it is played; and it claims no more than it did.
#
# usage: explore_test.sh PATH-TO-DOUBLEBOOK
. "$(dirname "$0")/program.sh"
json() { python3 -c "import json,sys; r=json.load(open('$1')); e=r['explorations'][0]; print(($2))"; }
is() { [ "$1" = "$2" ] || fail "$3: '$1' is not '$2'"; }

# ---- what it finds ----

name="naive double-books, without a script or a hint"
try 1 "$name" explore one-booking --policy naive --report json=naive.json
has out "single-reservation, owed by the core" "$name"
python3 - naive.json >found 2>&1 <<'END' || fail "$name: $(cat found)"
import json, sys
exploration = json.load(open(sys.argv[1]))["explorations"][0]
found = {f["signature"]: f for f in exploration["findings"]}
for wanted in ("single-reservation", "no-status-regression"):
    f = found[wanted]
    assert f["entries"] <= 3, f
    assert f["deviations"] == 1, f
assert found["single-reservation"]["steps"] == 1, found["single-reservation"]
print("after", found["single-reservation"]["runs"], "runs,", found["single-reservation"]["found_ms"], "ms, shrunk in",
      found["single-reservation"]["shrunk_runs"], "runs to", found["single-reservation"]["entries"], "entry")
END
echo "ok - $name ($(cat found))"

name="it stops at the first depth with a finding, and goes on where it is told to"
is "$(json naive.json "e['complete'], [d['deviations'] for d in e['depths']]")" "(False, [0, 1])" "$name"
sed 's/^proves:.*//; s/^kind: search/&\nmay: [ refuse, older-callback, lose-answer ]/' \
    "$root/scenarios/explore/one-booking.yaml" >few.yaml
try 1 "$name" explore few.yaml --policy naive --keep-going --report json=few.json
is "$(json few.json "e['complete'], [d['deviations'] for d in e['depths']]")" "(True, [0, 1, 2])" "$name"
echo "ok - $name"

name="each finding is an ordinary scenario that replays"
try 1 "$name" explore one-booking --policy naive --out finds/
try 0 "$name" lint finds
try 1 "$name" replay finds
has out "^STILL FAILING: 5 of 5" "$name"
try 0 "$name" replay finds --policy reference
has out "^FIXED: 5 of 5" "$name"
try 0 "$name" run finds
grep -q 'delay-request' finds/one-booking-single-reservation.yaml || fail "$name: no fault in the file"
is "$(grep -c 'book:' finds/one-booking-single-reservation.yaml)" 1 "$name: bookings"
echo "ok - $name"

name="a policy that is a file is written out, so that the finding stands alone"
printf 'format: 1\npolicy: ours\nsummary: x\nlike: reference\nset: { on_timeout: resend, create_timeout: 4s }\n' >ours.yaml
try 1 "$name" explore one-booking --policy ours.yaml --out own
has own/one-booking-single-reservation.yaml "on_timeout: resend" "$name"
mv ours.yaml gone.yaml
try 1 "$name" replay own/one-booking-single-reservation.yaml
echo "ok - $name"

name="the command of a finding replays it, whatever the seed"
try 1 "$name" explore one-booking --policy naive --seed 77 --out seeded --report json=seeded.json
for command in "$(json seeded.json "e['findings'][0]['replay']")" "$(json seeded.json "e['findings'][-1]['replay']")"; do
    case $command in *"--seed 77"*) ;; *) fail "$name: $command" ;; esac
    bash -c "$command" >out 2>err
    is $? 1 "$name: $command"
    has out "^STILL FAILING" "$name"
done
echo "ok - $name"

name="a goal is a list of facts, and the smallest run that shows them is told"
goal=$root/scenarios/explore/what-support-saw.goal.yaml
try 1 "$name" explore one-booking --policy naive --goal "$goal" --deviations 2 --jobs 2 --report json=goal.json
is "$(json goal.json "e['goal'], len(e['findings'])")" "('what-support-saw', 1)" "$name"
is "$(json goal.json "e['depths'][-1]['found'] >= 1")" "True" "$name: whether others exist at that depth"
try 2 "$name" explore one-booking --goal "$goal" --deviations 1
has out "No run with up to 1 deviations? shows what-support-saw" "$name"
echo "ok - $name ($(json goal.json "e['depths'][-1]['found']") runs of that depth show it)"

name="so is a double booking together with a status that goes back, in at most three entries"
goal=$root/scenarios/explore/booked-twice-and-back-to-pending.goal.yaml
try 1 "$name" explore one-booking --policy naive --goal "$goal" --report json=both.json
is "$(json both.json "[(f['steps'] <= 2, f['entries'] <= 3) for f in e['findings']]")" "[(True, True)]" "$name"
echo "ok - $name ($(json both.json "e['findings'][0]['entries']") entries, after $(json both.json "e['findings'][0]['runs']") runs)"

# ---- the reference ----

# What holds is said in one sentence; each profile of the library, one booking, up to 2 deviations.
for profile in "$root"/fake-partners/profiles/*.yaml; do
    profile=$(basename "$profile" .yaml)
    for knobs in "" ", books_as: pending, callback: { kind: full, signature: none, version: none }"; do
        name="the reference holds with $profile${knobs:+, pending and called back}, up to 2 deviations"
        sed "s/^    profile: .*/    profile: { like: $profile$knobs }/; s/^proves: .*/proves: [ single-reservation, doubt-is-respected, settles ]/" \
            "$root/scenarios/explore/one-booking.yaml" >one.yaml
        try 0 "$name" explore one.yaml --jobs 2 --report json=one.json
        has out "all [0-9,]+ runs with up to 2 deviations: none violates" "$name"
        is "$(json one.json "e['complete'], e['deviations'], e['findings']")" "(True, 2, [])" "$name"
        echo "ok - $name ($(json one.json "e['runs']") runs)"
    done
done

name="the reference holds for two bookings on the last unit, up to 1 deviation"
try 0 "$name" explore two-bookings-last-unit --deviations 1 --report json=two.json
is "$(json two.json "e['complete'], e['findings']")" "(True, [])" "$name"
echo "ok - $name ($(json two.json "e['runs']") runs)"

name="beyond promises what breaks is the partner's, and the reference settles it or hands it over"
try 0 "$name" explore one-booking --deviations 1 --beyond-promises --report json=beyond.json
has out "partner broke in [0-9]+ runs?: lagoon: one-create-one-reservation" "$name"
has out "partner broke in [0-9]+ runs?: lagoon: commits-within" "$name"
is "$(json beyond.json "e['complete'], e['findings']")" "(True, [])" "$name"
echo "ok - $name"

name="what a search once found in the reference stays mended"
try 0 "$name" replay "$root/scenarios/regressions"
has out "^FIXED" "$name"
echo "ok - $name"

# ---- the same, however it is played ----

name="two jobs, another folder and a second call find the same"
try 1 "$name" explore few.yaml --policy naive --keep-going --report json=again.json
try 1 "$name" explore few.yaml --policy naive --keep-going --jobs 2 --report json=jobs.json
for other in again jobs; do
    python3 - few.json $other.json >same 2>&1 <<'END' || fail "$name: $(cat same)"
import json, sys
def bare(value):
    times = {"wall_ms", "found_ms", "jobs", "runs_per_second", "replay"}
    if isinstance(value, dict):
        return {k: bare(v) for k, v in value.items() if k not in times}
    return [bare(v) for v in value] if isinstance(value, list) else value
one, other = (bare(json.load(open(path))) for path in sys.argv[1:3])
assert one["explorations"] == other["explorations"], "explorations differ"
assert one["scenarios"] == other["scenarios"], "outcomes differ"
END
done
echo "ok - $name"

# ---- no more than it did ----

name="Ctrl-C ends it with the report so far, and nothing is claimed"
"$program" explore one-booking --deviations 4 --report json=stopped.json >out 2>err &
pid=$!
for _ in $(seq 600); do grep -q "1 deviation" err && break; sleep 0.1; done
kill -INT $pid
wait $pid
is $? 2 "$name: exit code"
has out "interrupted" "$name"
is "$(json stopped.json "e['complete'], e['findings']")" "(False, [])" "$name"
echo "ok - $name"

name="what is to be proven and never exposed is unproven"
{ cat few.yaml; echo 'proves: [ idempotent-api ]'; } >unexposed.yaml
try 2 "$name" explore unexposed.yaml --deviations 1
has out "is to prove idempotent-api, which no run exposed" "$name"
try 0 "$name" explore unexposed.yaml --deviations 1 --unproven warn
echo "ok - $name"

name="bad calls are told"
try 3 "$name" explore one-booking --deviations 9
try 3 "$name" explore one-booking --jobs 0
try 3 "$name" explore seed-incident
has err "kind: search" "$name"
try 3 "$name" explore one-booking --report history=x
try 3 "$name" run one-booking
has err "doublebook explore" "$name"
printf 'format: 1\nscenario: t\nkind: search\nmay: [ loose-answer ]\n' >bad.yaml
try 3 "$name" explore bad.yaml
has err "did you mean 'lose-answer'" "$name"
try 0 "$name" explore --help
echo "ok - $name"
