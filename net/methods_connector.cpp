// What connectors bring and take. The channel is the token's.
#include "net/content.hpp"
#include "net/methods.hpp"

namespace inboxd::net {
namespace {

using namespace kinds;
using actors::Request;
using model::Result;
namespace request = actors::request;

struct ReceiveParams : ContentParams {
  std::string external_id, provider_id;
  std::optional<model::Timestamp> at;
  std::optional<model::Details> profile;
};

Result<Call> make_receive(ReceiveParams&& p, In& in) {
  auto content = content_of(std::move(static_cast<ContentParams&>(p)));  // its content alone
  if (!content) return content.error();
  request::ReceiveInbound receive;
  receive.command.channel = *in.by().channel;
  receive.command.external_id = std::move(p.external_id);
  receive.command.provider_id = std::move(p.provider_id);
  receive.command.at = p.at;
  receive.command.content = std::move(*content);
  receive.command.profile = std::move(p.profile);
  return Request(std::move(receive));
}

Method receive() {
  using P = ReceiveParams;
  return with_content(
             Define<P>("inbound.receive", access::connectors,
                       "A customer wrote (R1, R6, R8, R9, R12).")
                 .required<&P::external_id, ExternalId>("external_id",
                                                        "The customer's id on the platform.")
                 .required<&P::provider_id, ExternalId>("provider_id",
                                                        "The message's id on the platform.")
                 .optional<&P::at, Time>("at", "The platform's time (S26).")
                 .required<&ContentParams::type, MessageTypeName>("type", "What kind of message."))
      .optional<&P::profile, ProfileObject>("profile", "What the platform knows of the customer.")
      .result(INBOXD_SCHEMA("Received"), "Where the message is.")
      .make(make_receive);
}

struct StatusParams {
  std::optional<std::string> provider_id;
  std::optional<model::ContactId> contact;
  std::optional<model::Seq> seq;
  model::Status status = model::Status::sent;
  std::optional<model::Timestamp> at;
  std::optional<model::PlatformError> error;
};

Result<Call> make_status(StatusParams&& p, In&) {
  if (!p.provider_id && !(p.contact && p.seq)) {
    return model::invalid("provider_id", "Expected `provider_id`, or `contact` and `seq`.");
  }
  if (p.provider_id && (p.contact || p.seq)) {
    return model::invalid(p.contact ? "contact" : "seq",
                          "Expected `provider_id`, or `contact` and `seq`, not both.");
  }
  if (p.error && p.status != model::Status::failed) {
    return model::invalid("error", "Only `failed` has an error.");
  }
  return Request(request::ReportStatus{std::move(p.provider_id), p.contact, p.seq, p.status, p.at,
                                       std::move(p.error)});
}

Method status() {
  using P = StatusParams;
  return Define<P>("inbound.status", access::connectors,
                   "The platform reports how far an outbound message got.")
      .optional<&P::provider_id, ExternalId>("provider_id", "The message's id on the platform.")
      .optional<&P::contact, ContactRef>("contact", "Or its contact …")
      .optional<&P::seq, SeqNumber>("seq", "… and seq.")
      .required<&P::status, StatusName>("status", "One that the channel reports (S27).")
      .optional<&P::at, Time>("at", "The platform's time (S26).")
      .optional<&P::error, PlatformErrorObject>("error", "Why it failed.")
      .result(INBOXD_SCHEMA("At"), "When.")
      .make(make_status);
}

Method typing() {
  using P = request::InboundTyping;
  return Define<P>("inbound.typing", access::connectors, "A customer is typing. Not kept.")
      .required<&P::external_id, ExternalId>("external_id", "The customer's id on the platform.")
      .required<&P::on, Flag>("on", "Begins or ends.")
      .result(INBOXD_SCHEMA("Empty"), "")
      .make([](P&& p, In&) -> Result<Call> { return Request(std::move(p)); });
}

Method sent() {
  using P = request::ReportSent;
  return Define<P>("outbox.sent", access::connectors, "A delivery was handed to the platform.")
      .required<&P::contact, ContactRef>("contact", "The delivery's contact.")
      .required<&P::seq, SeqNumber>("seq", "The delivery's seq.")
      .required<&P::provider_id, ExternalId>("provider_id", "The platform's id for it.")
      .result(INBOXD_SCHEMA("At"), "When.")
      .make([](P&& p, In&) -> Result<Call> { return Request(std::move(p)); });
}

Result<Call> make_failed(request::ReportFailed&& p, In&) {
  if (p.retry_after && !p.retry) {
    return model::invalid("retry_after_ms", "Only with `retry`.");
  }
  return Request(std::move(p));
}

Method failed() {
  using P = request::ReportFailed;
  return Define<P>("outbox.failed", access::connectors,
                   "A delivery could not be handed to the platform: for good, or, with `retry`, "
                   "for now. Then all that the connector has of the contact comes again after a "
                   "delay; it drops that, and what comes of it before this is answered.")
      .required<&P::contact, ContactRef>("contact", "The delivery's contact.")
      .required<&P::seq, SeqNumber>("seq", "The delivery's seq.")
      .optional<&P::retry, Flag>("retry", "It may work later.")
      .optional<&P::retry_after, Length>("retry_after_ms", "Not before that, says the platform.")
      .optional<&P::error, PlatformErrorObject>("error", "Why, in the platform's words.")
      .result(INBOXD_SCHEMA("Failed"),
              "When it is tried again; `retry_at` null: never, the message is `failed`.")
      .make(make_failed);
}

struct OutboxParams {
  std::optional<model::Offset> after;
  std::size_t held_max = limits::deliveries_held_default;
};

/// How many deliveries a connector takes at once.
struct HeldMax {
  using type = std::size_t;
  static constexpr std::int64_t max{limits::deliveries_held_max};
  static bool read(In& in, Value& value, std::size_t& out) {
    std::int64_t number = 0;
    if (!read_integer(in, value, number, 1, max)) return false;
    out = static_cast<std::size_t>(number);
    return true;
  }
  static std::string schema() { return integer_schema(1, max); }
};

Method outbox() {
  using P = OutboxParams;
  return Define<P>("outbox.subscribe", access::connectors,
                   "What is to be sent on the channel, now and from now on (S40).")
      .optional<&P::after, OffsetNumber>("after", "Only what changed after this offset.")
      .optional<&P::held_max, HeldMax>(
          "in_flight", "Deliveries at most that it has and has not reported on; 1,000 if absent.")
      .effect(Effect::subscribe)
      .notifies({"outbox.deliver"})
      .result(INBOXD_SCHEMA("OutboxSubscribed"), "What waits now.")
      .make([](P&& p, In& in) -> Result<Call> {
        return Request(request::SubscribeOutbox{in.new_sub(), p.after, p.held_max});
      });
}

}  // namespace

std::vector<Method> connector_methods() {
  std::vector<Method> m;
  m.push_back(receive());
  m.push_back(status());
  m.push_back(typing());
  m.push_back(outbox());
  m.push_back(sent());
  m.push_back(failed());
  return m;
}

}  // namespace inboxd::net
