#!/usr/bin/env bash
# Goal: the example service stands by itself, before it is put on trial: its own tests pass.
#
# usage: example_test.sh PATH-TO-DOUBLEBOOK   (not used)
set -u

cd "$(dirname "$0")/../../examples/node-booking" || exit 1
out=$(node --test 2>&1) || { echo "$out" | tail -n 40; echo "not ok - node --test"; exit 1; }
passed=$(grep -oE '^(# |ℹ )pass [0-9]+' <<<"$out" | grep -oE '[0-9]+')
[ "${passed:-0}" -gt 0 ] || { echo "$out"; echo "not ok - node --test ran no test"; exit 1; }
echo "ok - the service's own $passed tests pass"
