#!/bin/bash
# Goal: the reports for CI say what happened to those that read them: JUnit XML that validates and
# fails where the call does, annotations at the scenario's line, a comment that fits - also when the
# scenario is hostile, cannot be used, or stays unproven.
#
# usage: reports_test.sh PATH-TO-DOUBLEBOOK
. "$(dirname "$0")/program.sh"

valid() { # FILE NAME
    xmllint --huge --noout --schema "$root/tests/reports/junit.xsd" "$1" >xml 2>&1 ||
        fail "$2: $(head -n 5 xml)"
}

story() { # NAME: a good scenario on stdout
    cat <<END
format: 1
scenario: $1
partners:
  lagoon:
    profile: ref-unique-resend
    sells: { cruise: { price: 100, currency: EUR, capacity: 5 } }
    script:
      - { when: { op: create, attempt: 2 }, do: [ lose-answer ] }
steps:
  - { at: 0s, user: ana, book: lagoon/cruise, as: trip }
END
}

# ---- what passed, what was violated ----

try 0 "the library" run --report junit=good.xml --report github=good.txt --report markdown=good.md
valid good.xml "the library"
[ "$(xmllint --xpath 'count(//failure) + count(//error)' good.xml)" = 0 ] || fail "a library that passed has failures"
[ "$(xmllint --xpath 'count(//testcase[not(*)]) > 0' good.xml)" = true ] || fail "nothing held"
[ "$(wc -l <good.txt)" -eq 1 ] && has good.txt '^::notice title=doublebook::[0-9]+ scenarios: [0-9]+ passed$' "a notice alone"
echo "ok - a library that passes has cases, none of which fails"

try 1 "naive" run seed-incident --policy naive --report junit=bad.xml --report json=bad.json --report markdown=bad.md
valid bad.xml "naive"
python3 - bad.xml bad.json >out 2>err <<'END' || fail "JUnit and JSON say different things"
import json, sys, xml.etree.ElementTree as tree
root, said = tree.parse(sys.argv[1]).getroot(), json.load(open(sys.argv[2]))["scenarios"][0]
cases = {case.get("name"): case for case in root.iter("testcase")}
violated = {v["invariant"] for v in said["violations"]} - {"expect"}
assert violated == {n for n, c in cases.items() if c.find("failure") is not None and not n.startswith("expect")}
assert set(said["exposure"]) <= set(cases), "an invariant has no case"
for name, case in cases.items():
    assert case.get("classname") == "seed-incident"
    if name in violated:
        assert case.find("failure").get("message") in {v["detail"] for v in said["violations"]}
        assert "The story of seed-incident" in case.find("failure").text
    elif name in said["exposure"] and said["exposure"][name] == 0:
        assert case.find("skipped") is not None, name
known = {p.get("name"): p.get("value") for p in root.iter("property")}
assert known["seed"] == "1" and known["policy"] == "naive" and known["stage"] == "sim", known
assert known["history_hash"] == said["history_hash"] and known["replay"] == said["violations"][0]["replay"]
END
replay=$(xmllint --xpath 'string(//property[@name="replay"]/@value)' bad.xml)
sh -c "$replay" >out 2>err
[ $? -eq 1 ] || fail "the replay command '$replay'"
has bad.md '^\| \*\*violated\*\* \| `seed-incident` \|' "markdown"
grep -qxF "$replay" bad.md || fail "markdown has the replay command"
echo "ok - JUnit and markdown say what the JSON report says, and how to replay it"

try 1 "the library under naive" run --policy naive --report junit=all.xml --report markdown=all.md
valid all.xml "the library under naive"
[ "$(wc -c <all.md)" -lt 65000 ] || fail "the comment is too long"
[ "$(xmllint --xpath 'count(//testsuite)' all.xml)" = "$(xmllint --xpath 'count(//testsuite)' good.xml)" ] || fail "a suite per scenario"
echo "ok - every scenario is a suite, and the comment fits"

try 1 "github on stdout" run seed-incident --policy naive --report github
line=$(grep -n 'lose-answer' "$root/scenarios/seed-incident.yaml" | head -n 1 | cut -d: -f1)
has out "^::error file=[^,]*scenarios/seed-incident.yaml,line=$line,title=seed-incident violates single-reservation::" "github"
token=$(sed -n '1s/^::stop-commands:://p' out)
[ -n "$token" ] && [ "$(grep -cxF "::$token::" out)" -eq 1 ] || fail "the table is not quoted"
has out '^::notice title=doublebook::1 scenario: 1 violated$' "github"
echo "ok - annotations at the scenario's line, beside a table that cannot command"

# ---- unproven ----

story gap >gap.yaml
try 2 "unproven" run gap.yaml --report junit=gap.xml --report github=gap.txt
valid gap.xml "unproven"
has gap.xml '<failure type="unproven"' "unproven"
has gap.txt '^::warning file=gap.yaml,line=8,title=gap is unproven::' "unproven"
try 2 "--unproven fail" run gap.yaml --unproven fail
try 0 "--unproven warn" run gap.yaml --unproven warn --report junit=warn.xml --report github=warn.txt --report json=warn.json
has out '^unproven +gap' "--unproven warn"
has warn.json '"verdict":"unproven"' "--unproven warn"
cmp -s gap.txt warn.txt || fail "--unproven warn changes the annotations"
[ "$(xmllint --xpath 'count(//failure)' gap.xml)" = "$(xmllint --xpath 'count(//failure)' warn.xml)" ] || fail "--unproven warn changes the cases"
try 1 "--unproven warn of a violated run" run seed-incident --policy naive --unproven warn
try 3 "--unproven maybe" run gap.yaml --unproven maybe
has err "unproven cannot be 'maybe'; expected fail or warn" "--unproven maybe"
echo "ok - unproven fails or warns, and is told either way"

# ---- what cannot be played ----

{ story typo; echo 'stepz: 1'; } >typo.yaml
try 3 "bad input" run typo.yaml gap.yaml --report junit=typo.xml --report github --report markdown=typo.md --report json=typo.json
valid typo.xml "bad input"
[ "$(xmllint --xpath 'string(//error/@type)' typo.xml)" = invalid ] || fail "bad input is an error in JUnit"
has out '^::error file=typo.yaml,line=11,title=typo.yaml is invalid::line 11, column 1: unknown key' "bad input"
has typo.md '^### invalid: `typo.yaml`' "bad input"
has typo.json '"verdict":"invalid"' "bad input"
try 3 "bad input" run typo.yaml --report junit=typo.xml
has err '^typo.yaml:11:1: unknown key' "bad input on stderr"
mkdir none
try 3 "no scenario" run none --report junit=none.xml
valid none.xml "no scenario"
[ "$(xmllint --xpath 'count(//error)' none.xml)" = 1 ] || fail "nothing to play is no success"
echo "bytes" >broken.jsonl
try 3 "a history that is none" check broken.jsonl --report junit=broken.xml
valid broken.xml "a history that is none"
echo "ok - what cannot be played is an error in every report"

try 1 "check" run seed-incident --policy naive --report history=naive.jsonl
try 1 "check" check naive.jsonl --report junit=check.xml --report github=check.txt --report markdown=check.md
valid check.xml "check"
at=$(sed -n 's/^::error file=naive.jsonl,line=\([0-9]*\),title=seed-incident violates single-reservation.*/\1/p' check.txt)
sed -n "${at}p" naive.jsonl | grep -q '"what":"effect"' || fail "line $at of the history is not the evidence"
echo "ok - the reports of check are of the same kinds, at the lines of the history"

# ---- files ----

mkdir files && cd files || exit 1
try 4 "a report that cannot be written" run seed-incident --policy naive --report json=/nonexistent/x \
    --report junit=j.xml --report markdown=m.md --report history=/nonexistent/h --report story=s.txt
[ "$(ls)" = "$(printf '%s\n' err j.xml m.md out s.txt)" ] || fail "one report that fails costs another: $(echo *)"
[ "$(grep -c ': cannot be written: ' err)" -eq 2 ] || fail "not every failure is told"
has out '^1 scenario: 1 violated$' "the table"
try 4 "a folder that cannot be made" run --policy naive --report history=/nonexistent/h --report json=all.json
[ "$(grep -c 'the folder cannot be made' err)" -eq 1 ] || fail "a folder that cannot be made is told once"
has out '^[0-9]+ scenarios: .* violated$' "all are played"
[ -s all.json ] || fail "without histories there is no report"
for stdout in full closed left; do
    rm -f ./*.xml ./*.json
    case $stdout in
    full) "$program" run seed-incident --report junit=j.xml --report json=j.json >/dev/full 2>err ;;
    closed) "$program" run seed-incident --report junit=j.xml --report json=j.json >&- 2>err ;;
    left) # the reader went away before anything was written
        mkfifo pipe
        true <pipe &
        exec 7>pipe
        wait $!
        "$program" run seed-incident --report junit=j.xml --report json=j.json >&7 2>err
        exec 7>&- ;;
    esac
    got=$?
    [ -s j.xml ] && [ -s j.json ] || fail "stdout $stdout costs the reports"
    [ $stdout = left ] || [ $got -eq 4 ] || fail "stdout $stdout: exit code $got"
    [ $stdout = left ] || [ "$(grep -c 'stdout' err)" -eq 1 ] || fail "stdout $stdout is not told once"
done
echo "ok - a report that cannot be written is told, and costs no other"

for pair in "json=x junit=x" "json=x markdown=./x" "story=x json=$PWD/../files/x" "junit=- json=/dev/stdout"; do
    set -- $pair
    try 3 "two reports into one file, $pair" run seed-incident --report "$1" --report "$2"
    has err "^doublebook run: --report [a-z]+ and [a-z]+: " "two reports into one file"
    [ ! -e x ] || fail "two reports into one file were written"
done
try 0 "two reports that nobody keeps" run seed-incident --report json=/dev/null --report junit=/dev/null
echo "ok - two reports are two files"

mkdir kept target
echo mine >kept/r.tmp
ln -s ../target/r.json kept/r
(umask 027 && cd kept && "$program" run seed-incident --report json=r) >out 2>err || fail "a report through a link"
[ "$(cat kept/r.tmp)" = mine ] || fail "somebody's own r.tmp is gone"
[ -L kept/r ] && [ -s target/r.json ] || fail "a link was replaced instead of its target"
[ "$(stat -c %a target/r.json)" = 640 ] || fail "rights: $(stat -c %a target/r.json), not 640"
[ "$(ls -A kept target | wc -l)" -eq 6 ] || fail "something was left behind"
cd "$work" || exit 1
echo "ok - a report replaces its own file, and no other"

# ---- replays ----

# In the folder of the call a replay works as it is printed, a report's from anywhere.
mkdir -p home/stories
ln -s "$program" home/doublebook
story mine | sed 's/^steps:/except: { rests: paths are what is looked at }\nexpect: [ { booking: trip, status: expired } ]\nsteps:/' >home/stories/mine.yaml
sed 's/: naive/: mine/' "$root/core/policies/naive.yaml" >home/mine.yaml
cd home || exit 1
played() { grep -av '^replay: ' "$1" | sed 's,(\./,(,'; }
replays() { # NAME COMMAND...: the replay on stdout, and those of all reports
    name=$1
    shift
    rm -f r.*
    "$@" --report json=r.json --report junit=r.xml --report markdown=r.md --report github=r.gh --report story=r.txt >out 2>err
    [ $? -eq 1 ] || fail "$name: not violated"
    printed=$(sed -n 's/^replay: //p' out | tail -n 1)
    PATH=$work/home:$PATH bash -c "$printed" >again 2>err
    [ $? -eq 1 ] || fail "$name: '$printed' in the same folder"
    cmp -s <(played out) <(played again) || fail "$name: '$printed' shows something else"
    python3 -c 'import json; print(json.load(open("r.json"))["scenarios"][0]["violations"][0]["replay"])' >said.json
    xmllint --xpath 'string(//property[@name="replay"]/@value)' r.xml >said.xml
    sed -n '/^Replay:/,$ { /^```sh$/,/^```$/p }' r.md | sed '1d;$d' >said.md
    sed -n 's/.*%0AReplay: //p' r.gh | head -n 1 | sed 's/%25/%/g' >said.gh
    sed -n 's/^replay: //p' r.txt | head -n 1 >said.txt
    for said in json xml md gh txt; do
        elsewhere=$(cat said.$said)
        (cd / && PATH=$work/home:$PATH bash -c "$elsewhere") >again 2>err
        [ $? -eq 1 ] || fail "$name, $said: '$elsewhere' from another folder"
        cmp -s <(played out) <(played again) || fail "$name, $said: '$elsewhere' shows something else"
    done
}
replays "a relative program" ./doublebook run seed-incident --policy naive
[ "$printed" = "./doublebook run seed-incident --policy naive --seed 1" ] || fail "printed: $printed"
replays "relative files" ./doublebook run stories/mine.yaml --policy ./mine.yaml --seed 2
replays "a program found by PATH" env PATH="$work/home:$PATH" doublebook run seed-incident --policy naive
[ "$(cat said.json)" = "doublebook run seed-incident --policy naive --seed 1" ] || fail "said: $(cat said.json)"
"$program" run seed-incident --policy naive --report history=naive.jsonl >out 2>err
replays "a history" ./doublebook check naive.jsonl
cp stories/mine.yaml seed-incident # is no story of the library
replays "a file called like a story of the library" ./doublebook run "$PWD/seed-incident"
for odd in "it's 50%" $'line\nfeed' $'by\xffte' $'\e[31mred' $'r\u202etl' $'cafe\u0301' '海岛' 'back\slash' '$HOME'; do
    mkdir -p "$odd"
    cp stories/mine.yaml "$odd/it.yaml"
    replays "the folder '$odd'" ./doublebook run "$odd/it.yaml"
    cp naive.jsonl "$odd/it.jsonl"
    replays "a history in the folder '$odd'" ./doublebook check "$odd/it.jsonl"
done
cd "$work" || exit 1
echo "ok - a replay works where it is read"

# ---- hostile names ----

cat >hostile.yaml <<'END'
format: 1
scenario: hostile
summary: "```"
partners:
  lagoon:
    profile: ref-unique-resend
    sells: { cruise: { price: 100, currency: EUR, capacity: 5 } }
steps:
  - { at: 0s, user: ana, book: lagoon/cruise, as: trip }
except: { rests: "]]></skipped><evil/>\u0007\uFFFF-so-long-that-the-next-word-begins-a-line-of-its-own ::error::evil\n::add-mask::evil `evil` | @evil" }
END
"$program" run hostile.yaml --report junit=hostile.xml --report github=hostile.txt --report markdown=hostile.md >out 2>err
[ $? -eq 0 ] || fail "hostile texts"
valid hostile.xml "hostile texts"
has out '^ *::error::evil' "a table with a line that GitHub would obey"
"$program" run hostile.yaml --report github >out 2>err
sed '/^::stop-commands::/,/^::[0-9a-f]\{32\}::$/d' out >commands
[ "$(wc -l <commands)" -eq 1 ] && has commands '^::notice title=doublebook::' "hostile texts beside annotations"
if grep -q '^ *::add-mask\|^ *::error::evil' hostile.txt; then fail "a hostile text commands"; fi
story one | sed 's/^scenario/stepz: 1\nscenario/' >'::add-mask::evil.yaml'
try 3 "a hostile file name" run ./'::add-mask::evil.yaml' --report github
sed '/^::stop-commands::/,/^::[0-9a-f]\{32\}::$/d' out | grep -q '^ *::add-mask' && fail "a hostile file name commands"
[ ! -s err ] || fail "a hostile file name is told outside the marks"
echo "ok - hostile texts neither break a report nor command GitHub"
