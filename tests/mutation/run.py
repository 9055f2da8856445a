"""See README.md. Usage: scripts/mutate.sh [PART OF A NAME...]; MUTATE_SUITES="model sim" asks these only,
MUTATE_PREPARED=1 trusts that the scratch tree is built from what is committed, and that its suites pass."""

import os
import subprocess
import sys
import time

from mutations import MUTATIONS

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRATCH = os.path.join(ROOT, "build", "mutation")
TREE = os.path.join(SCRATCH, "tree")
LOG = os.path.join(SCRATCH, "log.txt")
# suite: (target, arguments)
SUITES = {
    "model": ("test_model", ["--abort"]),
    "persistence": ("test_persistence", ["--abort"]),
    "actors": ("test_actors", ["--abort"]),
    "net": ("test_net", ["--abort"]),
    "scenes": ("test_sim", ["*clock*,*agent's list*,S2 *", "--abort"]),
    "sim": ("inboxd-sim", ["--seed", "1", "--seeds", "40", "--actions", "1000", "--shrink", "0", "--for", "90"]),
}
SUITE_S = 120


def run(*command, cwd=TREE, limit_s=1800):
    """The exit status; what it says goes to the log. Too long is a failure: the mutation hangs it."""
    with open(LOG, "a") as log:
        log.write(f"\n$ {' '.join(command)}\n")
        log.flush()
        try:
            return subprocess.run(command, cwd=cwd, stdout=log, stderr=log, timeout=limit_s).returncode
        except subprocess.TimeoutExpired:
            return -1


def prepare(wanted):
    """A worktree of what is committed, built once, so that a mutation builds one file. Fails if a suite
    fails by itself."""
    os.makedirs(SCRATCH, exist_ok=True)
    open(LOG, "w").close()
    if os.environ.get("MUTATE_PREPARED"):
        run("git", "checkout", "--", ".")  # what a run that was cut off has left
        return
    if not os.path.isdir(TREE):
        run("git", "worktree", "add", "--detach", TREE, "HEAD", cwd=ROOT)
    head = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    run("git", "checkout", "--force", "--detach", head)
    used = {suite for mutation in wanted for suite in mutation[4]}
    if run("cmake", "--preset", "release", "-DINBOXD_BENCH=OFF") or build(*used):
        sys.exit(f"The sources do not build: {LOG}")
    for suite in used:
        if ask(suite):
            sys.exit(f"{SUITES[suite][0]} fails before anything is broken: {failing_test(suite)}")


def build(*suites):
    return run("cmake", "--build", "--preset", "release", "--target", *(SUITES[s][0] for s in suites))


def ask(suite):
    target, arguments = SUITES[suite]
    return run(os.path.join(TREE, "build", "release", "bin", target), *arguments, cwd=SCRATCH, limit_s=SUITE_S)


def failing_test(suite):
    """The name of the test that noticed, from the log's end."""
    with open(LOG, errors="replace") as log:
        text = log.read().rsplit("\n$ ", 1)[1].splitlines()
    if suite == "sim":
        return next((l.split(": ", 1)[1][:90] for l in text if " fails after " in l), "it ended")
    for i, line in enumerate(text):  # Catch2: a line of dashes, the name, a line of dashes
        if line.startswith("-----") and i + 1 < len(text) and not text[i + 1].startswith(("-", " ")):
            return text[i + 1][:90]
    return "it did not end by itself"


def verdict(mutation):
    """(caught?, by what)"""
    name, path, right, wrong, suites = mutation
    file = os.path.join(TREE, path)
    with open(file) as source:
        text = source.read()
    if text.count(right) != 1:
        return False, f"STALE: its text is there {text.count(right)} times in {path}"
    with open(file, "w") as source:
        source.write(text.replace(right, wrong))
    try:
        for suite in suites:
            if build(suite):
                return False, "DOES NOT BUILD"
            if ask(suite):
                return True, f"{suite}: {failing_test(suite)}"
        return False, "SURVIVED " + ", ".join(suites)
    finally:
        with open(file, "w") as source:
            source.write(text)


def main():
    suites = os.environ.get("MUTATE_SUITES", " ".join(SUITES)).split()
    chosen = [(*m[:4], [s for s in m[4] if s in suites]) for m in MUTATIONS]
    wanted = [m for m in chosen if not sys.argv[1:] or any(part in m[0] for part in sys.argv[1:])]
    if not wanted:
        sys.exit("no mutation's name has that in it; there are:\n" + "\n".join(m[0] for m in chosen))
    prepare(wanted)
    caught = 0
    print("| mutation | file | caught by |\n|---|---|---|", flush=True)
    for mutation in wanted:
        start = time.monotonic()
        good, by = verdict(mutation)
        caught += good
        print(f"| {mutation[0]} | {mutation[1]} | {by} ({time.monotonic() - start:.0f} s) |", flush=True)
    print(f"\n{caught} of {len(wanted)} mutations caught")
    sys.exit(0 if caught == len(wanted) else 1)


if __name__ == "__main__":
    main()
