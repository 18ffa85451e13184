#!/usr/bin/env bash
# Goal: the same scenario, policy and seed give the same history, byte for byte, whatever compiler,
# optimisation, process, time zone, locale or memory contents; and another seed another one.
#
# usage: determinism_test.sh PATH-TO-DOUBLEBOOK   (other builds are looked for beside it)
set -u

program=$(realpath "$1")
builds=$(dirname "$(dirname "$program")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# play PROGRAM POLICY SEED FOLDER: the library's histories into a folder.
play() {
  mkdir -p "$4"
  "$1" run --policy "$2" --seed "$3" --report history="$4" >"$4.out" 2>&1
  [ "$(ls "$4" | wc -l)" -ge 6 ] || { echo "not ok - $4 was not played"; cat "$4.out"; exit 1; }
}

same() { # NAME FOLDER
  if diff -rq "$work/first" "$2" >"$work/diff"; then
    echo "ok - same histories: $1"
  else
    echo "not ok - histories differ: $1"
    cat "$work/diff"
    exit 1
  fi
}

play "$program" naive 1 "$work/first"
play "$program" naive 1 "$work/again"
same "a second process" "$work/again"

for build in gcc-O0 gcc-O3 clang-O0 clang-O3 fuzz; do
  [ -x "$builds/$build/doublebook" ] || { echo "not ok - no build $build to compare with"; exit 1; }
  play "$builds/$build/doublebook" naive 1 "$work/$build"
  same "the build $build" "$work/$build"
done

TZ=Pacific/Chatham play "$program" naive 1 "$work/tz"
same "another time zone" "$work/tz"
LC_ALL=tr_TR.UTF-8 LANG=de_DE.UTF-8 play "$program" naive 1 "$work/lang"
same "another locale" "$work/lang"
MALLOC_PERTURB_=165 play "$program" naive 1 "$work/perturb"
same "memory filled with other bytes" "$work/perturb"
(cd / && play "$program" naive 1 "$work/folder")
same "another folder" "$work/folder"

play "$program" naive 2 "$work/seed"
if diff -rq "$work/first/seed-incident.jsonl" "$work/seed/seed-incident.jsonl" >/dev/null; then
  echo "not ok - two seeds give the same history"
  exit 1
fi
echo "ok - another seed gives another history"

for file in "$work"/first/*.jsonl; do
  python3 "$(dirname "$0")/../reports/history_hash.py" "$file" >"$work/hash" ||
    { echo "not ok - $file: recomputed hash"; cat "$work/hash"; exit 1; }
done
echo "ok - the hash of every history, recomputed in another language, agrees"

# seek PROGRAM FOLDER: what a search hands over, less the command with the program's own path.
seek() {
  "$1" explore one-booking --policy naive --out "$2" >"$2.out" 2>&1
  [ "$(ls "$2" | wc -l)" -ge 4 ] || { echo "not ok - $2: nothing was found"; cat "$2.out"; exit 1; }
  sed -i '/^# Play it again/d' "$2"/*.yaml
}

seek "$program" "$work/finds"
for build in gcc-O0 gcc-O3 clang-O0 clang-O3 fuzz; do
  seek "$builds/$build/doublebook" "$work/finds-$build"
  diff -r "$work/finds" "$work/finds-$build" >"$work/diff" ||
    { echo "not ok - findings differ: $build"; cat "$work/diff"; exit 1; }
done
echo "ok - a search hands over the same scenarios, whatever the build"
