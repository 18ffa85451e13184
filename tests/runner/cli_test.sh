#!/bin/sh
# Goal: the command line keeps its word: what it prints, where, and with which exit code.
# Bad input is told with its place on stderr, nothing is run, and the exit code is 3.
#
# usage: cli_test.sh PATH-TO-DOUBLEBOOK
. "$(dirname "$0")/program.sh"

# bad NAME PATTERN COMMAND...: exit code 3, the pattern on stderr, nothing on stdout, no crash.
bad() {
    name=$1 pattern=$2
    shift 2
    try 3 "$name" "$@"
    [ ! -s out ] || fail "$name: something was run"
    has err "$pattern" "$name"
    echo "ok - bad input: $name"
}

story() { # NAME: a good scenario on stdout
    cat <<END
format: 1
scenario: $1
partners:
  lagoon:
    profile: ref-unique-resend
    sells: { cruise: { price: 100, currency: EUR, capacity: 5 } }
steps:
  - { at: 0s, user: ana, book: lagoon/cruise, as: trip }
  - { at: 1s, user: ana, watch: trip }
END
}

# ---- bad input ----

story good >good.yaml
{ story typo; echo 'stepz: 1'; } >typo.yaml
{ story type; echo 'proves: rests'; } >type.yaml
story fault | sed 's/^steps:/    script: [ { when: { op: create }, do: [ lose-anser ] } ]\nsteps:/' >fault.yaml
story product | sed 's,lagoon/cruise,lagoon/cruse,' >product.yaml
{ story onkey; echo 'on: push'; } >on.yaml
{ story broken; echo 'tags: [ a'; } >broken.yaml
head -c 52428800 /dev/zero | tr '\0' 'a' >big.yaml
{ printf 'format: '; head -c 100000 /dev/zero | tr '\0' '['; } >deep.yaml
printf 'format: 1\nscenario: \377\376\n' >bytes.yaml
printf 'format: 1\nscenario: a\000b\n' >nul.yaml
: >empty.yaml
mkdir twins none
story twin >twins/one.yaml
story twin >twins/other.yaml

bad "a wrong key" "^typo.yaml:10:1: unknown key 'stepz'.*did you mean 'steps'.*expected one of" run typo.yaml
bad "a wrong type" "^type.yaml:10:9: proves cannot be 'rests'; expected a list" run type.yaml
bad "an unknown fault" "^fault.yaml:7:[0-9]+: unknown fault 'lose-anser'.*'lose-answer'" run fault.yaml
bad "an unknown product" "^product.yaml:8:[0-9]+: unknown product 'cruse'.*expected one of cruise" run product.yaml
bad "a duplicate name" "^twins/other.yaml:2:11: the name 'twin' is taken by twins/one.yaml:2" run twins
bad "on as a key" "^on.yaml:10:1: .*'on'" run on.yaml
bad "broken YAML" "^broken.yaml:11:1: .*expected ',' or '\]'" run broken.yaml
bad "50 MB" "^big.yaml:1:1: .*larger than 1 MiB.*expected" run big.yaml
bad "deep nesting" "^deep.yaml:1:[0-9]+: .*deep" run deep.yaml
bad "invalid UTF-8" "^bytes.yaml:2:[0-9]+: " run bytes.yaml
bad "a NUL" "^nul.yaml:2:[0-9]+: " run nul.yaml
bad "an empty file" "^empty.yaml:1:1: " run empty.yaml
bad "good and bad together" "^typo.yaml:10:1: " run good.yaml typo.yaml
bad "an empty folder" "^none:1:1: .*expected .yaml or .yml files" run none
bad "no such scenario" "^seed-incidnt:1:1: .*did you mean 'seed-incident'" run seed-incidnt
bad "no such policy" "unknown policy 'naiv' \(did you mean 'naive'\?\)" run good.yaml --policy naiv
bad "a policy that is a scenario" "^\./good.yaml:2:1: unknown key 'scenario'" run good.yaml --policy ./good.yaml
bad "no such command" "unknown command 'shema' \(did you mean 'schema'\?\)" shema
bad "no such option" "unknown option '--polcy' \(did you mean '--policy'\?\)" run --polcy naive
bad "no such short option" "unknown option '-p'" run -pnaive good.yaml
bad "a word too many: list" "what is 'extra'\?" list faults extra
bad "a word too many: schema" "what is 'extra'\?" schema scenario extra
bad "a word too many: help" "what is 'extra'\?" help run extra
bad "a word too many: --version" "stands alone" --version extra
{ story early; echo 'clocks: { zero: "1989-11-09T18:00:00Z" }'; } >early.yaml
{ story late; echo 'clocks: { zero: "9999-12-31T23:59:59Z" }'; } >late.yaml
bad "a story before clocks" "^early.yaml:10:17: zero cannot be .*expected an instant of the years 1990 to 9978" lint early.yaml
bad "a story after the calendar" "^late.yaml:10:17: zero cannot be" lint late.yaml
bad "an option without value" "\-\-policy lacks its value" run --policy
bad "a bad seed" "seed cannot be '1x'" run good.yaml --seed 1x
bad "no such report" "unknown report 'jsn' \(did you mean 'json'\?\)" run good.yaml --report jsn=x
bad "a report without file" "json: lacks its file" run good.yaml --report json
bad "no such list" "unknown list 'fault' \(did you mean 'faults'\?\)" list fault
bad "no such format" "unknown format 'jsn'" list faults --format jsn
bad "no such schema" "unknown schema 'scenaro' \(did you mean 'scenario'\?\)" schema scenaro
bad "a history that is none" "^good.yaml:1:" check good.yaml
bad "a history that is not there" "^gone.jsonl:1:1: the file cannot be read" check gone.jsonl
bad "lint of a bad file" "^typo.yaml:10:1: " lint typo.yaml

# All files are told of, also behind one with very many mistakes.
{ story many; for n in $(seq 60); do echo "wrong$n: 1"; done; } >many.yaml
bad "many mistakes: the next file" "^typo.yaml:10:1: " lint many.yaml typo.yaml
has err '^many.yaml: \.\.\. and 10 more$' "many mistakes: how many more"

# A gate must not pass by leaving something out.
mkdir -p folder/below
story one >folder/one.yml
story two >folder/below/two.yaml
try 0 "a folder" run folder
has out '^2 scenarios: 2 passed$' "a folder: .yml and folders below"
if [ "$(id -u)" = 0 ]; then unread="setpriv --reuid 65534 --clear-groups"; else unread=; fi
chmod 755 . folder && chmod 0 folder/below
if $unread "$program" list policies >/dev/null 2>&1; then # the checkout may lie where nobody else may read
    $unread "$program" run folder >out 2>err
    [ $? -eq 3 ] || fail "a folder that holds one that cannot be read"
    has err '^folder/below:1:1: the folder cannot be read: ' "a folder that holds one that cannot be read"
    echo "ok - a folder is played whole or not at all"
else
    echo "skipped: nobody without rights can run the program here"
fi
chmod 755 folder/below

# Policies are found by name, else as files, beside the file that names them.
mkdir -p proj
printf 'format: 1\npolicy: base\nlike: naive\n' >proj/base.yaml
printf 'format: 1\npolicy: mine\nlike: ./base.yaml\n' >proj/mine
try 0 "a policy that is like another file" run good.yaml --policy proj/mine
cp proj/mine mine.yml
sed -i 's/.\/base/proj\/base/' mine.yml
try 0 "a policy file without a slash" run good.yaml --policy mine.yml
echo "ok - policies are found beside the file that names them"

# ---- help, lists, schema ----

try 0 "--version" --version
has out '^doublebook [0-9]+\.[0-9]+\.[0-9]+ \(.+\)$' "--version"
has out '^SQLite [0-9.]+, [0-9-]+ .+' "--version"
try 0 "--help" --help
for command in run check lint list schema; do
    has out "^  doublebook $command" "--help names $command"
    "$program" $command --help >one 2>err || fail "$command --help"
    "$program" help $command >other 2>err || fail "help $command"
    cmp -s one other || fail "$command --help and help $command differ"
    has one "^usage: doublebook $command" "$command --help"
done
echo "ok - help and version"

for list in faults invariants profiles policies choices; do
    try 0 "list $list" list $list
    [ "$(awk '{ if (length($0) > 100) print }' out | wc -l)" -eq 0 ] || fail "list $list is wide"
    try 0 "list $list --format json" list $list --format json
    has out "^\{\"format\":1,\"$list\":\[\{" "list $list --format json"
    if command -v python3 >/dev/null; then
        python3 -m json.tool out >/dev/null 2>err || fail "list $list is no JSON"
    fi
done
echo "ok - lists"

try 0 "schema" schema scenario
if python3 -c 'import jsonschema, yaml' 2>/dev/null; then
    cat >fits.py <<'END'
import json, sys, jsonschema, yaml
schema = json.load(open(sys.argv[1]))
jsonschema.Draft7Validator.check_schema(schema)
for file in sys.argv[2:]:
    jsonschema.validate(yaml.safe_load(open(file)), schema)
END
    cp out schema.json
    python3 fits.py schema.json good.yaml >out 2>err || fail "a good scenario fits the schema"
    for file in typo.yaml type.yaml fault.yaml; do
        if python3 fits.py schema.json $file >out 2>err; then fail "$file fits the schema"; fi
    done
    echo "ok - the schema takes good scenarios and refuses bad ones"

    try 0 "schema of goals" schema goal
    cp out schema.json
    goal=$root/scenarios/explore/what-support-saw.goal.yaml
    sed 's/status: pending/status: done/' "$goal" >bad.goal.yaml
    python3 fits.py schema.json "$goal" >out 2>err || fail "a good goal fits the schema"
    if python3 fits.py schema.json bad.goal.yaml >out 2>err; then fail "a bad goal fits the schema"; fi
    echo "ok - the schema of goals takes a good one and refuses a bad one"
fi

# ---- runs ----

try 0 "lint" lint good.yaml
has out '^1 scenario, no mistakes$' "lint"
try 0 "the seed incident under the reference" run seed-incident
has out '^passed +seed-incident' "the seed incident under the reference"
try 1 "the seed incident under naive" run seed-incident --policy naive
for invariant in single-reservation no-status-regression one-truth; do
    has out "$invariant - VIOLATED" "the seed incident under naive"
done
replay=$(sed -n 's/^ *replay: //p' out | head -n 1)
cp out first
sh -c "$replay" >out 2>err
[ $? -eq 1 ] || fail "the replay command '$replay'"
cmp -s first out || fail "the replay shows the same"
echo "ok - the seed incident holds under reference, breaks under naive, and can be replayed"

mkdir "it's here"
story quoted | sed 's/^steps:/except: { rests: quoting is what is looked at }\nexpect: [ { booking: trip, status: expired } ]\nsteps:/' >"it's here/a story.yaml"
try 1 "a path with spaces" run "it's here"
replay=$(sed -n 's/^ *replay: //p' out | head -n 1)
sh -c "$replay" >out 2>err
[ $? -eq 1 ] || fail "the replay command '$replay'"
echo "ok - a replay command quotes what a shell would take apart"

hash_of() { sed -n 's/.*"history_hash":"\([0-9a-f]*\)".*/\1/p' "$1"; }
mkdir elsewhere
cp good.yaml elsewhere/
try 0 "reports" run good.yaml --report json=report.json --report history=history.jsonl --report story=story.txt
has report.json '"verdict":"passed"' "json report"
has history.jsonl '^\{"history":1,"scenario":"good"' "history report"
[ -s story.txt ] || fail "story report"
(cd elsewhere && "$program" run good.yaml --report json=../other.json >/dev/null 2>&1) || fail "another folder"
[ -n "$(hash_of report.json)" ] || fail "the report has a hash"
[ "$(hash_of report.json)" = "$(hash_of other.json)" ] || fail "the same hash from another folder"
[ "$(hash_of report.json)" = "$(hash_of history.jsonl)" ] || fail "the same hash in the history"
[ -z "$(ls ./*.tmp 2>/dev/null)" ] || fail "no file beside the reports is left"
try 0 "check" check history.jsonl
has out '^passed +good' "check"
sed '3s/"at_ms":/"at_ms":1/' history.jsonl >forged.jsonl
bad "a forged history" "^forged.jsonl:[0-9]+:" check forged.jsonl
try 1 "history of a violated run" run seed-incident --policy naive --report history=naive.jsonl
try 1 "check of a violated run" check naive.jsonl
has out "replay: .* check naive.jsonl$" "check names itself"
echo "ok - reports, and check agrees with run"

mkdir several
story one >several/one.yaml
story two >several/two.yaml
try 0 "several" run several --report history=histories
[ -s histories/one.jsonl ] && [ -s histories/two.jsonl ] || fail "a history for each"
bad "several histories to stdout" "of one scenario" run several --report history=-
try 0 "JSON on stdout" run several --report json=-
[ "$(wc -l <out)" -le 1 ] && has out '^\{"format":1' "JSON on stdout"
try 0 "a story on stdout" run good.yaml --report story
try 4 "a report that cannot be written" run good.yaml --report json=/nonexistent/report.json
has err '/nonexistent/report.json: cannot be written' "a report that cannot be written"
"$program" run good.yaml >/dev/full 2>err
[ $? -eq 4 ] || fail "a full disk under stdout"
DOUBLEBOOK_HOME=$work "$program" run good.yaml >out 2>err
[ $? -eq 4 ] || fail "DOUBLEBOOK_HOME that is no library"
has err 'DOUBLEBOOK_HOME' "DOUBLEBOOK_HOME that is no library"
echo "ok - where reports go"

# ---- installed ----

if command -v cmake >/dev/null && [ -f "$(dirname "$program")/cmake_install.cmake" ]; then
    cmake --install "$(dirname "$program")" --prefix "$work/prefix" >out 2>err || fail "cmake --install"
    (cd / && "$work/prefix/bin/doublebook" run seed-incident --policy naive >"$work/out" 2>"$work/err")
    [ $? -eq 1 ] || fail "the installed program"
    rm "$work/prefix/share/doublebook/scenarios/user-hop/double-click.yaml"
    if "$work/prefix/bin/doublebook" run double-click >out 2>err; then fail "another library than the installed one"; fi
    echo "ok - installed: the program finds its library"
fi
