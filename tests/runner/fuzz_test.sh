#!/usr/bin/env bash
# Goal: no bytes make the scenario loader misbehave: twenty seconds of libFuzzer under sanitizers, from the
# library as seeds. (By hand, for longer: build/fuzz/fuzz_scenario FOLDER)
#
# usage: fuzz_test.sh PATH-TO-DOUBLEBOOK   (the fuzz build is looked for beside it)
set -u

fuzz=$(dirname "$(dirname "$(realpath "$1")")")/fuzz/fuzz_scenario
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ -x "$fuzz" ] || { echo "not ok - no fuzz build at $fuzz"; exit 1; }
cp "$(dirname "$0")"/../../scenarios/*.yaml "$work"

cd "$work" || exit 1
setarch -R "$fuzz" -max_total_time=20 -max_len=8192 -timeout=10 -print_final_stats=1 "$work" >"$work/log" 2>&1 ||
  { tail -n 40 "$work/log"; echo "not ok - the loader misbehaves on some input"; exit 1; }
runs=$(sed -n 's/^stat::number_of_executed_units: //p' "$work/log")
[ "${runs:-0}" -gt 1000 ] || { echo "not ok - the fuzzer ran ${runs:-0} inputs only"; exit 1; }
echo "ok - $runs inputs, no finding"
