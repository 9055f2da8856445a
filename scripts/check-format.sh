#!/usr/bin/env bash
# Checks that every source is formatted as .clang-format says (version 14: others differ); --fix rewrites.
set -euo pipefail
cd "$(dirname "$0")/.."
format=$(command -v clang-format-14 || command -v clang-format) || { echo "check-format: clang-format-14 is missing" >&2; exit 1; }
mode=(--dry-run -Werror)
[[ ${1:-} == --fix ]] && mode=(-i)
stamp=build/format-checked
newer=()
[[ -f $stamp && $stamp -nt .clang-format ]] && newer=(-newer "$stamp")
mkdir -p build
touch "$stamp.begun"
find model persistence actors net apps bench tests -name node_modules -prune -o -name '*.[ch]pp' "${newer[@]}" -print0 |
  xargs -0 -r -n 20 -P "$(nproc)" "$format" "${mode[@]}" ||
  { echo "check-format: run scripts/check-format.sh --fix" >&2; exit 1; }
mv "$stamp.begun" "$stamp"
