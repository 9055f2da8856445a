#include "bench/inbox_bench/timelines.hpp"

#include <algorithm>
#include <optional>

#include "model/json.hpp"

namespace inboxd::bench {

void for_each_entry(Session& session, const std::string& contact,
                    const std::function<void(simdjson::dom::element entry)>& see) {
  constexpr int page_entries = 200;
  std::optional<std::uint64_t> before;
  for (bool more = true; more;) {
    std::string params;
    model::json::Object{params}("contact", contact)("limit", page_entries)
        .maybe("before_seq", before);
    session.must("timeline.page", params, [&](simdjson::dom::element page) {
      more = page["more"].get_bool().value();
      const simdjson::dom::array entries = page["entries"].get_array().value();
      for (const auto entry : entries) {
        const std::uint64_t seq = entry["seq"].get_uint64().value();
        before = before ? std::min(*before, seq) : seq;
        see(entry);
      }
      if (entries.size() == 0) more = false;
    });
  }
}

std::uint64_t count_inbound(Session& session, const std::string& contact) {
  std::uint64_t count = 0;
  for_each_entry(session, contact, [&](simdjson::dom::element entry) {
    std::string_view direction;
    if (entry["kind"].get_string().value() == "message" &&
        entry["direction"].get(direction) == simdjson::SUCCESS && direction == "in")
      ++count;
  });
  return count;
}

}  // namespace inboxd::bench
