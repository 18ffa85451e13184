#!/usr/bin/env bash
# Goal: the README keeps its word: its paths exist, its excerpt is what the program prints, it fits the
# first screen, and the commands with which the demo ends work as printed.
#
# usage: readme_test.sh PATH-TO-DOUBLEBOOK
set -u

program=$(realpath "$1")
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "not ok - $1"
  exit 1
}

for path in $(grep -oE '`[A-Za-z./-]+/[A-Za-z./-]*`' README.md | tr -d '`' | grep -v '^\./build'); do
  [ -e "$path" ] || fail "README names $path, which does not exist"
done
echo "ok - every path in the README exists"

[ "$(wc -l <README.md)" -le 50 ] || fail "the README does not fit the first screen"
echo "ok - the README fits the first screen"

"$program" run seed-incident --policy naive >"$work/naive" 2>&1
[ $? = 1 ] || fail "the naive run exits 1"
sed -n '/^```text$/,/^```$/p' README.md | grep -v '^```' >"$work/excerpt"
[ -s "$work/excerpt" ] || fail "the README has no excerpt"
while IFS= read -r line; do
  [ "$line" = "..." ] || grep -qxF -- "$line" "$work/naive" || fail "not printed by the program: $line"
done <"$work/excerpt"
echo "ok - the README's excerpt is what the program prints"

scripts/demo >"$work/demo" 2>&1 || { tail -n 20 "$work/demo"; fail "the demo fails"; }
tail -n 4 "$work/demo" | grep -E '^  \./build' >"$work/commands"
[ "$(wc -l <"$work/commands")" = 3 ] || fail "the demo does not end with three commands"
while IFS= read -r command; do
  bash -c "$command" >"$work/out" 2>&1
  code=$?
  [ "$code" -le 1 ] && [ -s "$work/out" ] || fail "the demo's command '$command' exits $code"
done <"$work/commands"
echo "ok - the demo's last three commands work as printed"
