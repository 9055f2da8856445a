// What the process costs, for /metrics: memory, CPU, descriptors, the allocator's own account.
#pragma once

#include <string>

namespace inboxd::net {

/// Appends the lines. The names are those of Prometheus' own clients; Linux only, nothing
/// elsewhere.
void write_process_metrics(std::string& out);

}  // namespace inboxd::net
