#!/usr/bin/env bash
# Builds the fuzz targets and gives each some time: [FUZZ_SEED=S] scripts/fuzz.sh [SECONDS=60] [TARGET...]. An input that breaks one
# is left in build/fuzz and named; put it into tests/fuzz/corpus/TARGET when it is mended.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true

cmake --preset fuzz > build/fuzz-configure.log || { cat build/fuzz-configure.log; exit 1; }
targets=("$@")
[[ $# -gt 0 ]] || targets=(frame params token filter journal record search)
cmake --build --preset fuzz --target "${targets[@]/#/fuzz_}"
declare -A runs
for target in "${targets[@]}"; do
  echo "fuzz_$target, $seconds s"
  log=build/fuzz/$target.log
  grown=build/fuzz/grown/$target
  mkdir -p "$grown"
  build/fuzz/bin/fuzz_$target -seed="${FUZZ_SEED:-0}" -max_total_time="$seconds" -max_len=4096 -timeout=5 -rss_limit_mb=2048 -verbosity=0 \
    -print_final_stats=1 -artifact_prefix="build/fuzz/crash-$target-" "$grown" "tests/fuzz/corpus/$target" > "$log" 2>&1 ||
    { tail -40 "$log" >&2; exit 1; }
  runs[$target]=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
done
for target in "${targets[@]}"; do
  printf '%-8s %12s inputs\n' "$target" "${runs[$target]}"
done
