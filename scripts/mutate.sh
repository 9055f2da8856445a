#!/usr/bin/env bash
# Breaks the engine on purpose in eighty-six ways and shows which test catches each (tests/mutation/README.md):
# scripts/mutate.sh [PART OF A NAME...]. Takes an hour; exits non-zero if a mutation survives.
set -euo pipefail
cd "$(dirname "$0")/.."
PYTHONDONTWRITEBYTECODE=1 exec python3 tests/mutation/run.py "$@"
