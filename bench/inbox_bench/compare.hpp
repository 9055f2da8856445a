// Two results side by side.
#pragma once

#include <filesystem>
#include <string>

namespace inboxd::bench {

/// Figures and latencies of B against those of A, as a table. Throws std::runtime_error for files
/// that are no results.
std::string compare(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace inboxd::bench
