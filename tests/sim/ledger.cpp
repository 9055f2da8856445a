#include "tests/sim/ledger.hpp"

#include <algorithm>
#include <charconv>

#include "model/ids.hpp"
#include "tests/sim/violation.hpp"

namespace inboxd::sim {

void for_each_offset(std::string_view text, const std::function<void(std::uint64_t)>& visit) {
  constexpr std::string_view key = "\"offset\":";
  for (auto at = text.find(key); at != std::string_view::npos; at = text.find(key, at)) {
    at += key.size();
    std::uint64_t offset = 0;
    std::from_chars(text.data() + at, text.data() + text.size(), offset);
    visit(offset);
  }
}

void Ledger::started(const std::string& epoch, std::uint64_t released) {
  must(epoch_.empty() || epoch == epoch_, "the epoch changed from " + epoch_ + " to " + epoch);
  epoch_ = epoch;
  must(released >= seen_, "the engine is back at offset " + std::to_string(released) +
                              ", but a client has seen " + std::to_string(seen_));
}

void Ledger::saw(std::uint64_t offset) {
  seen_ = std::max(seen_, offset);
}

void Ledger::acknowledged(const std::string& text, Written written) {
  const auto known = written_.find(text);
  if (known == written_.end()) {
    const auto [other, fresh] = by_offset_.emplace(written.offset, text);
    must(fresh, "two commands were given offset " + std::to_string(written.offset) + ": " + text +
                    " and " + other->second);
    written_.emplace(text, std::move(written));
    return;
  }
  if (has_merges(written.workspace)) return;  // places move
  must(known->second.contact == written.contact && known->second.seq == written.seq,
       "\"" + text + "\" was acknowledged as two entries: seq " +
           std::to_string(known->second.seq) + " of " + known->second.contact + " and seq " +
           std::to_string(written.seq) + " of " + written.contact);
}

void Ledger::merged(const std::string& workspace) {
  merges_.insert(workspace);
}

void Ledger::knows(std::string_view contact) {
  if (const auto id = model::ContactId::parse(contact)) contacts_ = std::max(contacts_, id->value);
}

}  // namespace inboxd::sim
