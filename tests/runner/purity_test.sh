#!/usr/bin/env bash
# Goal: what must not happen by itself cannot: the core, the partners and the checkers import no clock, no
# chance, no socket and no sleep, and rooms include only what they may know.
#
# usage: purity_test.sh PATH-TO-DOUBLEBOOK   (its build folder holds the libraries)
set -u

build=$(dirname "$(realpath "$1")")
cd "$(dirname "$0")/../.." || exit 1
banned='clock_gettime|gettimeofday|time|rand|rand_r|random|srandom|getrandom|arc4random|getentropy|randombytes_buf|socket|connect|usleep|nanosleep|sleep|localtime|setlocale|getenv'

for library in base/libdbk_base core/libdbk_core fake-partners/libdbk_fake_partners runner/libdbk_check reports/libdbk_reports; do
  [ -f "$build/$library.a" ] || { echo "not ok - no library $library.a in $build"; exit 1; }
  found=$(nm -u "$build/$library.a" | grep -E "^ +U ($banned)(@.*)?\$" | sort -u)
  [ -z "$found" ] || { echo "not ok - $library imports $found"; exit 1; }
done
echo "ok - base, core, fake-partners, checkers and reports import no clock, chance, socket or sleep"

includes() { grep -hoE "^#include \"[a-z-]+/" "$@" | sort -u | sed 's/#include "//; s,/$,,' | tr '\n' ' '; }
arrow() { # FOLDER ALLOWED...
  local folder=$1 room
  shift
  for room in $(includes "$folder"/*.[ch]); do
    [[ " $* " == *" $room "* ]] || { echo "not ok - $folder includes $room"; exit 1; }
  done
}
arrow base base
arrow core base core
arrow fake-partners base fake-partners
arrow reports base reports
arrow runner/check base runner
[ -z "$(grep -lE '#include "runner/(sim|live|host|user|scenario|system)' runner/check/*.[ch])" ] ||
  { echo "not ok - runner/check knows a stage"; exit 1; }
echo "ok - the arrows between the rooms point one way"
