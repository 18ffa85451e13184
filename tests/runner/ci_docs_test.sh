#!/bin/bash
# Goal: the jobs in docs/ci.md work as they stand there. Every step of every job is taken out of the
# page's YAML and executed in a fresh folder, with doublebook cloned from this checkout; a step that
# stores files must find them. Packages that are installed already are not installed again; `gh`
# is a stand-in that wants a comment of its size. What a step does with `uses:` is acted out here.
#
# usage: ci_docs_test.sh [PATH-TO-DOUBLEBOOK, which is not used: each job builds its own]
set -u

root=$(realpath "$(dirname "$0")/../..")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# ---- what a machine of CI has ----

mkdir -p "$work/bin" "$work/home"
printf '[safe]\n\tdirectory = *\n' >"$work/home/.gitconfig"
apt=$(command -v apt-get)
cat >"$work/bin/apt-get" <<END
#!/bin/bash
# apt-get, where something is missing.
[ "\$1" = update ] && exit 0
for word in "\$@"; do
    case \$word in -* | install) continue ;; esac
    dpkg-query -W -f '\${Status}' "\$word" 2>/dev/null | grep -q 'ok installed' && continue
    $apt update && exec $apt "\$@"
done
END
cat >"$work/bin/gh" <<'END'
#!/bin/bash
# gh pr comment NUMBER --repo OWNER/NAME --body-file FILE
[ "$1 $2 $3 $4 $6" = "pr comment 17 --repo --body-file" ] && [ -n "$5" ] && [ -n "$GH_TOKEN" ] &&
    [ -s "$7" ] && [ "$(wc -m <"$7")" -lt 65536 ]
END
chmod +x "$work/bin/apt-get" "$work/bin/gh"

# ---- the steps ----

# A folder per step, in order: job, name, and either script, dir and env, or stores or fetches.
python3 - "$root/docs/ci.md" "$work/steps" <<'END' || { echo "not ok - docs/ci.md can be read"; exit 1; }
import os, re, shlex, sys, yaml

page, out = open(sys.argv[1], encoding="utf-8").read(), sys.argv[2]
blocks = [yaml.safe_load(text) for text in re.findall(r"^```yaml\n(.*?)^```", page, re.M | re.S)]
assert len(blocks) == 2, "a page for two systems has %d blocks" % len(blocks)
known = {"github.token": "a-token", "github.event.pull_request.number": "17"}
count = 0


def write(job, name, **files):
    global count
    count += 1
    folder = os.path.join(out, "%03d" % count)
    os.makedirs(folder)
    for key, value in dict(files, job=job, name=name).items():
        with open(os.path.join(folder, key), "w", encoding="utf-8") as file:
            file.write(value)


def env_of(*tables):
    lines = ""
    for table in tables:
        for key, value in (table or {}).items():
            value = re.sub(r"\$\{\{ *(.*?) *\}\}", lambda found: known[found.group(1)], str(value))
            lines += "export %s=%s\n" % (key, shlex.quote(value))
    return lines


def github(workflow):
    for name, job in workflow["jobs"].items():
        for step in job["steps"]:
            uses = step.get("uses", "").split("@")[0]
            if uses == "actions/upload-artifact":
                write("github-" + name, "keeps the reports", stores=step["with"]["path"])
            elif uses == "actions/download-artifact":
                write("github-" + name, "gets the reports", fetches="github-" + job["needs"])
            elif uses:
                assert uses == "actions/checkout", uses
            else:
                write("github-" + name, step["name"], script=step["run"],
                      dir=step.get("working-directory", "."), env=env_of(job.get("env"), step.get("env")))


def gitlab(jobs):
    for name, job in jobs.items():
        for line in job["script"]:
            write("gitlab-" + name, line[:60], script=line, dir=".", env=env_of(job.get("variables")))
        stored = set(job["artifacts"]["paths"]) | set(job["artifacts"]["reports"]["junit"])
        write("gitlab-" + name, "keeps the reports", stores="\n".join(sorted(stored)) + "\n")


github(blocks[0])
gitlab(blocks[1])
END

execute() { # STEP-FOLDER: as the runner does: bash -e in the job's folder
    {
        cat "$1/env"
        printf 'export DOUBLEBOOK=%q HOME=%q PATH=%q\n' "file://$root" "$work/home" "$work/bin:$PATH"
        echo "export GITHUB_REPOSITORY=you/project GITHUB_STEP_SUMMARY=$work/summary.md"
        echo "unset DOUBLEBOOK_HOME; cd '$(cat "$1/dir")'"
        cat "$1/script"
    } >"$1/whole"
    bash -eo pipefail "$1/whole" >"$1/log" 2>&1 </dev/null
}

store() { # STEP-FOLDER: every file is there; JUnit files are valid, and none of their cases failed
    mkdir -p "$work/kept/$job"
    while read -r file; do
        [ -n "$file" ] || continue
        [ -s "$file" ] || { echo "$file was not written" >>"$1/log"; return 1; }
        cp "$file" "$work/kept/$job/" || return 1
        case $file in *.xml)
            xmllint --noout --schema "$root/tests/reports/junit.xsd" "$file" >>"$1/log" 2>&1 || return 1
            [ "$(xmllint --xpath 'count(//failure) + count(//error)' "$file")" = 0 ] || return 1
            ;;
        esac
    done <"$1/stores"
}

for step in "$work"/steps/*; do
    job=$(cat "$step/job") name=$(cat "$step/name")
    mkdir -p "$work/jobs/$job"
    cd "$work/jobs/$job" || exit 1
    code=0
    if [ -f "$step/script" ]; then
        execute "$step" || code=$?
    elif [ -f "$step/stores" ]; then
        store "$step" || code=$?
    else
        cp "$work/kept/$(cat "$step/fetches")"/* . || code=$?
    fi
    if [ "$code" = 0 ]; then
        echo "ok - $job: $name"
    else
        echo "not ok - $job: $name (exit code $code)"
        [ -f "$step/log" ] && tail -n 20 "$step/log"
        failed=1
    fi
done
[ -s "$work/summary.md" ] || { echo "not ok - the run's page shows nothing"; failed=1; }
exit $failed
