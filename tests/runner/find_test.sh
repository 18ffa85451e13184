#!/bin/sh
# Goal: somebody who says what she saw is shown the incident, why it was found, and in the same order each
# time; what nobody tells is said to be so (exit code 2).
#
# usage: find_test.sh PATH-TO-DOUBLEBOOK
. "$(dirname "$0")/program.sh"

try 0 "two reservations" find 'two reservations'
has out '^seed-incident  \(scenarios/seed-incident.yaml\)$' "two reservations"
has out '^    seen_as: the customer has two reservations$' "two reservations"
first=$(head -n 1 out)
[ "${first%% *}" = one-create-two-reservations ] || fail "a name with all the words comes first"
cp out once
try 0 "as two words" find two reservations
cmp -s once out || fail "two words say what one text of both says, each time"
echo "ok - 'two reservations' finds the seed incident, a name comes first, and it is the same each time"

try 0 "an invariant" find no-phantom-confirm
has out '^told-too-early ' "an invariant"
has out '^    violates: no-phantom-confirm$' "an invariant"
try 0 "a story by its number" find story-04
has out '^    tag: story-04$' "a story by its number"
try 0 "a source" find 'connector issue 35'
has out '^older-state-last ' "a source"
has out '^    source: PayPal Hyperwallet' "a source"
echo "ok - found by invariant, tag and source"

try 2 "nothing" find unicorn callback
has out '^  unicorn: 0$' "nothing"
has out '^  callback: [1-9]' "nothing"
try 2 "nothing, for programs" find unicorn --format json
has out '^\{"format":1,"words":\["unicorn"\],"found":\[\]\}$' "nothing, for programs"
echo "ok - nothing found: which word nobody says, and exit code 2"

try 0 "for programs" find 'two reservations' --format json
python3 - out <<'END' || fail "for programs"
import json, sys
said = json.load(open(sys.argv[1]))
assert said["words"] == ["two", "reservation"], said["words"]
names = [hit["scenario"] for hit in said["found"]]
assert names[0] == "one-create-two-reservations" and "seed-incident" in names, names
for hit in said["found"]:
    assert hit["because"] and hit["file"].endswith(hit["scenario"] + ".yaml"), hit
END
echo "ok - for programs"

try 0 "the page of stories" find --stories
cmp -s out "$root/docs/stories.md" || fail "docs/stories.md is out of date: doublebook find --stories > docs/stories.md"
has out '^\| story-01 \|.*\[answer-lost-same-key\]\(\.\./scenarios/lost-answers/answer-lost-same-key\.yaml\)' "the page of stories"
python3 - out "$root/scenarios" <<'END' || fail "the page of stories and the tags in the files"
import pathlib, re, sys
rows = dict(re.findall(r"^\| ((?:story|incident)-\S+) \|.*\| ([^|]*) \|$", open(sys.argv[1]).read(), re.M))
assert [f"story-{n:02}" for n in range(1, 36)] == [tag for tag in rows if tag.startswith("story-")], rows
tags = set()
for file in pathlib.Path(sys.argv[2]).rglob("*.yaml"):
    for tag in re.findall(r"(?:story|incident)-[a-z0-9-]+", "".join(re.findall(r"^tags:.*", file.read_text(), re.M))):
        assert tag in rows, f"{file}: {tag} is no story"
        assert f"[{file.stem}]" in rows[tag], f"{file}: {tag} does not name it"
        tags.add(tag)
for tag, told in rows.items():
    assert (told == "**missing**") == (tag not in tags), f"{tag}: {told}"
END
echo "ok - docs/stories.md says which scenarios tell what, and what is missing"

mkdir -p home/scenarios
cp "$root/scenarios/scenario.schema.json" home/scenarios/
for folder in core fake-partners runner; do ln -s "$root/$folder" "home/$folder"; done
sed 's/^scenario: .*/scenario: ours/; s/^seen_as: .*/seen_as: [ "red\\e[31m alert" ]/' \
    "$root/scenarios/seed-incident.yaml" >home/scenarios/ours.yaml
DOUBLEBOOK_HOME=$PWD/home try 0 "what steers a terminal" find alert
hasnt out "$(printf '\033')" "what steers a terminal"
has out 'red.*alert' "what steers a terminal"
echo 'stepz: 1' >>home/scenarios/ours.yaml
DOUBLEBOOK_HOME=$PWD/home try 3 "a broken library" find alert
has err "ours.yaml:[0-9]+:1: unknown key 'stepz'" "a broken library"
echo "ok - a text that would steer the terminal is shown, and a broken file of the library told"

for wrong in "" "..." "a --format xml" "--stories a" "--stories --format json" "a b c d e f g h i j k l m n o p q"; do
    # shellcheck disable=SC2086
    try 3 "find $wrong" find $wrong
    has err '^doublebook find: ' "find $wrong"
done
echo "ok - what is no question is told (3)"
