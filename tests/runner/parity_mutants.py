#!/usr/bin/env python3
"""Shows that parity.py sees what it says it compares: changes one member of one live fact at a time.

usage: parity_mutants.py SIM.json SIM_FOLDER LIVE.json LIVE_FOLDER
"""
import copy
import sys

import parity

OTHER = {int: 977, str: "another"}
# Compared of some facts only: the last read alone says how it stood at the end.
ALSO = {"read": ("http", "sync"), "end": ("fate",)}


def compared(what):
    fields, ids = parity.FIELDS.get(what, ((), ()))
    return [*fields, *ids, *ALSO.get(what, ())]


def mutants(facts):
    """Each with a name: one member of the last fact of its kind that has it is another; or such a fact
    is gone, or there twice."""
    kinds = sorted({fact["what"] for fact in facts})
    for what in kinds:
        for member in compared(what):
            is_id = member in parity.FIELDS.get(what, ((), ()))[1]
            # Which request without an intent is the n-th, and what it shows, is not compared.
            needs_intent = is_id or member == "attempt"
            at = max((i for i, f in enumerate(facts) if f["what"] == what and member in f
                      and ("intent" in f or not needs_intent)), default=None)
            if at is None:
                continue
            mutant = copy.deepcopy(facts)
            mutant[at][member] = OTHER[type(mutant[at][member])]
            # An id is compared by where else it stands; one that stands nowhere else may have any name.
            if is_id:
                others = [f.get(member) for i, f in enumerate(facts) if i != at]
                if facts[at][member] not in others:
                    continue
            yield f"{what}.{member}", mutant
        if what in parity.FIELDS and what not in ("read", "process", "store"):
            at = max(i for i, f in enumerate(facts) if f["what"] == what)
            yield f"{what} gone", facts[:at] + facts[at + 1 :]
            yield f"{what} twice", facts[: at + 1] + facts[at:]


def main():
    sim, sim_folder, live, live_folder = sys.argv[1:]
    sims, lives = parity.report(sim), parity.report(live)
    tried, missed = set(), set()
    for name in sorted(lives):
        if not parity.has_level_2(sims[name]):
            continue
        _, simulated = parity.history(sim_folder, name)
        _, played = parity.history(live_folder, name)
        for mutant_name, mutant in mutants(played):
            tried.add(mutant_name)
            if not parity.differences(sims[name], lives[name], simulated, mutant, True):
                missed.add(f"{name}: {mutant_name}")
    for text in sorted(missed):
        print(f"not ok - parity does not see {text}")
    wanted = {"answer.fate", "answer.http", "answer.state", "effect.units", "effect.amount", "effect.currency",
              "read.http", "read.sync", "callback-answered.http", "saw.key", "store.fate", "process.fate", "end.fate"}
    for text in sorted(wanted - tried):
        print(f"not ok - no story shows {text}")
    if not missed and wanted <= tried:
        print(f"ok - parity sees each of {len(tried)} ways in which one live fact is another")
    return 1 if missed or not wanted <= tried else 0


if __name__ == "__main__":
    sys.exit(main())
