#!/usr/bin/env bash
# Goal: a service of somebody else is judged by what it does, not by how the stage asks it: it may be slow to
# say that it is idle, and need its partners to say that it is ready; and Ctrl-C ends a question at once. What
# it says of its end and of its store is told.
#
# usage: foreign_test.sh PATH-TO-DOUBLEBOOK
set -u

program=$(realpath "$1")
work=$(mktemp -d)
export TMPDIR=$work/tmp
mkdir "$TMPDIR"
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

fail() {
  echo "not ok - $1"
  tail -n 40 "${2:-/dev/null}"
  exit 1
}

# A small healthy service: it writes down the order, asks the partner in a thread of its own and looks up what
# it did not hear the answer of. MODE says what is odd about it.
cat >service.py <<'END_OF_SERVICE'
import json, os, sys, threading, time, urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

mode, scale = os.environ["MODE"], int(os.environ["SCALE"])
partners = json.load(open(os.environ["PARTNERS"]))["partners"]
orders, keys, lock = {}, {}, threading.Lock()
words = {"pending": "pending", "confirmed": "ok", "rejected": "no", "cancelled": "gone"}

def ask(partner, method, path, body=None, within=10.0 / scale):
    request = urllib.request.Request(partners[partner]["address"] + path, method=method,
                                     data=body and json.dumps(body).encode(), headers={"Content-Type": "application/json"})
    return json.load(urllib.request.urlopen(request, timeout=within))

def work(number):
    order = orders[number]
    if mode == "slow-idle":
        time.sleep(0.4)  # so that the request is on its way while the stage asks
    for _ in range(4):
        try:
            seen = ask(order["partner"], "POST", "/reservations",
                       {"reference": number, "guest": {"name": order["guest"]}, "product": order["product"],
                        "slot": order["slot"], "units": order["units"]})
        except OSError:
            time.sleep(2.0 / scale)
            try:
                found = ask(order["partner"], "GET", "/reservations?reference=" + number)["reservations"]
            except OSError:
                continue
            if not found:
                continue
            seen = found[0]
        with lock:
            order.update(state=words[seen["state"]], rev=order["rev"] + 1, busy=0)
        return

class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)
    def show(self, number):
        order = orders[number]
        self.answer(200, {"number": number, "state": order["state"], "rev": order["rev"]})
    def do_GET(self):
        if self.path == "/idle":
            if mode == "slow-idle":
                time.sleep(0.9)
            self.answer(200, {"busy": sum(order["busy"] for order in orders.values())})
        elif self.path == "/ready":
            if mode == "ready-by-partner":
                for partner in partners:
                    ask(partner, "GET", "/reservations?reference=ping", within=5)
            self.answer(200, {})
        else:
            self.show(self.path.split("/")[-1])
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        if self.path == "/reset":
            open(os.environ["ASKED"], "w").close()
            time.sleep(60)
        if self.path != "/orders":
            self.answer(200, {})
            return
        with lock:
            number = keys.setdefault(self.headers["X-Key"], "o%d" % (len(keys) + 1))
            if number not in orders:
                orders[number] = {"state": "new", "rev": 1, "busy": 1, **body}
                threading.Thread(target=work, args=(number,), daemon=True).start()
        self.show(number)

ThreadingHTTPServer.daemon_threads = True
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
END_OF_SERVICE

# map MODE [LINE...]: the service's map, with more lines.
map() {
  cat <<END_OF_MAP
format: 1
system: small
operations:
  book:
    request: POST /orders
    headers: { X-Key: "{key}" }
    body: { partner: "{partner}", product: "{product}", slot: "{slot}", units: "{units}", guest: "{guest}" }
    shows: { id: /number, status: /state, version: /rev }
  look:
    request: GET /orders/{id}
    shows: { id: /number, status: /state, version: /rev }
statuses: { new: received, pending: pending, ok: confirmed, gone: cancelled, "no": rejected }
callbacks: /hooks/{partner}
start: [ python3, "{here}/service.py" ]
env: { MODE: $1, PORT: "{port}", PARTNERS: "{partners}", SCALE: "{scale}", ASKED: "$work/asked" }
ready: { path: /ready, within: 20s }
idle: { path: /idle, pointer: /busy }
END_OF_MAP
  printf '%s\n' "${@:2}"
}

cat >one.yaml <<'END'
format: 1
scenario: one
partners:
  lagoon:
    profile: ref-unique-resend
    sells: { cruise: { price: 100, currency: EUR, capacity: 5 } }
steps:
  - { at: 0s, user: ana, book: lagoon/cruise, as: trip }
live: { scale: 20 }
expect:
  - { booking: trip, status: confirmed }
  - { partner: lagoon, received: { create: 1, look-up: 0 } }
END

# ---- the stage's own questions ----

map slow-idle >slow.yaml
"$program" run one.yaml --stage live --system slow.yaml >slow.out 2>&1 ||
  fail "while the service says slowly whether it is idle, nobody answers it" slow.out
echo "ok - partners answer while the service thinks about whether it is idle"

map ready-by-partner >ready.yaml
sed '/look-up/d' one.yaml >one-ready.yaml
"$program" run one-ready.yaml --stage live --system ready.yaml --report history=ready.jsonl >ready.out 2>&1 ||
  fail "a service that asks a partner whether it is ready never gets ready" ready.out
python3 - ready.jsonl <<'END' || fail "what was asked before the story lies before its zero" ready.jsonl
import json, sys
facts = [json.loads(line) for line in open(sys.argv[1])][1:-1]
begun = next(i for i, fact in enumerate(facts) if fact["what"] == "step")
assert begun > 0 and all(fact["at_ms"] < 0 for fact in facts[:begun]), facts[: begun + 1]
END
echo "ok - a service may ask its partners before it says that it is ready"

map plain 'reset: { request: POST /reset }' >reset.yaml
"$program" run one.yaml --stage live --system reset.yaml >reset.out 2>&1 &
run=$!
for _ in $(seq 200); do
  [ -e asked ] && break
  sleep 0.1
done
[ -e asked ] || fail "the service is asked to be empty" reset.out
kill -TERM $run
for _ in $(seq 50); do
  kill -0 $run 2>/dev/null || break
  sleep 0.1
done
kill -0 $run 2>/dev/null && fail "a reset that hangs can be interrupted" reset.out
wait $run
[ -z "$(ls "$TMPDIR")" ] || fail "an interrupted reset leaves a folder"
echo "ok - a reset that hangs ends with the run"

# ---- the check of its store ----

sed 's/^live: .*/  - { at: 2s, core: crash, for: 1s }\n  - { at: 20s, user: ana, look: trip }\nlive: { scale: 5 }/' one.yaml >crash.yaml
map plain 'check: [ sh, -c, "sleep 40" ]' >hanging.yaml
"$program" run crash.yaml --stage live --system hanging.yaml >hanging.out 2>&1 &
hanging=$!
map plain 'check: [ sh, -c, "sleep 5; test $MODE = plain" ]' >five.yaml
map plain 'check: [ sh, -c, "echo row 7 is missing; exit 3" ]' >broken.yaml
"$program" run crash.yaml --stage live --system five.yaml --report history=five.jsonl >five.out 2>&1 &
five=$!
"$program" run crash.yaml --stage live --system broken.yaml --report history=broken.jsonl >broken.out 2>&1
wait $five
grep -q '"what":"store".*"fate":"whole"' five.jsonl || fail "a check may take 5 s and has the service's environment" five.out
echo "ok - a check that takes 5 s says that the store is whole, and has the map's env"
grep -q '"what":"store".*"fate":"broken","text":"exit code 3: row 7 is missing"' broken.jsonl ||
  fail "a broken store is told with what the check said" broken.out
echo "ok - a broken store is told with what the check said"

# ---- its last words ----

cat >talks.py <<'END'
import sys
for _ in range(2000):
    print("x" * 1000)
print("OSError: [Errno 98] Address already in use")
sys.exit(7)
END
map plain | sed 's/service.py/talks.py/' >talks.yaml
"$program" run one.yaml --stage live --system talks.yaml --report json=talks.json >talks.out 2>&1
[ $? = 4 ] || fail "a service that ends by itself is an error" talks.out
python3 - talks.json <<'END' || fail "its last words are told, and a hint" talks.out
import sys
text = open(sys.argv[1]).read()
assert "(exit code 7): it has to listen with SO_REUSEADDR, its port is held for it: OSError: [Errno 98] Address already in use" in text
END
echo "ok - the last words of a service that logs much and dies are told, and a hint where its port is in use"

wait $hanging
[ $? = 4 ] || fail "a check that does not end is an error of the run" hanging.out
grep -q 'the check of the store did not' hanging.out || fail "the error says that the check did not end" hanging.out
echo "ok - a check that does not end is an error, and no verdict"
