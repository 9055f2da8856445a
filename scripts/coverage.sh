#!/usr/bin/env bash
# Measures which lines of model/, persistence/, actors/ and net/ the unit tests and the simulation run, with gcovr:
# scripts/coverage.sh. Prints a table; build/coverage/lines.html shows the lines. Takes some minutes.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/setup.sh
. scripts/setup.sh
install_packages build coverage
cmake --preset coverage > /dev/null
cmake --build --preset coverage --target test_model test_persistence test_actors test_net test_sim
find build/coverage -name '*.gcda' -delete
for suite in model persistence actors net sim; do
  build/coverage/bin/test_$suite > build/coverage/$suite.log || { echo "test_$suite failed: build/coverage/$suite.log"; exit 1; }
done
gcovr --root . --object-directory build/coverage --filter 'model/' --filter 'persistence/' --filter 'actors/' --filter 'net/' \
  --exclude-throw-branches --exclude-unreachable-branches --html-details build/coverage/lines.html \
  --json build/coverage/lines.json --txt build/coverage/lines.txt
cat build/coverage/lines.txt
