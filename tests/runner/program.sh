# What the tests from outside share; plain sh, to be sourced: `. "$(dirname "$0")/program.sh"`, with the
# program as $1. They then stand in an empty folder that is removed at the end.
#
# Gives: program, root (of the sources), and the functions below. out and err are those of the last try.
set -u

program=$(realpath "$1")
root=$(realpath "$(dirname "$0")/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

fail() {
    echo "not ok - $1"
    echo "  stdout:"; head -c 1500 out; echo "  ..."; tail -c 500 out; echo "  stderr:"; head -c 1500 err
    exit 1
}

# try CODE NAME COMMAND...: runs the program, keeps out and err, wants this exit code.
try() {
    code=$1 name=$2
    shift 2
    timeout 300 "$program" "$@" >out 2>err </dev/null # whatever hangs is a failure
    got=$?
    if grep -q 'Sanitizer\|runtime error' err; then fail "$name: a sanitizer spoke"; fi
    [ $got -eq "$code" ] || fail "$name: exit code $got, not $code"
}

# has FILE PATTERN NAME: an extended regular expression that some line matches; hasnt: that none does.
has() { grep -Eq -- "$2" "$1" || fail "$3: no line of $1 matches $2"; }
hasnt() { if grep -Eq -- "$2" "$1"; then fail "$3: a line of $1 matches $2"; fi; }
