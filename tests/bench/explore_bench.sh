#!/bin/bash
# How fast a search is: how soon it finds what a naive core does wrong, and what a second job is worth. Figures
# of one run on one machine; nothing is asserted.
#
# usage: explore_bench.sh PATH-TO-DOUBLEBOOK [ROUNDS]
set -eu

program=$(realpath "$1")
rounds=${2:-3}
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
for _ in $(seq "$rounds"); do
  for jobs in 1 2; do
    explore one-booking --jobs $jobs
    echo "$jobs $(figure "e['runs'], e['wall_ms']" | tr -d '(),')"
  done
done >"$work/turns"
awk '{ of[$1]++; speed[$1, of[$1]] = $2 * 1000 / $3 }
  function median(jobs,   n, i, k, t, v) {
    n = of[jobs]
    for (i = 1; i <= n; i++) v[i] = speed[jobs, i]
    for (i = 1; i <= n; i++) for (k = i + 1; k <= n; k++) if (v[k] < v[i]) { t = v[i]; v[i] = v[k]; v[k] = t }
    return v[int((n + 1) / 2)]
  }
  END { printf "runs a second, one job: median %d; two jobs: median %d, %.2f times as many (%d turns each)\n",
        median(1), median(2), median(2) / median(1), of[1] }' "$work/turns"
