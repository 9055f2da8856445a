// A view's counters (PRODUCT.md §1), kept by adding and taking away rows.
#pragma once

#include <cstdint>
#include <string>

#include "model/json.hpp"
#include "model/row.hpp"

namespace inboxd::model {

struct Counters {
  std::uint64_t contacts = 0;
  std::uint64_t unread_contacts = 0;
  std::uint64_t unread_messages = 0;

  void add(const Row& row) {
    ++contacts;
    unread_contacts += row.unread > 0 ? 1 : 0;
    unread_messages += row.unread;
  }
  void take_away(const Row& row) {
    --contacts;
    unread_contacts -= row.unread > 0 ? 1 : 0;
    unread_messages -= row.unread;
  }
  friend bool operator==(const Counters&, const Counters&) = default;
};

/// Found by json::Object through its argument.
inline void write(std::string& out, const Counters& counters) {
  json::Object object(out);
  object("contacts", counters.contacts)("unread_contacts", counters.unread_contacts)(
      "unread_messages", counters.unread_messages);
}

}  // namespace inboxd::model
