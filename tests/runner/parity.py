#!/usr/bin/env python3
"""Compares the histories of a simulated and a live run of the same stories (docs/live.md).

usage: parity.py SIM.json SIM_FOLDER LIVE.json LIVE_FOLDER

Level 1, every story: same verdict, violated set, fired faults, why it ended, final status, sync and
ledger per booking.
Level 2, unless the story says `parity: {level: 1}`: per (booking, lane) the same sequence of outside
facts, ids renamed by first appearance in their booking, equal consecutive reads collapsed.

Not compared: times and versions, which are each stage's own; and the sync of reads before the end. A
booking is in flight for as long as one request takes, and a page that is read every 25 ms does not
see that each time.
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
    """Why it ended; the last status and sync per booking and surface; how many reservations of what
    worth stand in which state per intent."""
    status, sync, ledger, end = {}, {}, {}, None
    for fact in facts:
        if fact["what"] == "read" and "status" in fact:
            status[fact["booking"]] = fact["status"]
            sync[(fact["booking"], fact["who"], fact["surface"])] = fact.get("sync")
        if fact["what"] == "effect":
            worth = [fact.get(key) for key in ("units", "amount", "currency")]
            ledger[(fact.get("intent"), fact["reservation"])] = [fact["state"], *worth]
        if fact["what"] == "end":
            end = fact["fate"]
    states = sorted([intent or "", *row] for (intent, _), row in ledger.items())
    return {"status": status, "sync": sync, "ledger": states, "end": end}


# What is compared of a fact, and which of its ids.
FIELDS = {
    "asked": (("op", "units"), ("key",)),
    "read": (("status", "fate"), ()),
    "saw": (("op", "attempt", "fate"), ("key", "reservation")),
    "effect": (("state_before", "state", "by", "units", "amount", "currency"), ("key", "reservation")),
    "answer": (("op", "attempt", "http", "state", "fate"), ("key", "reservation")),
    "callback": (("state", "nth"), ("key", "reservation", "callback")),
    "callback-answered": (("state", "nth", "http", "fate"), ("key", "reservation", "callback")),
    "fault": (("op", "attempt", "fault", "by", "line", "claim"), ("key",)),
    "process": (("fate",), ()),
    "store": (("fate",), ()),
}


def lane_of(fact, intent):
    """A lane is one conversation at one end: what was asked, what one screen showed, what the partner
    was asked and did, how an answer of its ended, what it called back. Between two of them the
    network decides the order."""
    group = {
        "asked": "asks",
        "read": fact.get("surface"),
        "saw": "is asked",
        "effect": "is asked",
        "answer": "answers " + (fact.get("exchange", "") if "intent" in fact else fact.get("op", "")),
        "callback": "calls back",
        "callback-answered": "calls back",
        "fault": "faults",
    }
    # Live, the core's machines are one process; and its store is looked at once, not at each start.
    who = fact["who"].split(".")[0]
    return (intent, who, group.get(fact["what"], fact["what"]))


def lanes(facts):
    """Per lane the sequence of outside facts, without times, versions and ids."""
    found, names = {}, {}
    # A look-up is of no intent by itself, and which of them is the n-th the network decides; an answer that shows
    # one reservation is of its intent, one that shows many shows what there was by then.
    owners = {fact["reservation"]: fact["intent"] for fact in facts if fact["what"] == "effect" and "intent" in fact}

    def renamed(intent, kind, value):
        known = names.setdefault((intent, kind), {})
        return value and known.setdefault(value, f"{kind}{len(known) + 1}")

    for fact in facts:
        what = fact["what"]
        if what not in FIELDS:
            continue
        fields, ids = FIELDS[what]
        intent = fact.get("intent") or owners.get(fact.get("reservation"), "")
        lane = found.setdefault(lane_of(fact, intent), [])
        line = [what, *(fact.get(key) for key in fields if key != "attempt" or "intent" in fact)]
        if intent:
            line += [renamed(intent, key, fact.get(key)) for key in ids]
        if what in ("read", "process", "store") and lane and lane[-1] == line:
            continue
        lane.append(line)
    # How often a watched page is read is each stage's own; with what status its reads are answered is not.
    for fact in facts:
        if fact["what"] == "read" and "http" in fact:
            found.setdefault((fact["intent"], fact["who"], "statuses"), set()).add((fact["op"], fact["http"]))
    return {lane: sorted(lines) if lane[2] == "statuses" else lines for lane, lines in found.items()}


def differences(sim, live, simulated, played, has_level_2):
    """What a story's two runs differ in, a text each; sim and live are their entries in the reports."""
    found = []
    one, other = {**verdict(sim), **ending(simulated)}, {**verdict(live), **ending(played)}
    for key in one:
        if one[key] != other[key]:
            found.append(f"parity level 1, {key}: sim {one[key]}, live {other[key]}")
    if not has_level_2:
        return found
    one, other = lanes(simulated), lanes(played)
    for lane in sorted(set(one) | set(other)):
        if one.get(lane) != other.get(lane):
            found.append(f"parity level 2, {lane}\n  sim  {one.get(lane)}\n  live {other.get(lane)}")
    return found


def has_level_2(sim):
    return not re.search(r"^parity:", open(sim["file"]).read(), re.M)


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
        both = has_level_2(sims[name])
        found = differences(sims[name], lives[name], simulated, played, both)
        for text in found:
            print(f"not ok - {name}: {text}")
        if not found:
            print(f"ok - {name}: parity level {'1 and 2' if both else '1, which is all it promises'}")
        bad += len(found)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
