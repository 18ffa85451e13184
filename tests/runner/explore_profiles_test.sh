#!/bin/bash
# Goal: whichever of the profiles a partner has, one booking with it comes to a good end however it goes wrong in up to two
# ways; and a core that guesses does not.
#
# usage: explore_profiles_test.sh PATH-TO-DOUBLEBOOK
. "$(dirname "$0")/program.sh"

search() { # of a profile
    cat <<END
format: 1
scenario: $1
kind: search
partners:
  lagoon:
    profile: $1
    sells: { cruise: { price: 12000, currency: EUR, capacity: 10 } }
steps:
  - { at: 0s, user: ana, book: lagoon/cruise, units: 2, as: trip }
  - { at: 1s, user: ana, watch: trip }
  - { at: 5m, support: sam, look: trip, screen: list }
proves: [ one-truth, partner-rules ]
END
}

profiles=0 guessed_wrong=0
for file in "$root"/fake-partners/profiles/*.yaml; do
    profile=$(basename "$file" .yaml)
    name="$profile: none of the runs with up to 2 deviations violates"
    search "$profile" >"$profile.yaml"
    try 0 "$name" explore "$profile.yaml" --jobs 2
    has out "all [0-9,]* runs with up to 2 deviations: none violates" "$name"
    echo "ok - $name ($(grep -o 'all [0-9,]* runs' out))"
    "$program" explore "$profile.yaml" --jobs 2 --policy naive --deviations 1 >naive.out 2>&1
    [ $? -eq 1 ] && guessed_wrong=$((guessed_wrong + 1))
    profiles=$((profiles + 1))
done

name="a core that guesses is wrong with each of them"
[ "$profiles" -ge 10 ] && [ "$guessed_wrong" -eq "$profiles" ] || fail "$name: with $guessed_wrong of $profiles"
echo "ok - $name ($guessed_wrong)"
