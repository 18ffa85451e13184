#!/bin/bash
# Goal: replay says of a known failure that it is still there, that it is mended, or that the file has
# grown old, and never takes one for the other: FIXED is said only where what was to go wrong did.
#
# usage: replay_test.sh PATH-TO-DOUBLEBOOK
. "$(dirname "$0")/program.sh"

# says WORD PATTERN NAME FILES...: replays; the last line begins with the word, and some line matches.
says() {
    word=$1 pattern=$2 name=$3
    shift 3
    case $word in FIXED) code=0 ;; STALE) code=2 ;; *) code=1 ;; esac
    try $code "$name" replay "$@"
    tail -n 1 out | grep -Eq "^${word}[ :]" || fail "$name: the last line does not begin with $word"
    has out "$pattern" "$name"
}

# bad NAME PATTERN FILES...: bad input, told, and nothing is played.
bad() {
    name=$1 pattern=$2
    shift 2
    try 3 "$name" replay "$@"
    [ ! -s out ] || fail "$name: something was played"
    has err "$pattern" "$name"
    echo "ok - bad input: $name"
}

story() { # NAME [SCRIPT-LINE...]: one traveller books once, and watches
    name=$1
    shift
    cat <<END
format: 1
scenario: $name
partners:
  lagoon:
    profile: ref-not-unique
    sells: { cruise: { price: 100, currency: EUR, capacity: 5 } }
    script:
END
    for line in "$@"; do echo "      - $line"; done
    cat <<END
steps:
  - { at: 0s, user: ana, book: lagoon/cruise, as: trip }
  - { at: 1s, user: ana, watch: trip }
END
}

found() { # POLICY INVARIANT...
    policy=$1
    shift
    printf 'found:\n  policy: %s\n  violates: [ %s ]\n' "$policy" "$(printf '%s, ' "$@" | sed 's/, $//')"
}

lost='{ when: { op: create, attempt: 1 }, do: [ lose-answer ] }'
late='{ when: { op: create, attempt: 2 }, do: [ { delay-answer: { by: 5s } } ], if_reached: true }'

# with_path FILE: adds the path of a run under naive, made from its history by another program.
with_path() {
    "$program" run "$1" --policy naive --report history=way.jsonl >out 2>err || [ $? = 1 ] || fail "a path"
    echo '  path:' >>"$1"
    python3 "$root/tests/runner/path_of.py" way.jsonl >>"$1" || fail "the path of $1"
}

# ---- the three words ----

{ story twice "$lost" "$late"; found naive single-reservation; } >twice.yaml
says 'STILL FAILING' '^STILL FAILING twice.yaml: single-reservation is violated under naive$' \
    "a failure that is still there" twice.yaml
has out '^\[1\] single-reservation - VIOLATED' "its story"
has out '^replay: .*replay twice.yaml --seed 1$' "the command"
says FIXED '^FIXED twice.yaml: single-reservation is not violated under reference \(found under naive\); took effect: lose-answer of rule lagoon#1$' \
    "a policy that mends it" twice.yaml --policy reference
hasnt out 'VIOLATED' "a policy that mends it"
sed 's/attempt: 1/attempt: 7/' twice.yaml >tried-no-more.yaml
says STALE 'is tried no more: lose-answer of rule lagoon#1 \(tried-no-more.yaml:8\) did not take effect$' \
    "a failure that nobody tries" tried-no-more.yaml --policy reference
{ story all-later "${lost%\}}, if_reached: true }" | sed 's/attempt: 1/attempt: 7/'; found naive rests; } >later.yaml
says STALE 'did not take effect$' "faults that may all stay away" later.yaml
echo "ok - a failure is still there, fixed, or tried no more"

# ---- which policy ----

{ story set "$lost"; found '{ set: { on_timeout: resend, retry_key: new } }' single-reservation; } >set.yaml
says 'STILL FAILING' 'violated under reference with on_timeout: resend, retry_key: new$' "rules in the file" set.yaml
mkdir beside
printf 'format: 1\npolicy: mine\nlike: naive\n' >beside/mine.yaml
{ story by-file "$lost"; found mine.yaml single-reservation; } >beside/file.yaml
says 'STILL FAILING' '^STILL FAILING beside/file.yaml: .* under mine$' "a policy beside the file" beside/file.yaml
sed 's/^steps:/core: { set: { on_timeout: doubt, look_up: before-resend } }\nsteps:/; s/scenario: twice/scenario: settled/' twice.yaml >settled.yaml
says FIXED '^FIXED settled.yaml: .* under naive; took effect' "what the scenario fixes of the core" settled.yaml
echo "ok - the policy is that of the file: a name, a file beside it, rules; or that of the call"

# ---- with a path ----

cp twice.yaml path.yaml
with_path path.yaml
[ "$(grep -c 'facts:' path.yaml)" = 2 ] || fail "a path of two faults"
says 'STILL FAILING' ' under naive$' "a path, not mended" path.yaml
says FIXED 'took effect: lagoon/trip/create#1: lose-answer; behind where the paths part: lagoon/trip/create#2: delay-answer$' \
    "a path that parts" path.yaml --policy reference
echo "ok - what lies behind the parting of the paths is not asked for"

# The second fault is not `if_reached` in the file: the path alone says what is asked for.
sed 's/, if_reached: true//; s/scenario: twice/scenario: strict/' path.yaml >strict.yaml
says FIXED 'behind where the paths part' "a path before all else" strict.yaml --policy reference
# The paths have not parted when the first fault is due: it must take effect.
sed 's/attempt: 1/attempt: 7/' path.yaml >first-gone.yaml
says STALE 'no more: lagoon/trip/create#1: lose-answer \(first-gone.yaml:8\) did not take effect$' \
    "a first fault that is gone" first-gone.yaml --policy reference
# Nor when the second is: the same core, whose answer is not delayed any more.
{ story second "$lost" "$late"; found naive callback-once; } >second.yaml
with_path second.yaml
says FIXED 'took effect: lagoon/trip/create#1: lose-answer, lagoon/trip/create#2: delay-answer; .* violated instead$' \
    "both faults" second.yaml
sed 's/attempt: 2/attempt: 7/' second.yaml >second-gone.yaml
says STALE 'no more: lagoon/trip/create#2: delay-answer \(second-gone.yaml:9\) did not take effect' \
    "a second fault that is gone" second-gone.yaml
echo "ok - before the paths part every fault must take effect, and the place of one that does not is told"

sed 's/hash: "[0-9a-f]*"/hash: "0123456789abcdef"/' path.yaml >other-way.yaml
says FIXED 'took effect, though the paths part before: lagoon/trip/create#1: lose-answer; behind' \
    "paths that part at once" other-way.yaml --policy reference
sed 's/attempt: 1/attempt: 7/' other-way.yaml >nothing-left.yaml
says STALE 'create#1: lose-answer \(nothing-left.yaml:8\)' "paths that part, and nothing went wrong" nothing-left.yaml --policy reference
echo "ok - the first fault must take effect, wherever the paths part"

# ---- choices ----

{ story crash | sed '/script:/d'; echo 'choices:
  - { site: crash, entity: core.worker/step, n: 2, take: 3 }
  - { site: exchange-fault, entity: lagoon/trip/create#9, n: 1, take: 9, if_reached: true }'
  found reference durable-ack; } >crash.yaml
try 0 "a choice that need not be reached" run crash.yaml
says FIXED 'took effect: core.worker/step 2: crash after its commit$' "a choice that took effect" crash.yaml
sed 's/, if_reached: true//; s/scenario: crash/scenario: unreached/' crash.yaml >unreached.yaml
try 2 "a choice that is not reached" run unreached.yaml
says STALE 'lagoon/trip/create#9: lose-answer \(unreached.yaml:12\) did not take effect' "a choice that did not" unreached.yaml
# The same fault elsewhere is another one.
{ story elsewhere | sed '/script:/d'; echo 'choices:
  - { site: exchange-fault, entity: lagoon/trip/create#1, n: 1, take: 9 }
  - { site: exchange-fault, entity: lagoon/trip/create#9, n: 1, take: 9 }'
  found reference durable-ack; } >elsewhere.yaml
says STALE 'no more: lagoon/trip/create#9: lose-answer \(elsewhere.yaml:12\) did not take effect' "the same fault elsewhere" elsewhere.yaml
echo "ok - a choice is a fault like one of a script, and may be if_reached"

# ---- nothing goes wrong ----

{ story early | sed '/script:/d; s/profile: .*/profile: { like: ref-not-unique, books_as: pending }/'
  found "$root/tests/planted/tells-too-early.yaml" no-phantom-confirm; } >early.yaml
says 'STILL FAILING' 'no-phantom-confirm is violated under tells-too-early$' "no fault is needed" early.yaml
says FIXED 'not violated under reference' "no fault, mended" early.yaml --policy reference
{ story calm | sed '/script:/d'; found naive doubt-is-respected; } >calm.yaml
says STALE 'tried no more: doubt-is-respected was not at risk' "no fault, and nothing at risk" calm.yaml
echo "ok - where nothing goes wrong, what the file names must have been at risk"

# ---- several files ----

mkdir all
sed 's/scenario: twice/scenario: a/' twice.yaml >all/a.yaml
sed 's/scenario: twice/scenario: b/; s/attempt: 1/attempt: 7/' twice.yaml >all/b.yaml
sed 's/scenario: twice/scenario: c/' settled.yaml >all/c.yaml
sed -i 's/scenario: .*/scenario: c/' all/c.yaml
says 'STILL FAILING' '^STILL FAILING: 1 of 3 files \(1 STALE, 1 FIXED\)$' "a folder" all
[ "$(grep -Ec '^(STILL FAILING|STALE|FIXED) all/[abc].yaml: ' out)" = 3 ] || fail "a line for each file"
says STALE '^STALE: 1 of 2 files \(1 FIXED\)$' "the worst of two" all/b.yaml all/c.yaml
says STALE '^STALE: 1 of 2 files \(1 FIXED\)$' "the worst of two, the last one" all/c.yaml all/b.yaml
says FIXED '^FIXED: 2 of 2 files$' "two that are fixed" all/a.yaml all/c.yaml --policy reference
[ "$(grep -c '^FIXED all/' out)" = 2 ] || fail "two lines"
echo "ok - several files: a line each, and the last one of the worst"

mkdir -p home/core home/fake-partners home/runner home/scenarios/regressions
ln -s "$root/core/policies" home/core/policies
ln -s "$root/fake-partners/profiles" home/fake-partners/profiles
ln -s "$root/runner/systems" home/runner/systems
cp "$root/scenarios/scenario.schema.json" home/scenarios/
cp all/c.yaml home/scenarios/regressions/
export DOUBLEBOOK_HOME=$work/home
says FIXED '^FIXED home/scenarios/regressions/c.yaml' "the library's regressions"
unset DOUBLEBOOK_HOME
echo "ok - without a word, the regressions of the library are played"

# ---- what is gone ----

gone() { # WHAT SED-EXPRESSION PATTERN
    sed "s/scenario: twice/scenario: gone/; $2" twice.yaml >gone.yaml
    says STALE "^STALE gone.yaml: it names what is no more: gone.yaml:[0-9]+:[0-9]+: $3" "$1" gone.yaml all/c.yaml
    has out '^FIXED all/c.yaml' "$1: the others are played"
}
gone "a policy" 's/policy: naive/policy: gone/' "unknown policy 'gone'"
gone "a profile" 's/profile: .*/profile: gone/' "unknown profile 'gone'"
gone "a fault" 's/lose-answer/gone/' "unknown fault 'gone'"
gone "an invariant" 's/single-reservation/gone/' "unknown invariant 'gone'"
gone "a rule" 's/policy: naive/policy: { set: { gone: new } }/' "unknown rule or setting 'gone'"
gone "a value of a rule" 's/policy: naive/policy: { set: { retry_key: gone } }/' "unknown value 'gone'"
gone "a knob" 's/profile: .*/profile: { like: ref-not-unique, gone: x }/' "unknown knob 'gone'"
gone "a site" 's/^found:/choices: [ { site: gone, entity: x, n: 1, take: 1 } ]\n&/' "unknown site 'gone'"
sed 's/scenario: twice/scenario: gone/; s,policy: naive,policy: ./gone/policy.yaml,' twice.yaml >no-file.yaml
says STALE '^STALE no-file.yaml: it names what is no more: no-file.yaml:[0-9]+:11: unknown policy .\./gone/policy.yaml.; expected one of .*, or a file$' "a policy's file" no-file.yaml
echo "ok - a file that names what is gone is STALE, and the others are played"

# ---- bad input ----

story none "$lost" >none.yaml
bad "a file without a finding" "^none.yaml:2:11: the scenario 'none' holds no finding; expected found" none.yaml all/a.yaml
echo 'x: [' >broken.yaml
bad "no YAML" '^broken.yaml:' broken.yaml
{ story typo; echo 'foundd: {}'; } | sed '/script:/d' >typo.yaml
bad "a wrong key" "unknown key 'foundd' \(did you mean 'found'\?\)" typo.yaml
sed 's/policy: naive/policy: gone/; s/units: 2/units: many/; s/^steps:/stepz: 1\n&/' twice.yaml >mixed.yaml
bad "what is gone, and a mistake" "unknown policy 'gone'" mixed.yaml
has err "unknown key 'stepz'" "both are told"
sed 's/lose-answer/gone/' none.yaml >gone-none.yaml
bad "what is gone, in a file without a finding" "unknown fault 'gone'" gone-none.yaml
{ sed '/script:/,/lose-answer/d; s/^steps:/kind: search\nsteps:/' none.yaml; found naive rests; } >search.yaml
bad "a search" "a search has no found" search.yaml
bad "a file that is not there" '^nowhere.yaml:1:1: no such file' nowhere.yaml
cp all/a.yaml again.yaml
bad "two of one name" "the name 'a' is taken" all/a.yaml again.yaml
bad "a seed" "--seed cannot be '-1'" all/a.yaml --seed -1
bad "a policy" "unknown policy 'nobody'" all/a.yaml --policy nobody
{ story waits "$lost"; found /dev/stdin rests; } >waits.yaml
bad "a policy that is no file" 'this policy is no file' waits.yaml

# ---- hostile files ----

esc=$(printf '\033')
cp twice.yaml "twice${esc}[31m.yaml"
says 'STILL FAILING' 'violated under naive$' "a hostile name" "twice${esc}[31m.yaml"
hasnt out "$esc" "a hostile name"
{ story hostile "$lost"; found "\"x\\e[31m\\n::error::y\"" rests; } >hostile.yaml
says STALE 'unknown policy' "a hostile policy" hostile.yaml
hasnt out "$esc" "a hostile policy"
[ "$(grep -c '^STALE' out)" = 1 ] || fail "a hostile policy: more than a line"
{ sed '/  path:/,$d' path.yaml | sed 's/scenario: twice/scenario: long/'; echo '  path:'
  for i in $(seq 200); do echo "    - { facts: 1000000, hash: \"0000000000000000\", fault: crash, exchange: \"x\\e$i\" }"; done; } >long.yaml
says STALE 'did not take effect$' "a long path" long.yaml --policy reference
hasnt out "$esc" "a long path"
echo '    - { facts: 1000000, hash: "0000000000000000", fault: crash }' >>long.yaml
bad "a path that is too long" 'path has too many entries; expected at most 200' long.yaml
echo "ok - hostile files command no terminal"

# ---- reports ----

cp gone.yaml all/d.yaml
sed -i 's/scenario: gone/scenario: d/' all/d.yaml
name="all reports at once"
try 1 "$name" replay all --report json=all.json --report junit=all.xml --report markdown=all.md \
    --report history=histories --report github
has out '^STILL FAILING: 1 of 4 files \(2 STALE, 1 FIXED\)$' "$name"
[ "$(tail -n 1 out)" = 'STILL FAILING' ] || fail "$name: the last line"
python3 "$root/tests/reports/validate_report.py" all.json histories/*.jsonl >valid 2>&1 || fail "$name: $(cat valid)"
python3 - <<'END' >valid 2>&1 || fail "$name: $(cat valid)"
import json
report = json.load(open("all.json"))
told = [(scenario["file"], scenario["replayed"]["is"], scenario["verdict"]) for scenario in report["scenarios"]]
assert told == [("all/a.yaml", "STILL FAILING", "violated"), ("all/b.yaml", "STALE", "unproven"),
                ("all/c.yaml", "FIXED", "passed"), ("all/d.yaml", "STALE", "unproven")], told
assert report["policy"] == "as found", report["policy"]
assert "is tried no more" in report["scenarios"][1]["replayed"]["why"]
END
[ "$(find histories -name '*.jsonl' | wc -l)" = 3 ] || fail "$name: three histories"
xmllint --noout --schema "$root/tests/reports/junit.xsd" all.xml >valid 2>&1 || fail "$name: $(cat valid)"
echo "ok - every report holds what a replay says"

# That run by itself would pass.
name="a stale file is unproven in reports"
sed 's/attempt: 1 }, do: \[ lose-answer \]/attempt: 7 }, if_reached: true, do: [ lose-answer ]/' path.yaml >quiet.yaml
try 0 "$name" run quiet.yaml
try 2 "$name" replay quiet.yaml --policy reference --report json=stale.json
python3 -c 'import json; s = json.load(open("stale.json"))["scenarios"][0]; assert s["verdict"] == "unproven" and "tried no more" in s["unproven"][-1], s' ||
    fail "$name"
echo "ok - $name"

name="a report on stdout"
try 1 "$name" replay all/a.yaml --report json=-
python3 -c 'import json, sys; json.load(open("out"))' || fail "$name: not JSON alone"
tail -n 1 err | grep -q '^STILL FAILING all/a.yaml: ' || fail "$name: the word is lost"
echo "ok - where programs read stdout, the words stand on stderr"

name="the same again"
try 1 "$name" replay all
sed 's/, [0-9]* ms//' out >first
try 1 "$name" replay all
sed 's/, [0-9]* ms//' out | diff first - >/dev/null || fail "$name"
echo "ok - the same files give the same words"

name="run plays a file with a finding like any story"
try 0 "$name" run twice.yaml
has out '^passed +twice' "$name"
try 1 "$name" run twice.yaml --policy naive
echo "ok - $name"

# ---- docs/replay.md ----

page=$root/docs/replay.md
mkdir page
cd page || exit 1
sed -n '/^```yaml$/,/^```$/p' "$page" | sed '/^```/d' | sed '/^  path:/,$d' >double-booking.yaml
sed -n '/^```console$/,/^```$/p' "$page" | sed '/^```/d' >commands
count=0
while IFS= read -r line; do
    case $line in
    '$ doublebook '*)
        # shellcheck disable=SC2086
        "$program" ${line#'$ doublebook '} >../out 2>../err
        count=$((count + 1))
        ;;
    *) [ "$(tail -n 1 ../out)" = "$line" ] || fail "docs/replay.md: not the last line: $line" ;;
    esac
done <commands
cd ..
[ "$count" = 2 ] || fail "docs/replay.md has two commands, and not $count"
echo "ok - the commands of docs/replay.md end as it says"
"$program" run page/double-booking.yaml --policy naive --report history=page.jsonl >out 2>err
python3 "$root/tests/runner/path_of.py" page.jsonl >entry
grep -qxF "$(cat entry)" "$page" || fail "docs/replay.md: its path is not $(cat entry)"
echo "ok - the path of docs/replay.md is that of its file"
