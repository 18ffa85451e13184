#!/usr/bin/env bash
# Goal: a stored history says by itself what the run said: to `check`, without the core's own word, to the
# schemas; and a log of somebody else's system can be judged from one side alone.
#
# usage: history_test.sh PATH-TO-DOUBLEBOOK
set -u

program=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

fail() {
  echo "not ok - $1"
  tail -n 30 "${2:-/dev/null}"
  exit 1
}

# What a JSON report says of its scenarios, without what only a run knows.
verdicts() {
  python3 - "$1" <<'END'
import json, sys
for scenario in sorted(json.load(open(sys.argv[1]))["scenarios"], key=lambda one: one["name"]):
    print(scenario["name"], scenario["verdict"])
    for violation in scenario["violations"]:
        print("  ", violation["invariant"], violation["booking"], violation["at_ms"], violation["detail"])
END
}

for policy in reference naive; do
  mkdir -p "$policy" "$policy-stripped"
  "$program" run --policy "$policy" --report history="$policy" --report json="$policy.json" >run.out 2>&1
  ran=$?
  "$program" check "$policy"/*.jsonl --report json="$policy-check.json" >check.out 2>&1
  checked=$?
  [ "$ran" = "$checked" ] || fail "$policy: run exits $ran, check $checked" check.out
  diff <(verdicts "$policy.json") <(verdicts "$policy-check.json") >diff.out || fail "$policy: check differs" diff.out
  echo "ok - $policy: check says of every stored history what run said (exit $checked)"

  for file in "$policy"/*.jsonl; do # outside facts only; numbers stay, the hash is left out
    grep -v -e '"what":"core"' -e '"what":"note"' -e '^{"history_hash"' "$file" |
      sed -E 's/^\{"n":[0-9]+,/{/' >"$policy-stripped/$(basename "$file")"
  done
  "$program" check "$policy-stripped"/*.jsonl --report json="$policy-stripped.json" >check.out 2>&1
  [ "$ran" = $? ] || fail "$policy: check of stripped histories" check.out
  diff <(verdicts "$policy.json") <(verdicts "$policy-stripped.json") >diff.out ||
    fail "$policy: without notes and core-side events the verdict differs" diff.out
  echo "ok - $policy: the same without notes and core-side events"

  python3 "$here/../reports/validate_report.py" "$policy.json" "$policy-check.json" "$policy"/*.jsonl >schema.out 2>&1 ||
    fail "$policy: schemas" schema.out
  echo "ok - $policy: reports and histories validate against their schemas"
done

python3 "$here/../reports/validate_report.py" "$here"/../reports/golden/report*.json >schema.out 2>&1 ||
  fail "reports of searches and of every verdict: schemas" schema.out
echo "ok - reports of searches and of every verdict validate against the schema"

"$program" check "$here/check/foreign-partner-log.jsonl" >foreign.out 2>&1
[ $? = 1 ] || fail "a foreign log is judged" foreign.out
grep -q 'single-reservation' foreign.out || fail "a foreign log: single-reservation" foreign.out
grep -q 'unobserved' foreign.out || fail "a foreign log: what could not be observed" foreign.out
echo "ok - a partner's log of a foreign system: violated, and what could not be observed is named"

# Somebody else's lines, with spaces and members we do not know: the hash is that of the lines as they stand.
printf '%s\n' '{"history":1, "note":"mine"}' '{"what":"end", "fate":"rest", "extra":1}' >foreign.jsonl
own=$(python3 - foreign.jsonl <<'END'
import hashlib, sys
link = bytes(32)
for line in open(sys.argv[1], "rb").read().splitlines():
    link = hashlib.blake2b(link + line, digest_size=32).digest()
print(link.hex())
END
)
echo "{\"history_hash\":\"$own\"}" >>foreign.jsonl
"$program" check foreign.jsonl --report json=foreign.json >foreign.out 2>&1 || fail "a foreign sealed history" foreign.out
grep -q "\"history_hash\":\"$own\"" foreign.json || fail "a foreign sealed history: its own hash is told" foreign.json
echo "ok - a foreign sealed history: its own hash is told"

sed -i '3s/"at_ms":[0-9]*/"at_ms":1/' reference/seed-incident.jsonl
"$program" check reference/seed-incident.jsonl >tampered.out 2>&1
[ $? = 3 ] || fail "a tampered history is refused" tampered.out
echo "ok - a tampered history is refused"

cat >gap.yaml <<'END'
format: 1
scenario: gap
partners:
  lagoon:
    profile: ref-unique-resend
    sells: { cruise: { price: 100, currency: EUR, capacity: 5 } }
    script:
      - { when: { op: create, attempt: 2 }, do: [ lose-answer ] }
steps:
  - { at: 0s, user: ana, book: lagoon/cruise, as: trip }
END
"$program" run gap.yaml >gap.out 2>&1
[ $? = 2 ] || fail "a fault that never fires is unproven" gap.out
grep -q 'lose-answer' gap.out || fail "a fault that never fires is named" gap.out
echo "ok - a fault that never fires: unproven, exit 2"

sed -e '/script:/,/lose-answer/d' gap.yaml >unexposed.yaml
echo 'proves: [ callback-once ]' >>unexposed.yaml
"$program" run unexposed.yaml >unexposed.out 2>&1
[ $? = 2 ] || fail "an invariant to be proven and never exposed is unproven" unexposed.out
grep -q 'callback-once' unexposed.out || fail "the unexposed invariant is named" unexposed.out
echo "ok - an invariant under proves that is never exposed: unproven, exit 2"

{
  sed -e '/script:/,/lose-answer/d' gap.yaml
  echo 'choices: [ { site: exchange-fault, entity: lagoon/trip/create#1, n: 1, take: 9 } ]  # lose-answer'
} >pinned.yaml
"$program" run pinned.yaml >pinned.out 2>&1 || fail "a pinned fault is played" pinned.out
grep -q '^passed *gap *1/1 ' pinned.out || fail "a pinned fault fires" pinned.out
sed -i 's/create#1/create#7/' pinned.yaml
"$program" run pinned.yaml >pinned.out 2>&1
[ $? = 2 ] || fail "a pinned fault that never comes up is unproven" pinned.out
echo "ok - a fault pinned as a choice fires, or the run is unproven"
