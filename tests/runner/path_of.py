#!/usr/bin/env python3
"""The path of a stored history, made as docs/replay.md says and not as runner/path.c does it.

usage: path_of.py HISTORY, which prints the entries of found: path: in YAML
"""
import hashlib
import json
import sys

INSIDE = {"core", "note"}
BOUND = {"fault": {"by", "line"}, "step": {"nth", "line", "text"}}

lines = open(sys.argv[1], encoding="utf-8").read().splitlines()[1:-1]
facts = [fact for fact in map(json.loads, lines) if fact["what"] not in INSIDE]
link, told = bytes(32), set()
for number, fact in enumerate(facts, 1):
    if fact["what"] == "fault":
        one = (fact["fault"], fact.get("exchange"))
        if one[1] is None or one not in told:
            exchange = ', exchange: "%s"' % one[1] if one[1] else ""
            print('    - { facts: %d, hash: "%s", fault: %s%s }' % (number - 1, link.hex()[:16], one[0], exchange))
        told.add(one)
    kept = {key: value for key, value in fact.items() if key not in BOUND.get(fact["what"], ())}
    kept["n"] = number
    line = json.dumps(kept, separators=(",", ":"), ensure_ascii=False)
    link = hashlib.blake2b(link + line.encode(), digest_size=32).digest()
