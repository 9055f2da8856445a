#!/usr/bin/env bash
# Measures which lines of the engine the unit tests and the simulation run, with gcovr:
# scripts/coverage.sh [LAYER...], of model, persistence, actors and net (all four, if none is named), whoever runs them:
# the tests of all four and the simulation. Prints a table; build/coverage/lines.html shows the lines. Takes some minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/setup.sh
. scripts/setup.sh
install_packages build coverage
layers=("$@")
[[ $# -gt 0 ]] || layers=(model persistence actors net)
suites=(model persistence actors net sim)

cmake --preset coverage > /dev/null
cmake --build --preset coverage --target "${suites[@]/#/test_}"
find build/coverage -name '*.gcda' -delete
for suite in "${suites[@]}"; do
  "build/coverage/bin/test_$suite" > "build/coverage/$suite.log" || { echo "test_$suite failed: build/coverage/$suite.log"; exit 1; }
done
filters=()
for layer in "${layers[@]}"; do filters+=(--filter "$layer/"); done
gcovr --root . --object-directory build/coverage "${filters[@]}" \
  --html-details build/coverage/lines.html --json build/coverage/lines.json --txt build/coverage/lines.txt build/coverage
cat build/coverage/lines.txt
