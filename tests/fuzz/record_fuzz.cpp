// What stands in the journal and in the store, as JSON: whatever comes, it is read or refused with
// FormatError; and what was read is the same when it is written and read again.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "persistence/state_json.hpp"

namespace {

using namespace inboxd;
namespace store = inboxd::persistence;

void require(bool holds) {
  if (!holds) std::abort();
}

/// `write(read(text))` of a text that can be read; nothing of one that cannot.
template <class Again>
void check(std::string_view text, Again again) {
  std::string once;
  try {
    once = again(text);
  } catch (const store::FormatError&) {
    return;
  }
  require(again(once) == once);  // throws, and so ends the run, if it cannot be read
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(text, [](std::string_view json) {
    const auto record = store::read_record(json, {9}, {1'700'000'000'000});
    return store::write_record_body(record.workspace, record.body);
  });
  check(text, [](std::string_view json) {
    const auto [workspace, contact] = store::read_contact_state(json);
    std::string out;
    store::write_contact_state(out, workspace, contact);
    return out;
  });
  check(text, [](std::string_view json) {
    std::string out;
    store::write_workspace_event(out, store::read_workspace_event(json));
    return out;
  });
  return 0;
}
