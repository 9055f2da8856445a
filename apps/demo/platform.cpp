#include "apps/demo/platform.hpp"

#include <spdlog/spdlog.h>

#include "model/json.hpp"

namespace inboxd::demo {
namespace {

using model::json::Object;

constexpr std::chrono::seconds retry_delay{2};

std::string text_of(simdjson::dom::element object, std::string_view key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? std::string(text) : "";
}

}  // namespace

Platform::Platform(client::Loop& loop, const DemoOptions& options, const ChannelRecord& channel,
                   Heard heard)
    : loop_(loop),
      options_(options),
      channel_(channel),
      heard_(std::move(heard)),
      rpc_(loop, {[this] { subscribe(); },
                  [this](std::string_view method, simdjson::dom::element params) {
                    if (method == "outbox.deliver") take(params);
                  },
                  [this](const client::CloseReason& why) {
                    if (closed_) return;
                    spdlog::warn("demo: {}: {} {}", channel_.id, why.code, why.reason);
                    loop_.after(retry_delay, [this] {
                      if (!closed_) open(ready_);
                    });
                  }}),
      random_(std::random_device{}()) {}

void Platform::open(std::function<void()> ready) {
  closed_ = false;
  ready_ = std::move(ready);
  rpc_.open(client::Url::parse(options_.url),
            options_.mint({.sub = "demo-" + std::string(channel_.id),
                           .workspace = options_.workspace,
                           .kind = "connector",
                           .channel = std::string(channel_.id)}));
}

void Platform::close() {
  closed_ = true;
  rpc_.connection().drop();
}

void Platform::subscribe() {
  rpc_.call("outbox.subscribe", "{}", [this](const client::Reply& reply) {
    if (reply.ok) {
      take(reply.body);
    } else {
      spdlog::warn("demo: {}: {}", channel_.id, reply.error_text());
    }
    if (ready_) ready_();
  });
}

void Platform::take(simdjson::dom::element params) {
  simdjson::dom::array deliveries;
  if (params["deliveries"].get(deliveries) != simdjson::SUCCESS) return;
  for (const auto delivery : deliveries) {
    Delivery one{text_of(delivery, "contact"), 0, text_of(delivery, "external_id")};
    if (delivery["seq"].get(one.seq) != simdjson::SUCCESS) continue;
    if (seen_.emplace(one.contact, one.seq).second) carry(one);
  }
}

// sent, delivered and read, each after its time; a few fail.
void Platform::carry(const Delivery& delivery) {
  const double sent_s = 0.2 + random_() % 6 * 0.1;
  const double delivered_s = sent_s + 0.4 + random_() % 20 * 0.1;
  const double read_s = delivered_s + 2 + random_() % 8;
  if (chance(3)) return later(sent_s, [this, delivery] { fail(delivery); });
  later(sent_s, [this, delivery] {
    std::string params;
    Object{params}("contact", delivery.contact)("seq", delivery.seq)(
        "provider_id",
        std::string(channel_.id) + "-" + delivery.contact + "-" + std::to_string(delivery.seq));
    rpc_.call("outbox.sent", params);
  });
  if (chance(4)) return;  // the customer's phone is off
  later(delivered_s, [this, delivery] { report(delivery, "delivered"); });
  if (chance(12)) return;
  later(read_s, [this, delivery] {
    report(delivery, "read");
    heard_(delivery.external_id);
  });
}

void Platform::report(const Delivery& delivery, std::string_view status) {
  std::string params;
  Object{params}("contact", delivery.contact)("seq", delivery.seq)("status", status);
  rpc_.call("inbound.status", params);
}

void Platform::fail(const Delivery& delivery) {
  const bool whatsapp = channel_.kind == "whatsapp";
  std::string params;
  {
    Object object(params);
    object("contact", delivery.contact)("seq", delivery.seq)("status", "failed");
    Object{object.key("error")}("code", whatsapp ? "131026" : "551")(
        "message", whatsapp ? "Message undeliverable: the number is not on WhatsApp any more"
                            : "This person isn't available right now");
  }
  rpc_.call("inbound.status", params);
}

void Platform::later(double seconds, std::function<void()> action) {
  if (hurry_) return action();
  loop_.after(std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000)),
              std::move(action));
}

void Platform::write(const Person& person, const std::string& provider_id, const std::string& text,
                     client::Rpc::OnReply done) {
  std::string params;
  {
    Object object(params);
    object("external_id", person.external_id)("provider_id", provider_id)("type", "text")("text",
                                                                                          text);
    Object{object.key("profile")}
        .maybe("first_name", person.first_name)
        .maybe("last_name", person.last_name)
        .maybe("phone", person.phone)
        .maybe("email", person.email)("language",
                                      person.language == Language::spanish ? "es" : "en");
  }
  rpc_.call("inbound.receive", params, std::move(done));
}

void Platform::type(const Person& person, bool on) {
  std::string params;
  Object{params}("external_id", person.external_id)("on", on);
  rpc_.call("inbound.typing", params);
}

}  // namespace inboxd::demo
