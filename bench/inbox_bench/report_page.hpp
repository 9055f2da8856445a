// A result as one self-contained HTML page: figures, checks, plots of the run and of the latencies.
#pragma once

#include <string>

#include "bench/inbox_bench/report.hpp"

namespace inboxd::bench {

std::string as_page(const Report& report);

}  // namespace inboxd::bench
