#!/bin/bash
# How fast a search is: how soon it finds what a naive core does wrong, and what a second job is worth. Figures
# of one run on one machine; nothing is asserted.
#
# usage: explore_bench.sh PATH-TO-DOUBLEBOOK [ROUNDS]
set -eu

program=$(realpath "$1")
rounds=${2:-5}
root=$(realpath "$(dirname "$0")/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

explore() { "$program" explore "$@" --report json="$work/report.json" >"$work/out" 2>"$work/err" || true; }
figure() { python3 -c "import json; e=json.load(open('$work/report.json'))['explorations'][0]; print($1)"; }

found() { # what is told, then the call
  local told=$1 began ended
  shift
  began=$(date +%s%N)
  explore "$@"
  ended=$(date +%s%N)
  echo "$told: found after $(figure "e['findings'][-1]['runs']") runs, $(figure "e['findings'][-1]['found_ms']") ms;" \
    "shrunk to $(figure "e['findings'][-1]['entries']") entries; the whole call took $(((ended - began) / 1000000)) ms"
}

found "naive, everything it does wrong with one deviation" one-booking --policy naive --deviations 1
found "naive, booked twice and back to pending in one run" one-booking --policy naive \
  --goal "$root/scenarios/explore/booked-twice-and-back-to-pending.goal.yaml"
# Each turn plays one job and two jobs right after each other, and its ratio is theirs.
for _ in $(seq "$rounds"); do
  for jobs in 1 2; do
    explore one-booking --jobs $jobs
    figure "e['runs'] * 1000 // e['wall_ms']"
  done | paste -sd ' '
done >"$work/turns"
python3 - "$work/turns" <<'END'
import statistics, sys
turns = [tuple(map(int, line.split())) for line in open(sys.argv[1])]
one, two = (statistics.median(turn[i] for turn in turns) for i in (0, 1))
ratios = sorted(turn[1] / turn[0] for turn in turns)
print(f"runs a second: one job {one:.0f}, two jobs {two:.0f}; two over one: median {statistics.median(ratios):.2f} "
      f"(min {ratios[0]:.2f}, max {ratios[-1]:.2f}) of {len(turns)} turns")
END
