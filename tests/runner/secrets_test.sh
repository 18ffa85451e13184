#!/bin/sh
# Secrets of callbacks stand in no history, report or output, and in no log of a live core; what was refused
# for lack of them is told without them.
. "$(dirname "$0")/program.sh"

story=forged-in-the-partners-name
try 0 "the story is played with every report" run "$story" --report history=history.jsonl --report story=story.txt \
    --report json=report.json --report junit=junit.xml --report markdown=report.md
grep -q 'forged-callback' history.jsonl || fail "the history tells of no forgery"
grep -q 'was refused: no signature fits' history.jsonl || fail "the history does not say why one was refused"
for file in out err history.jsonl story.txt report.json junit.xml report.md; do
    hasnt "$file" 'whsec_|v1,[A-Za-z0-9+/]{20}' "no secret in $file"
done
echo "ok - no secret or signature stands in any output of a simulated run"

try 1 "the same under a core that trusts" run "$story" --policy "$root/tests/planted/trusts-callbacks.yaml" --report history=history.jsonl
for file in out err history.jsonl; do
    hasnt "$file" 'whsec_|v1,[A-Za-z0-9+/]{20}' "no secret in $file"
done
echo "ok - nor where forgeries are believed"

try 0 "the story is played live" run "$story" --stage live --report history=history.jsonl --report json=report.json
for file in out err history.jsonl report.json; do
    hasnt "$file" 'whsec_|v1,[A-Za-z0-9+/]{20}' "no secret in $file"
done
echo "ok - nor in those of a live run, in which the core checks signatures over HTTP"
