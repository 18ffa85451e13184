#!/usr/bin/env bash
# Goal: --blame keeps its word on the command line: what it prints, what it leaves as it is, and what it
# refuses; docs/blame.md shows what the program prints.
#
# usage: blame_test.sh PATH-TO-DOUBLEBOOK
set -u

program=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

fail() {
  echo "not ok - $1"
  tail -n 30 "${2:-out}"
  exit 1
}

try() { # CODE NAME ARGUMENT...
  local code=$1 name=$2 got
  shift 2
  "$program" run "$@" >out 2>err
  got=$?
  [ "$got" = "$code" ] || fail "$name: exit code $got, not $code" err
}

# ---- what the documentation shows ----

command=$(sed -n 's/^    doublebook run //p' "$here/../../docs/blame.md")
[ "$(wc -l <<<"$command")" = 1 ] && [ -n "$command" ] || fail "docs/blame.md names no command"
read -ra words <<<"$command"
try 1 "the command of docs/blame.md" "${words[@]}"
sed -n '/^```text$/,/^```$/p' "$here/../../docs/blame.md" | grep -v -e '^```' -e '^\.\.\.$' >excerpt
lines=$(wc -l <excerpt)
[ "$lines" -gt 10 ] || fail "docs/blame.md shows nothing"
sed -n '/^Which habit did it/,$p' out | head -n "$lines" | diff excerpt - >diff.out || fail "docs/blame.md shows something else" diff.out
echo "ok - docs/blame.md shows what its command prints"

grep -q "10,000 runs or 1,000,000 facts" "$here/../../docs/blame.md" || fail "docs/blame.md names no bound"
grep -Eq '^#define DBK_BLAME_RUNS 10000$' "$here/../../runner/blame.h" && grep -Eq '^#define DBK_BLAME_FACTS 1000000$' "$here/../../runner/blame.h" ||
  fail "docs/blame.md names other bounds than runner/blame.h" "$here/../../runner/blame.h"
echo "ok - docs/blame.md names the bounds there are"

# ---- the run stays what it is ----

for policy in naive reference; do
  "$program" run --policy "$policy" --report json=plain.json --report history=plain >/dev/null 2>&1
  plain=$?
  try "$plain" "the library under $policy with --blame" --policy "$policy" --blame --report json=blamed.json --report history=blamed
  diff -r plain blamed >diff.out || fail "$policy: the histories are others with --blame" diff.out
  python3 - plain.json blamed.json >diff.out 2>&1 <<'END' || fail "$policy: blame changes more than blame" diff.out
import json, sys
plain, blamed = (json.load(open(path)) for path in sys.argv[1:])
for one, other in zip(plain["scenarios"], blamed["scenarios"]):
    assert one.pop("blame") is None, "asked for by nobody"
    blame = other.pop("blame")
    one.pop("wall_ms"), other.pop("wall_ms")
    assert one == other, one["name"]
    told = [(v["invariant"], v["line"]) for v in blame["violations"]]
    found = [(v["invariant"], v["line"]) for v in one["violations"]]
    assert set(told) == set(found) and len(set(told)) == len(told), (told, found)
    assert (blame["runs"] > 0) == bool(told)
assert plain["verdict"] == blamed["verdict"]
END
  python3 "$here/../reports/validate_report.py" blamed.json >schema.out 2>&1 || fail "$policy: schema" schema.out
  rm -r plain blamed
  echo "ok - $policy: --blame changes neither exit code ($plain) nor history, and says of each violation who did it"
done

try 0 "the reference" seed-incident --policy reference --blame
grep -q '^No habit to blame in 1 scenario: nothing is violated. The policy differs in nothing from the' out || fail "no word about the reference"
echo "ok - a policy that is the reference is told so"

# ---- the same each time ----

try 1 "naive" seed-incident two-screens double-click --policy naive --blame
cp out first
try 1 "naive again" seed-incident two-screens double-click --policy naive --blame
cmp -s first out || fail "another blame the second time"
TZ=Asia/Kathmandu LC_ALL=C.UTF-8 try 1 "naive elsewhere" seed-incident two-screens double-click --policy naive --blame
cmp -s first out || fail "another blame in another time zone"
grep -q 'on_timeout: doubt (still violated then: the expectation of line' out || fail "the seed incident's one change is missing"
echo "ok - the same blame each time, in any time zone and locale"

# ---- files ----

cat >ours.yaml <<'END'
format: 1
policy: "ours\e[31m"
like: reference
set: { screens: own-copy, create_timeout: 20s, api_key: ignored }
END
try 1 "our own policy" two-screens --policy ours.yaml --blame
grep -qF 'ours\x1b[31m differs from the reference in 3 habits' out || fail "a hostile name is told as it is"
grep -q '^      screens: own-copy$' out || fail "the habit of a file is not named"
echo "ok - the habits of a policy file are blamed, and its name commands no terminal"

# ---- refused ----

try 3 "live" seed-incident --policy naive --blame --stage live
[ ! -s out ] || fail "live: something was played"
grep -q '^doublebook run: --blame .*expected --stage sim$' err || fail "live: not told why" err
try 3 "a value" seed-incident --blame=yes
echo "ok - --blame is refused on the live stage and takes no value"

"$program" help run | grep -q -- '--blame .*docs/blame.md' || fail "help does not name --blame"
echo "ok - help names --blame"
