#!/usr/bin/env bash
# Builds the fuzz targets and gives each some time: scripts/fuzz.sh [SECONDS=60] [TARGET...]. An input that breaks one
# is left in build/fuzz and named; put it into tests/fuzz/corpus/TARGET when it is mended.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true

cmake --preset fuzz > build/fuzz-configure.log || { cat build/fuzz-configure.log; exit 1; }
cmake --build --preset fuzz --target fuzz_frame fuzz_params fuzz_token fuzz_filter
targets=("$@")
[[ $# -gt 0 ]] || targets=(frame params token filter)
for target in "${targets[@]}"; do
  echo "fuzz_$target, $seconds s"
  grown=build/fuzz/grown/$target
  mkdir -p "$grown"
  build/fuzz/bin/fuzz_$target -max_total_time="$seconds" -max_len=4096 -timeout=5 -rss_limit_mb=2048 -verbosity=0 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/crash-$target-" "$grown" "tests/fuzz/corpus/$target"
done
