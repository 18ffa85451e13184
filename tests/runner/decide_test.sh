#!/usr/bin/env bash
# `doublebook decide`, from outside: what it says and refuses; that docs/decisions.md is what it says; and
# that from a history's outside facts it comes to the status that the page showed at the end.
set -u
program=$(readlink -f "$1")
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

ok() { # what, condition's exit code
  if [ "$2" = 0 ]; then echo "ok - $1"; else echo "not ok - $1"; sed 's/^/# /' "$work/out" "$work/err" | tail -n 20; fi
}
try() { "$program" decide "$@" >"$work/out" 2>"$work/err"; code=$?; }

try --profile ref-not-unique --saw create timeout
grep -q '^next      look-up, now$' "$work/out" && grep -q '^unsafe    .*could book twice' "$work/out" &&
  grep -q '^traveller We do not know yet' "$work/out" && grep -q 'There is no need to book again' "$work/out" && grep -q '^source    ' "$work/out" && [ $code = 0 ]
ok "says what is next, what is unsafe, what to tell the traveller, and the source" $?

try --profile ref-not-unique --saw create timeout --format json
python3 -c '
import json, sys
said = json.load(open(sys.argv[1]))
assert said["next"] == "look-up" and said["sync"] == "in_doubt", said
assert said["absence_provable_from_ms"] == 60000 and said["known_by_ms"] == 10000 + 1800000, said
assert said["claims"] == ["look-up-offered", "commits-within", "visible-within"], said
' "$work/out" 2>"$work/err"
ok "says it for programs" $?

try --profile ref-not-unique --saw create timeout --at 31m
grep -q '^next      operator, now$' "$work/out"
ok "asks a person once the doubt limit has passed" $?

try --profile ref-not-unique --saw create timeout --policy naive
grep -q '^next      wait until' "$work/out" && grep -q 'resend' "$work/out"
ok "says what another policy would do" $?

for wrong in "--profile nobody --saw create" "--profile ref-not-unique" "--saw create" "" "--table --saw create" \
  "--profile ref-not-unique --saw timeout" "--profile ref-not-unique --saw create --format xml" \
  "--profile ref-not-unique --saw create@10s --at 5s" "--history $root/README.md --booking trip" \
  "--history /nowhere --booking trip" "--history $root/README.md" "--profile ref-not-unique --saw create --policy nobody"; do
  # shellcheck disable=SC2086 # words on purpose
  try $wrong
  [ $code = 3 ] && [ -s "$work/err" ] && [ ! -s "$work/out" ]
  ok "refuses: decide ${wrong//$root\//}" $?
done

try --table
cmp -s "$work/out" "$root/docs/decisions.md"
ok "docs/decisions.md is what --table prints" $?
! grep -q '^| .*(there is\|(.*is nothing that can' "$work/out"
ok "every kind of doubt in it is one" $?

"$program" run --report "history=$work/histories" >"$work/out" 2>"$work/err"
python3 - "$program" "$work/histories" >"$work/out" 2>"$work/err" <<'PYTHON'
import json, os, subprocess, sys
program, folder = sys.argv[1:]
compared, wrong = 0, 0
for name in sorted(os.listdir(folder)):
    path = os.path.join(folder, name)
    lines = [json.loads(line) for line in open(path)]
    partners = lines[0].get("partners", {})
    last, anew = {}, set()
    for fact in lines:
        if fact.get("what") == "read" and fact.get("surface") == "page" and fact.get("status"):
            last[(fact["intent"], fact["booking"])] = fact
        if fact.get("what") == "asked" and fact.get("op") == "anew":
            anew.add(fact["intent"])
    for (intent, booking), fact in last.items():
        # Two bookings of one wish cannot be told apart by what the partner saw.
        if intent in anew or fact.get("sync") == "operator":
            continue
        said = subprocess.run([program, "decide", "--history", path, "--booking", booking, "--format", "json"],
                              capture_output=True, text=True)
        if said.returncode != 0:
            print(name, booking, said.stderr); wrong += 1
            continue
        status = json.loads(said.stdout)["status"]
        compared += 1
        if status != fact["status"]:
            print(name, booking, "page:", fact["status"], "decide:", status, json.loads(said.stdout)["reason"])
            wrong += 1
print(compared, "compared")
sys.exit(wrong > 0 or compared < 15)
PYTHON
ok "from a history it comes to the status that the page showed: $(tail -n 1 "$work/out")" $?
