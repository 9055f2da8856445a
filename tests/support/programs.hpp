// Where the programs under test are: next to the test binaries.
#pragma once

#include <filesystem>

namespace inboxd::tests {

std::filesystem::path inboxd_program();
std::filesystem::path inboxctl_program();
std::filesystem::path inbox_bench_program();
std::filesystem::path inboxd_sim_program();

}  // namespace inboxd::tests
