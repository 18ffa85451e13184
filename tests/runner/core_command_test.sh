#!/bin/sh
# Goal: `doublebook core` is a program one can run: it answers at once while its partner is silent,
# what it acknowledged is there after kill -9, it lets in whom it should, and it ends cleanly.
#
# usage: core_command_test.sh PATH-TO-DOUBLEBOOK
set -u

program=$(realpath "$1")
work=$(mktemp -d)
core= partner=
cleanup() {
    [ -n "$core" ] && kill -9 "$core" 2>/dev/null
    [ -n "$partner" ] && kill -9 "$partner" 2>/dev/null
    rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 1' INT TERM
cd "$work" || exit 1

fail() {
    echo "not ok - $1"
    for file in out err answer; do
        [ -s $file ] && echo "  $file:" && head -c 1500 $file
    done
    exit 1
}

# has FILE PATTERN NAME: an extended regular expression that some line matches.
has() { grep -Eq -- "$2" "$1" || fail "$3: no line of $1 matches $2"; }

# bad NAME PATTERN ARGUMENT...: exit code 3, the pattern on stderr, nothing on stdout.
bad() {
    name=$1 pattern=$2
    shift 2
    timeout 20 "$program" core "$@" >out 2>err
    got=$?
    [ $got -eq 3 ] || fail "$name: exit code $got, not 3"
    [ ! -s out ] || fail "$name: something was served"
    has err "$pattern" "$name"
    if grep -q 'Sanitizer\|runtime error' err; then fail "$name: a sanitizer spoke"; fi
    echo "ok - bad input: $name"
}

# A partner that accepts every request and never answers one; requests.log gets a line for each.
cat >partner.py <<'END'
import socket, threading
server = socket.create_server(("127.0.0.1", 0), backlog=64)
print(server.getsockname()[1], flush=True)
def hang(client):
    log = open("requests.log", "a")
    head = client.recv(65536).decode()
    print(head.split("\r\n")[0], file=log, flush=True)
    while client.recv(65536):
        pass
    client.close()
while True:
    threading.Thread(target=hang, args=(server.accept()[0],), daemon=True).start()
END

# ask.py METHOD PATH KEY TOKEN BODY: prints the status, then the body; - is none.
cat >ask.py <<'END'
import http.client, sys, time
method, path, key, token, body = sys.argv[1:6]
headers = {"Content-Type": "application/json"}
if key != "-": headers["Idempotency-Key"] = key
if token != "-": headers["Authorization"] = token
began = time.monotonic()
link = http.client.HTTPConnection("127.0.0.1", int(open("port").read()), timeout=120)
link.request(method, path, None if body == "-" else body, headers)
answer = link.getresponse()
text = answer.read().decode()
print(answer.status, answer.getheader("Content-Type", "-").split(";")[0])
print(text)
# The partner is waited for as long as create_timeout, 10 minutes: not by us.
if time.monotonic() - began > 60: sys.exit("the answer took as long as a partner")
END

# ask STATUS NAME METHOD PATH KEY TOKEN BODY
ask() {
    status=$1 name=$2
    shift 2
    python3 ask.py "$@" >answer 2>err || fail "$name: no answer"
    has answer "^$status " "$name"
}

# wait_for PATTERN FILE NAME: until some line matches; a slow machine gets 20 s.
wait_for() {
    tries=0
    until grep -Eq -- "$1" "$2" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 400 ] || fail "$3: no line of $2 matches $1"
        sleep 0.05
    done
}

# start ARGUMENT...: the core on any port, or on the one of --listen; $core is its process.
start() {
    : >out
    "$program" core --db bookings.db --partners partners.yaml --policy patient.yaml \
        --listen 127.0.0.1:0 "$@" >out 2>err &
    core=$!
    wait_for '^listening on http://127\.0\.0\.1:[0-9]+$' out "a start"
    sed -n 's,^listening on .*:,,p' out >port
}

# wait_for_end NAME: until the core is gone or a zombie; a slow machine gets 30 s.
wait_for_end() {
    tries=0
    while grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$core/status" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || fail "$1: it goes on"
        sleep 0.05
    done
}

# stop SIGNAL CODE NAME
stop() {
    kill -"$1" "$core" || fail "$3: it is gone already"
    wait_for_end "$3"
    wait "$core" 2>/dev/null
    got=$?
    core=
    [ $got -eq "$2" ] || fail "$3: exit code $got, not $2"
    if grep -q 'Sanitizer\|runtime error' err; then fail "$3: a sanitizer spoke"; fi
}

python3 partner.py >partner.port &
partner=$!
wait_for '^[0-9]+$' partner.port "the silent partner"

cat >partners.yaml <<END
format: 1
partners:
  lagoon:
    address: http://127.0.0.1:$(cat partner.port)
    profile: { like: ref-not-unique, commit_within: 30s }
    sells: { cruise: { price: 12000, currency: EUR, slots: { evening: "2099-07-04T18:00:00Z" } } }
END
body='{"partner":"lagoon","product":"cruise","slot":"evening","units":2,"guest":{"name":"Ana"}}'
other_body='{"partner":"lagoon","product":"cruise","slot":"evening","units":2,"guest":{"name":"Cy"}}'
printf 'format: 1\npolicy: patient\nlike: reference\nset: { create_timeout: 10m }\n' >patient.yaml
umask 077
printf '# who\ntraveller traveller-0123456789\n\nsupport support-0123456789abc\npartner partner-0123456789abc\n' >tokens

# ---- bad input ----

sed 's/cruise:/cruse: { capacity: 1 }, cruise:/; s/ref-not-unique/ref-not-uniqe/' partners.yaml >typo.yaml
sed 's,http://,tcp://,' partners.yaml >address.yaml
sed 's/ZZ/Z/' tokens >open.tokens && chmod 644 open.tokens
printf 'traveler traveller-0123456789\nsupport short\n' >typo.tokens
printf 'this is no database\n%.0s' 1 2 3 4 5 6 7 8 9 >text.db
python3 -c 'import sqlite3; d = sqlite3.connect("foreign.db"); d.execute("CREATE TABLE t (a)"); d.commit()'
python3 -c 'import sqlite3; d = sqlite3.connect("later.db"); d.execute("CREATE TABLE t (a)"); d.execute("PRAGMA user_version = 999"); d.commit()'
common="--db new.db --partners partners.yaml"

bad "no database" '^doublebook core: --db is missing' --partners partners.yaml
bad "no partners" '^doublebook core: --partners is missing' --db new.db
bad "an unknown option" "unknown option '--listn' \(did you mean '--listen'\?\)" $common --listn 127.0.0.1:0
bad "an option without its value" '--db lacks its value' --partners partners.yaml --db
bad "a word too many" "what is 'bookings.db'\?" $common bookings.db
bad "an address without a port" "--listen cannot be '127.0.0.1'; expected an IPv4 address and a port" $common --listen 127.0.0.1
bad "a port that is none" "--listen cannot be '127.0.0.1:65536'" $common --listen 127.0.0.1:65536
bad "a name for an address" "--listen cannot be 'localhost:8080'" $common --listen localhost:8080
bad "every address without tokens" '--listen 0.0.0.0:0 is open to other machines; expected --tokens' $common --listen 0.0.0.0:0
bad "a seed that is none" "--seed cannot be '-1'; expected a whole number from 0" $common --seed -1
bad "a scale of nothing" "--scale cannot be '0'; expected a whole number from 1 to 1000" $common --scale 0
bad "a scale in real dates" "--scale 50 without --zero; expected both" $common --scale 50
bad "a drain without a unit" "--drain cannot be '10'; expected a duration" $common --drain 10
bad "an unknown policy" "unknown policy 'naiv' \(did you mean 'naive'\?\)" $common --policy naiv
bad "partners that are not there" '^none.yaml' --db new.db --partners none.yaml
bad "partners with two mistakes: the profile" "^typo.yaml:5:22: unknown profile 'ref-not-uniqe'" --db new.db --partners typo.yaml
has err "typo.yaml:6:21: a product lacks the key 'price'" "partners with two mistakes: the product"
bad "an address of no kind" "^address.yaml:4:14: address cannot be 'tcp://.*expected http://HOST:PORT" --db new.db --partners address.yaml
bad "tokens everybody may read" '^open.tokens.*chmod o=' $common --tokens open.tokens
bad "tokens with two mistakes: the role" '^typo.tokens:1:1: expected a line to begin with traveller' $common --tokens typo.tokens
has err '^typo.tokens:2:1: expected a token of 16 to 256' "tokens with two mistakes: the length"
if grep -q 'short' err; then fail "tokens with two mistakes: one was told"; fi
bad "a database that is none" 'text.db cannot be opened as a store: file is not a database' --db text.db --partners partners.yaml
bad "another program's database" 'foreign.db cannot be opened as a store: it is the database of another' --db foreign.db --partners partners.yaml
bad "a folder that is not there" 'none/new.db cannot be opened as a store' --db none/new.db --partners partners.yaml
bad "a check of nothing" '--db new.db cannot be read' --db new.db --check
bad "a check of no database" 'text.db cannot be opened as a store: file is not a database' --db text.db --check
bad "a check of another program's database" 'foreign.db cannot be opened as a store: it is the database of another' --db foreign.db --check
bad "another version's database" 'later.db cannot be opened as a store: .* of another version' --db later.db --partners partners.yaml
bad "a check of another version's database" 'later.db cannot be opened as a store: .* of another version' --db later.db --check
[ ! -e new.db ] || fail "bad input: a database was made"

# ---- the API while the partner hangs ----

start --seed 7 --drain 1s
ask 201 "a booking" POST /bookings key-1 - "$body"
id=$(sed -n 's/.*"id":"\([^"]*\)".*/\1/p' answer)
has answer '"status":"received"' "a booking"
wait_for '^POST /reservations ' requests.log "the partner is asked"
echo "ok - a booking is taken at once while the partner is silent"

ask 200 "the same key and body" POST /bookings key-1 - "$body"
has answer "\"id\":\"$id\"" "the same key and body"
ask 422 "the same key, another body" POST /bookings key-1 - "$(echo "$body" | sed 's/Ana/Bo/')"
ask 409 "the same body, another key" POST /bookings key-2 - "$body"
has answer "$id asks for the same" "the same body, another key"
ask 400 "no key" POST /bookings - - "$body"
ask 404 "another partner" POST /bookings key-2 - "$(echo "$body" | sed 's/lagoon/lagun/')"
ask 200 "the page" GET "/bookings/$id" - - -
echo "ok - keys, refusals and pages"

ask 200 "health" GET /health - - -
sed -n 2p answer | python3 -c '
import json, sys
health = json.load(sys.stdin)
assert set(health) == {"status", "jobs", "due_ms"}, health
assert health["status"] == "ok" and health["jobs"] == 1 and health["due_ms"] > 0, health' || fail "health"
ask 405 "health is only asked" POST /health - - '{}'
echo "ok - health counts what is left to do"

ask 200 "metrics" GET /metrics - - -
has answer '^200 text/plain$' "metrics"
sed 1d answer | python3 -c '
import re, sys
seen, kinds = {}, {}
for line in sys.stdin.read().splitlines():
    if not line: continue
    if line.startswith("#"):
        word, name, rest = re.fullmatch(r"# (HELP|TYPE) ([a-z_]+) (.+)", line).groups()
        if word == "TYPE": kinds[name] = rest
        continue
    name, labels, value = re.fullmatch(r"([a-z_]+)(\{[a-z]+=\"[a-z]+\"\})? (\d+)", line).groups()
    assert kinds[name] in ("gauge", "counter"), line
    assert (kinds[name] == "counter") == name.endswith("_total"), line
    seen[name + (labels or "")] = int(value)
assert seen["doublebook_bookings{status=\"received\"}"] == 1, seen
assert seen["doublebook_bookings{status=\"confirmed\"}"] == 0, seen
assert seen["doublebook_jobs"] == 1, seen
assert seen["doublebook_requests_total{direction=\"in\"}"] >= 8, seen
assert seen["doublebook_requests_total{direction=\"out\"}"] == 1, seen
assert seen["doublebook_open_exchanges{direction=\"out\"}"] == 1, seen
assert seen["doublebook_commits_total"] >= 1 and seen["doublebook_turns_total"] >= 8, seen' || fail "metrics"
echo "ok - metrics parse and count"

timeout 20 "$program" core --db bookings.db --check >out 2>err || fail "a check while it runs"
has out '^whole$' "a check while it runs"
echo "ok - a running store is whole"

# ---- kill -9, and again on the same database ----

stop KILL 137 "kill -9"
timeout 20 "$program" core --db bookings.db --check >out 2>err || fail "a check after kill -9"
has out '^whole$' "a check after kill -9"
start --drain 1s
ask 200 "the page after kill -9" GET "/bookings/$id" - - -
ask 200 "the key after kill -9" POST /bookings key-1 - "$body"
has answer "\"id\":\"$id\"" "the key after kill -9"
ask 201 "another booking" POST /bookings key-3 - "$other_body"
other=$(sed -n 's/.*"id":"\([^"]*\)".*/\1/p' answer)
[ "$other" != "$id" ] || fail "another booking has the same id"
echo "ok - what was acknowledged is there after kill -9"

stop TERM 0 "SIGTERM with an open exchange"
if python3 ask.py GET /health - - - >answer 2>&1; then fail "SIGTERM: somebody still answers"; fi
[ ! -e bookings.db-wal ] || fail "SIGTERM: the database was not closed"
echo "ok - SIGTERM drains and ends with 0"

bad "another seed on the same database" 'bookings.db was begun with another --seed' --db bookings.db --partners partners.yaml --listen 127.0.0.1:0 --seed 8

# Ids derive from the seed and the row: the same seed makes the same ones elsewhere.
mv bookings.db first.db
start --seed 7 --drain 0s
ask 201 "the first booking of another database" POST /bookings key-9 - "$body"
has answer "\"id\":\"$id\"" "the same seed and row"
ask 201 "the second booking of another database" POST /bookings key-10 - "$other_body"
has answer "\"id\":\"$other\"" "the same seed and row, started again without it"
stop INT 0 "SIGINT"
mv bookings.db second.db
start --drain 0s
ask 201 "a seed by chance" POST /bookings key-9 - "$body"
if grep -q "$id" answer; then fail "a seed by chance: is the one of another database"; fi
stop TERM 0 "SIGTERM"
echo "ok - the seed is the database's"

# A second signal does not wait for the drain, which would last as long as the partner is silent.
mv bookings.db third.db
: >requests.log
start --drain 10m
ask 201 "a booking before two signals" POST /bookings key-1 - "$body"
wait_for '^POST /reservations ' requests.log "the partner is asked before two signals"
kill -TERM "$core"
tries=0
while python3 ask.py GET /health - - - >answer 2>err; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || fail "SIGTERM: it still listens"
done
stop TERM 143 "a second signal"
echo "ok - a second signal ends it at once"

# ---- a broken database ----

python3 - <<'END'
import sqlite3
db = sqlite3.connect("first.db")
db.execute("DELETE FROM evidence WHERE id = (SELECT min(id) FROM evidence)")
db.commit()
END
timeout 20 "$program" core --db first.db --check >out 2>err
[ $? -eq 1 ] || fail "a check of a broken store: not exit code 1"
has out '^broken: 1 bookings whose evidence has gaps$' "a check of a broken store"
echo "ok - a broken store is told"

# ---- tokens ----

mv bookings.db fourth.db
start --tokens tokens --drain 0s
ask 401 "no token" POST /bookings key-1 - "$body"
ask 401 "no token for health" GET /health - - -
ask 401 "no token for nothing" GET /nothing - - -
ask 401 "an unknown token" POST /bookings key-1 "Bearer traveller-0123456780" "$body"
ask 401 "a longer token" POST /bookings key-1 "Bearer traveller-01234567890" "$body"
ask 401 "another scheme" POST /bookings key-1 "Basic traveller-0123456789" "$body"
ask 403 "the wrong role" POST /bookings key-1 "Bearer partner-0123456789abc" "$body"
ask 403 "the list for a traveller" GET /support/bookings - "Bearer traveller-0123456789" -
ask 403 "metrics for a traveller" GET /metrics - "Bearer traveller-0123456789" -
ask 403 "callbacks for support" POST /callbacks/lagoon - "Bearer support-0123456789abc" '{}'
ask 201 "a traveller" POST /bookings key-1 "Bearer traveller-0123456789" "$body"
ask 200 "support" GET /support/bookings - "bearer support-0123456789abc" -
ask 200 "health with a token" GET /health - "Bearer partner-0123456789abc" -
ask 400 "a partner" POST /callbacks/lagoon - "Bearer partner-0123456789abc" '{}'
stop TERM 0 "SIGTERM with tokens"
if grep -q '0123456789' out err; then fail "tokens: one was told"; fi
mv bookings.db fifth.db
: >out
"$program" core --db bookings.db --partners partners.yaml --listen 0.0.0.0:0 --tokens tokens --drain 0s >out 2>err &
core=$!
wait_for '^listening on http://0\.0\.0\.0:[0-9]+$' out "every address with tokens"
sed -n 's,^listening on .*:,,p' out >port
ask 401 "no token, every address" GET /health - - -
stop TERM 0 "SIGTERM, every address"
[ "$(stat -c %a bookings.db)" = 600 ] || fail "others may read the bookings"
echo "ok - tokens are asked for and roles kept apart"

# ---- the parent ----

mv bookings.db sixth.db
: >out
sh -c '"$0" core --db bookings.db --partners partners.yaml --listen 127.0.0.1:0 --die-with-parent >out 2>err & echo $! >child; while [ ! -e go ]; do sleep 0.05; done' "$program" &
parent=$!
wait_for '^listening' out "a child"
core=$(cat child)
: >go
wait "$parent"
wait_for_end "--die-with-parent"
core=
echo "ok - it dies with its parent if told so"
