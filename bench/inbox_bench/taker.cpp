#include "bench/inbox_bench/taker.hpp"

#include <string_view>

#include "model/json.hpp"

namespace inboxd::bench {

using model::json::Object;

Taker::Taker(client::Loop& loop, Failures& failures)
    : failures_(failures),
      rpc_(loop, {[this] { subscribe(); },
                  [this](std::string_view method, simdjson::dom::element params) {
                    if (method == "outbox.deliver") take(params);
                  },
                  [this](const client::CloseReason& why) {
                    failures_.add("the line of who takes messages closed: " + why.reason);
                  }}) {}

void Taker::subscribe() {
  rpc_.call("outbox.subscribe", "{\"in_flight\":100}", [this](const client::Reply& reply) {
    if (!reply.ok) return failures_.add(reply.error_text());
    ready_ = true;
    take(reply.body);
  });
}

void Taker::take(simdjson::dom::element params) {
  simdjson::dom::array deliveries;
  if (params["deliveries"].get(deliveries) != simdjson::SUCCESS) return;
  for (const auto delivery : deliveries) {
    const std::string contact(delivery["contact"].get_string().value());
    const std::uint64_t seq = delivery["seq"].get_uint64().value();
    std::string sent;
    Object{sent}("contact", contact)("seq", seq)("provider_id",
                                                 contact + "-" + std::to_string(seq));
    ++in_flight_;
    rpc_.call("outbox.sent", sent, [this](const client::Reply& reply) {
      --in_flight_;
      ++taken_;
      if (!reply.ok) failures_.add(reply.error_text());
    });
  }
}

}  // namespace inboxd::bench
