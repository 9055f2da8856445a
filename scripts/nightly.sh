#!/usr/bin/env bash
# Runs every campaign (tests/campaign) for a while with a seed of the day, then the console with 100,000 contacts and
# against its budget of time, and writes a report: scripts/nightly.sh [TIME EACH=30m] [SEED] [REPORT=build/nightly.md].
# Exits non-zero if one of them found something.
set -uo pipefail
cd "$(dirname "$0")/.."
source scripts/setup.sh
each=${1:-30m} seed=${2:-$(date +%Y%m%d)} report=${3:-build/nightly.md}
mkdir -p build
web_setup
web_build
cmake --preset release > build/nightly-build.log &&
  cmake --build --preset release --target inboxd inboxd-sim inbox-bench test_crash >> build/nightly-build.log || {
  echo "It does not build: build/nightly-build.log"
  exit 1
}
failed=0
{
  echo "# Campaigns of $(date -u +%Y-%m-%dT%H:%MZ)"
  echo
  echo "Commit $(git rev-parse --short HEAD), seed $seed, $each each; $(nproc) cores, $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo)."
} > "$report"
# run NAME COMMAND...: its end goes into the report.
run() {
  local name=$1 out status
  shift
  echo "$name"
  out=$("$@" 2>&1)
  status=$?
  [[ $status == 0 ]] || failed=$((failed + 1))
  {
    echo
    echo "## $name: $([[ $status == 0 ]] && echo "nothing is wrong" || echo "FAILED")"
    echo
    echo "    $*"
    echo
    echo '```'
    grep -v '^ ↓' <<< "$out" | tail -40  # without the tests that a suite leaves out
    echo '```'
  } >> "$report"
}
for name in sim crash chaos history soak fuzz; do
  run "$name" tests/campaign "$name" --seed "$seed" --for "$each"
done
export INBOXD_BIN=$PWD/build/release/bin/inboxd
for name in long-list budget; do
  run "$name" npm --prefix web run --silent "$name"
done
echo "report: $report; $failed campaigns found something"
[[ $failed == 0 ]]
