#!/usr/bin/env bash
# Writes docs/REFERENCE.md from the tables that serve the methods.
set -euo pipefail
cd "$(dirname "$0")/.."
cmake --preset release > /dev/null
cmake --build --preset release --target test_net
INBOXD_WRITE_REFERENCE=1 build/release/bin/test_net "docs/REFERENCE.md is what the tables say"
