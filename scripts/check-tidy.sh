#!/usr/bin/env bash
# Runs clang-tidy (.clang-tidy, warnings are errors) over all our sources, those named, or with --changed those not committed yet.
set -euo pipefail
cd "$(dirname "$0")/.."
tidy=$(command -v clang-tidy-14 || command -v clang-tidy) || { echo "check-tidy: clang-tidy-14 is missing" >&2; exit 1; }

folders=(model persistence actors net apps bench)
case ${1:-} in
  --changed) mapfile -t files < <(git diff --name-only --diff-filter=d HEAD -- "${folders[@]}" 2> /dev/null; git ls-files -o --exclude-standard -- "${folders[@]}" 2> /dev/null) ;;
  '') mapfile -t files < <(find "${folders[@]}" -name node_modules -prune -o -name '*.cpp' -print | sort) ;;
  *) files=("$@") ;;
esac
sources=()
for file in "${files[@]}"; do [[ $file == *.cpp ]] && sources+=("$file"); done
[[ ${#sources[@]} == 0 ]] && exit 0

# clang-tidy needs commands that Clang understands, so without GCC's precompiled headers.
[[ -f build/tidy/compile_commands.json ]] || mkdir -p build
cmake --preset tidy > build/tidy-configure.log 2>&1 || { cat build/tidy-configure.log >&2; echo "check-tidy: CMake could not configure" >&2; exit 1; }
printf '%s\0' "${sources[@]}" |
  xargs -0 -n 1 -P "$(nproc)" "$tidy" -p build/tidy --quiet 2> build/tidy.log ||
  { grep -vE 'warnings? (generated|treated)' build/tidy.log >&2 || true; echo "check-tidy: clang-tidy found the above" >&2; exit 1; }
