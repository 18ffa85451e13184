#!/usr/bin/env python3
"""Recomputes the hash of a history file by docs/history-format.md and compares it with the last line.

usage: history_hash.py FILE        exit 0: it fits, 1: it does not, or there is none
"""
import hashlib
import json
import sys

lines = open(sys.argv[1], "rb").read().removesuffix(b"\n").split(b"\n")
given = json.loads(lines.pop()).get("history_hash")
link = bytes(32)
for line in lines:
    link = hashlib.blake2b(link + line, digest_size=32).digest()
print(link.hex())
if link.hex() != given:
    sys.exit(f"{sys.argv[1]}: the last line gives {given}")
