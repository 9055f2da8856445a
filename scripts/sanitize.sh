#!/usr/bin/env bash
# Builds with AddressSanitizer and UndefinedBehaviorSanitizer, or with ThreadSanitizer, and runs the tests:
# scripts/sanitize.sh address|thread [TEST...]. Tests are those of ctest (model, persistence, actors, net, sim, e2e,
# wire_behaviour …); without any, all but the bench are looked at. Every process of a test writes what its sanitizer finds
# into build/PRESET/reports, the servers that tests start too; one report fails the run.
# What is suppressed, and why, is in tests/sanitize/*.supp.
set -euo pipefail
cd "$(dirname "$0")/.."
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

declare -A presets=([address]=asan-ubsan [thread]=tsan)
kind=${1:-}
[[ ${presets[$kind]:-} ]] || die "say address or thread"
shift
preset=${presets[$kind]}
tests=("$@")
if [[ $# == 0 ]]; then
  tests=(model persistence actors net e2e wire_conformance wire_behaviour wire_protocol wire_access wire_http wire_restart wire_metrics wire_stranger wire_beside)
  compgen -G 'tests/sim/*.cpp' > /dev/null && tests+=(sim)
fi

options=()
if [[ $kind == thread ]]; then
  options+=("-DCAF_CORE_LIBRARY=$(scripts/tsan.sh)")
fi
cmake --preset "$preset" ${options[@]+"${options[@]}"} > "build/configure-$preset.log" ||
  { cat "build/configure-$preset.log" >&2; die "CMake could not configure"; }
targets=(inboxd inboxctl)
for test in "${tests[@]}"; do
  [[ $test == wire_* ]] || targets+=("test_$test")
done
cmake --build --preset "$preset" --target "${targets[@]}"

reports=$PWD/build/$preset/reports
rm -rf "$reports"
mkdir -p "$reports"
supp=$PWD/tests/sanitize
export ASAN_OPTIONS=log_path=$reports/address:detect_stack_use_after_return=1:strict_string_checks=1
export LSAN_OPTIONS=suppressions=$supp/leak.supp:print_suppressions=0
export UBSAN_OPTIONS=log_path=$reports/undefined:print_stacktrace=1
export TSAN_OPTIONS=log_path=$reports/thread:suppressions=$supp/thread.supp:history_size=4:second_deadlock_stack=1
failed=0
ctest --preset "$preset" --no-tests=error -R "^($(IFS='|'; echo "${tests[*]}"))\$" || failed=1
for report in "$reports"/*; do
  [[ -s $report ]] || continue
  failed=1
  echo "== $report"
  head -60 "$report"
done
[[ $failed == 0 ]] || die "not clean"
echo "clean: ${tests[*]}"
