// Where the programs under test are. The build's folder is known to this file alone, so that no
// other object depends on where the project was cloned (compilers' caches are shared between
// clones).
#include "tests/support/programs.hpp"

namespace inboxd::tests {

std::filesystem::path inboxd_program() {
  return std::filesystem::path(INBOXD_BIN_DIR) / "inboxd";
}
std::filesystem::path inboxctl_program() {
  return std::filesystem::path(INBOXD_BIN_DIR) / "inboxctl";
}
std::filesystem::path inbox_bench_program() {
  return std::filesystem::path(INBOXD_BIN_DIR) / "inbox-bench";
}
std::filesystem::path inboxd_sim_program() {
  return std::filesystem::path(INBOXD_BIN_DIR) / "inboxd-sim";
}

}  // namespace inboxd::tests
