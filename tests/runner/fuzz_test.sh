#!/usr/bin/env bash
# Goal: no bytes make the readers of scenarios, histories, goals and callbacks misbehave, nor what judges by them: twenty
# seconds of libFuzzer each under sanitizers, from the library and its histories as seeds. (By hand, for
# longer: build/fuzz/fuzz_scenario FOLDER, build/fuzz/fuzz_history FOLDER, build/fuzz/fuzz_goal FOLDER, ...)
#
# usage: fuzz_test.sh PATH-TO-DOUBLEBOOK   (the fuzz build is looked for beside it)
set -u

program=$(realpath "$1")
builds=$(dirname "$(dirname "$program")")/fuzz
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/scenario" "$work/history" "$work/goal" "$work/callback"
find "$(dirname "$0")/../../scenarios" -name '*.goal.yaml' -exec cp {} "$work/goal" \;
find "$(dirname "$0")/../../scenarios" -name '*.yaml' ! -name '*.goal.yaml' -exec cp {} "$work/scenario" \;
"$program" run --policy naive --report history="$work/history" >/dev/null 2>&1
for file in "$work"/history/*.jsonl; do sed -i '/^{"history_hash"/d' "$file"; done # bytes may change

printf 'webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek\nwebhook-timestamp: 1614265330\nwebhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=\n\n{"test": 2432232314}' >"$work/callback/signed"
printf '\n{"event":"evt-1","reservation":{"id":"LA-1","reference":"rv-1","state":"confirmed","version":2}}' >"$work/callback/full"
printf 'X-Callback-Token: t\n\n{"reservation":{"id":"LA-1"}}' >"$work/callback/thin"

cd "$work" || exit 1
fuzz() { # NAME LONGEST EDGES: fewer, and it is blind
  log=$work/$1.log
  [ -x "$builds/fuzz_$1" ] || { echo "not ok - no fuzz build $builds/fuzz_$1"; exit 1; }
  setarch -R "$builds/fuzz_$1" -max_total_time=20 -max_len="$2" -timeout=10 -print_final_stats=1 "$work/$1" \
    >"$log" 2>&1 || { tail -n 40 "$log"; echo "not ok - $1: the program misbehaves on some input"; exit 1; }
  runs=$(sed -n 's/^stat::number_of_executed_units: //p' "$log")
  seen=$(sed -n 's/.*DONE  *cov: \([0-9]*\) .*/\1/p' "$log")
  [ "${runs:-0}" -gt 1000 ] || { echo "not ok - $1: the fuzzer ran ${runs:-0} inputs only"; exit 1; }
  [ "${seen:-0}" -gt "$3" ] || { echo "not ok - $1: the fuzzer saw ${seen:-0} edges only: it is blind"; exit 1; }
  echo "ok - $1: $runs inputs, $seen edges, no finding"
}
fuzz scenario 8192 1000
fuzz history 32768 1000
fuzz goal 4096 500
fuzz callback 2048 200
