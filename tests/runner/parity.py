#!/usr/bin/env python3
"""Compares the histories of a simulated and a live run of the same stories (docs/live.md).

usage: parity.py SIM.json SIM_FOLDER LIVE.json LIVE_FOLDER

Level 1, every story: same verdict, violated set, fired faults, final status and ledger per booking.
Level 2, unless the story says `parity: level1`: per (booking, lane) the same sequence of outside
facts, ids renamed by first appearance, equal consecutive reads collapsed.
"""
import json
import os
import re
import sys


def report(path):
    return {s["name"]: s for s in json.load(open(path))["scenarios"]}


def history(folder, name):
    lines = [json.loads(line) for line in open(os.path.join(folder, name + ".jsonl"))]
    return lines[0], lines[1:-1]


def verdict(scenario):
    return {
        "verdict": scenario["verdict"],
        "violated": sorted({v["invariant"] for v in scenario["violations"]}),
        "fired": sorted((f["rule"], f["fault"], f["fired"] > 0) for f in scenario["faults"]),
    }


def ending(facts):
    """Last status per booking, and how many reservations stand in which state per intent."""
    status, ledger = {}, {}
    for fact in facts:
        if fact["what"] == "read" and "status" in fact:
            status[fact["booking"]] = fact["status"]
        if fact["what"] == "effect":
            ledger[(fact.get("intent"), fact["reservation"])] = fact["state"]
    states = sorted((intent or "", state) for (intent, _), state in ledger.items())
    return {"status": status, "ledger": states}


def lane_of(fact):
    """A lane is one conversation at one end: what was asked, what one screen showed, what the partner
    was asked and did, what it called back. Between two of them the network decides the order."""
    group = {
        "asked": "asks",
        "read": fact.get("surface"),
        "saw": "is asked",
        "effect": "is asked",
        "callback": "calls back",
        "callback-answered": "calls back",
    }
    return (fact.get("intent") or "", fact["who"], group[fact["what"]])


def lanes(facts):
    """Per lane the sequence of outside facts, without times, versions and ids."""
    found, names = {}, {}

    def renamed(kind, value):
        known = names.setdefault(kind, {})
        return value and known.setdefault(value, f"{kind}{len(known) + 1}")

    for fact in facts:
        what = fact["what"]
        if what not in ("asked", "read", "saw", "effect", "callback", "callback-answered"):
            continue
        line = [what] + [fact.get(key) for key in ("op", "status", "state", "state_before", "fate")]
        if what in ("saw", "effect", "callback"):
            line += [renamed("key", fact.get("key")), renamed("reservation", fact.get("reservation"))]
        lane = found.setdefault(lane_of(fact), [])
        if what == "read":
            line = ["read", fact.get("status"), fact.get("fate")]
            if lane and lane[-1] == line:
                continue
        lane.append(line)
    return found


def main():
    sim, sim_folder, live, live_folder = sys.argv[1:]
    sims, lives = report(sim), report(live)
    if not lives:
        print("not ok - no story was played live")
        return 1
    bad = 0
    for name in sorted(lives):
        head, simulated = history(sim_folder, name)
        _, played = history(live_folder, name)
        if head["stage"] != "sim":
            print(f"not ok - {name}: the first folder is not of the simulation")
            return 1
        one, other = verdict(sims[name]), verdict(lives[name])
        one.update(ending(simulated))
        other.update(ending(played))
        for key in one:
            if one[key] != other[key]:
                bad += 1
                print(f"not ok - {name}: parity level 1, {key}: sim {one[key]}, live {other[key]}")
        if one == other:
            print(f"ok - {name}: parity level 1")
        if re.search(r"^parity:", open(sims[name]["file"]).read(), re.M):
            print(f"ok - {name}: level 1 is all it promises")
            continue
        one, other = lanes(simulated), lanes(played)
        differing = [lane for lane in sorted(set(one) | set(other)) if one.get(lane) != other.get(lane)]
        for lane in differing:
            bad += 1
            print(f"not ok - {name}: parity level 2, {lane}\n  sim  {one.get(lane)}\n  live {other.get(lane)}")
        if not differing:
            print(f"ok - {name}: parity level 2")
    return 1 if bad else 0


sys.exit(main())
