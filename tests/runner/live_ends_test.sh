#!/usr/bin/env bash
# Goal: whoever ends a live run, and when - the runner, a story's process or the terminal, in its first
# millisecond or in the middle - no process and no folder stays, not even of what the service started itself.
#
# usage: live_ends_test.sh PATH-TO-DOUBLEBOOK
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

# until COMMAND...: true as soon as it succeeds, within 10 s.
until_true() {
  for _ in $(seq 100); do
    "$@" && return
    sleep 0.1
  done
  return 1
}

# Processes that were started in this test's folder or know it by name; the shell itself and its helpers are not.
ours() {
  python3 - "$TMPDIR" "$work/service" <<'END'
import os, sys
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        words = open(f"/proc/{pid}/cmdline", "rb").read().split(b"\0")
        where = os.readlink(f"/proc/{pid}/cwd")
    except OSError:
        continue
    if int(pid) != os.getpid() and (where.startswith(sys.argv[1]) or any(w.decode(errors="replace").startswith(sys.argv[2]) for w in words)):
        print(pid)
END
}
is_clean() { [ -z "$(ls "$TMPDIR")" ] && [ -z "$(ours)" ]; }
left_nothing() { # WHAT
  until_true is_clean || fail "$1: stays: $(ls "$TMPDIR") $(for pid in $(ours); do tr '\0' ' ' <"/proc/$pid/cmdline"; done)"
}

# A service that a shell starts, beside a process that leaves its group. It is ready and never idle.
cat >service.py <<'END'
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_): pass
    def do_GET(self):
        open(os.environ["UP"], "w").close()
        self.send_response(200)
        self.send_header("Content-Length", "10")
        self.end_headers()
        self.wfile.write(b'{"busy": 1}'[:10])
    do_POST = do_GET
ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
END
cat >map.yaml <<END
format: 1
system: by-a-shell
operations:
  book: { request: POST /orders, shows: { id: /number, status: /state } }
  look: { request: "GET /orders/{id}", shows: { status: /state } }
statuses: { new: received }
callbacks: /hooks
start: [ sh, -c, "setsid sleep 1000 & python3 $work/service.py; true" ]
env: { PORT: "{port}", UP: "$work/up" }
ready: { path: /ready, within: 20s }
idle: { path: /idle, pointer: /busy }
END

# play: a story of that service in the background, $run; it is up.
play() {
  rm -f up
  "$program" run two-screens --stage live --system map.yaml >out 2>&1 &
  run=$!
  until_true test -e up || fail "the service comes up" out
}
story() { tr ' ' '\n' <"/proc/$run/task/$run/children" | head -n 1; }

for signal in INT TERM HUP QUIT; do
  play
  kill -$signal $run
  wait $run
  code=$?
  [ $code = 4 ] || fail "SIG$signal: the interrupted story is an error, got $code" out
  left_nothing "SIG$signal"
  echo "ok - SIG$signal to the runner: nothing stays"
done

for signal in ABRT KILL; do
  play
  kill -$signal "$(story)"
  wait $run
  [ $? = 4 ] || fail "a story whose process ends by SIG$signal is an error" out
  left_nothing "a story's process that ends by SIG$signal"
  echo "ok - SIG$signal to a story's process: nothing stays, not what the service started either"
done

play
kill -KILL $run
wait $run 2>/dev/null
left_nothing "kill -9 of the runner"
echo "ok - kill -9 of the runner: nothing stays"

TMPDIR=tmp "$program" run two-screens --stage live >out 2>&1 || fail "a temporary folder named from where we are" out
left_nothing "a temporary folder named from where we are"
echo "ok - TMPDIR may be named from where we are"

nohup "$program" run two-screens --stage live >out 2>&1 &
run=$!
has_begun() { [ -n "$(ls "$TMPDIR")" ]; }
until_true has_begun || fail "the story begins" out
kill -HUP $run
wait $run || fail "with nohup a run outlives its terminal" out
echo "ok - with nohup a run outlives its terminal"

# Not SIGINT: a shell lets what it starts in the background ignore that until we say otherwise.
for signal in TERM KILL; do
  for i in $(seq 0 3 60); do
    "$program" run two-screens seed-incident --jobs 2 --stage live >out 2>&1 &
    run=$!
    sleep "0.0$(printf %02d "$i")"
    kill -$signal $run 2>/dev/null
    is_over() { ! kill -0 $run 2>/dev/null; }
    until_true is_over || fail "SIG$signal after $i ms is not heard" out
    wait $run 2>/dev/null
    left_nothing "SIG$signal after $i ms"
  done
  echo "ok - SIG$signal in the first 60 ms of a run: it ends, and nothing stays"
done
