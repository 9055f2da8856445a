// The main of the micro-benchmarks. `inbox-bench-micro --benchmark_filter=views` runs some.
#include <benchmark/benchmark.h>

BENCHMARK_MAIN();
