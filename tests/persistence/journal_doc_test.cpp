// docs/JOURNAL.md shows a journal in bytes: they are what the code writes.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "persistence/segment.hpp"
#include "persistence/state_json.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd;
using namespace inboxd::persistence;

namespace {

std::string dump(std::string_view bytes) {
  std::string out;
  for (std::size_t line = 0; line < bytes.size(); line += 16) {
    char text[32];
    std::snprintf(text, sizeof text, "%08zx  ", line);
    out += text;
    std::string right;
    for (std::size_t i = line; i < line + 16 && i < bytes.size(); ++i) {
      std::snprintf(text, sizeof text, "%02x ", static_cast<unsigned char>(bytes[i]));
      out += text;
      right += bytes[i] >= 32 && bytes[i] < 127 ? bytes[i] : '.';
    }
    out += " |" + right + "|\n";
  }
  return out;
}

/// Found from where this program is, upwards: no path of the build is compiled in.
std::filesystem::path document() {
  for (auto at = std::filesystem::read_symlink("/proc/self/exe"); at != at.root_path();
       at = at.parent_path()) {
    if (std::filesystem::exists(at.parent_path() / "docs" / "JOURNAL.md")) {
      return at.parent_path() / "docs" / "JOURNAL.md";
    }
  }
  return {};
}

}  // namespace

TEST_CASE("The example in docs/JOURNAL.md is what the code writes") {
  std::string bytes = encode_header({{1}, SyncPolicy::always, "abcdefghjkmnpqrs"});
  append_frame(bytes, {1}, {1'700'000'000'000}, 1,
               write_record_body(model::WorkspaceId("default"), model::Tick{}));
  std::ifstream file(document());
  std::stringstream text;
  text << file.rdbuf();
  CHECK_THAT(text.str(), Catch::Matchers::Contains(dump(bytes)));
}
