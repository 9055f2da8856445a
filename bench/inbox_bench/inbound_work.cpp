#include "bench/inbox_bench/inbound_work.hpp"

#include <algorithm>

namespace inboxd::bench {

using client::Clock;

InboundWork::InboundWork(const Plan& plan, Failures& failures)
    : plan_(plan),
      failures_(failures),
      texts_(plan.seed),
      frame_(plan.seed),
      random_(plan.seed),
      goes_on_(1 - 1 / std::max(1.0, plan.burst_mean)),
      customers_(plan.customers) {}

std::uint32_t InboundWork::next_customer() {
  if (sent_ <= customers_.size()) return static_cast<std::uint32_t>(sent_ - 1);
  if (plan_.burst_mean <= 1 || !goes_on_(random_))
    writing_ =
        plan_.quiet + static_cast<std::uint32_t>(random_() % (customers_.size() - plan_.quiet));
  return writing_;
}

void InboundWork::write(std::string& frame, std::uint64_t id, std::uint32_t& subject,
                        Clock::time_point when) {
  const auto n = ++sent_;
  subject = next_customer();
  frame_.write(frame, id, subject, n, texts_.next(plan_.text_bytes));
  customers_[subject].last_sent = n;
  times_.set(n, when);
}

std::optional<std::uint64_t> InboundWork::read(std::string_view text) {
  try {
    return read_answer(text);
  } catch (const simdjson::simdjson_error&) {
    failures_.add("not an answer: " + std::string(text));
    return std::nullopt;
  }
}

void InboundWork::answered(std::uint32_t subject) {
  if (!ok_) return;
  Customer& customer = customers_[subject];
  ++customer.answered;
  customer.last_seq = std::max(customer.last_seq, seq_);
  if (customer.contact.empty()) {
    customer.contact = contact_;
  } else if (customer.contact != contact_) {
    failures_.add("customer " + std::to_string(subject) + " is " + customer.contact + " and " +
                  contact_);
  }
}

void InboundWork::check_seqs(std::uint32_t assigned) {
  for (std::uint32_t i = 0; i < customers_.size(); ++i) {
    const Customer& customer = customers_[i];
    const std::uint64_t events = i < assigned ? 2 : 1;  // opened, assigned
    // An assignment may be the last entry of a contact that was written to only once.
    if (customer.last_seq != customer.answered + events && customer.answered > 1)
      failures_.add("contact " + customer.contact + " took " + std::to_string(customer.answered) +
                    " messages, but its last one has seq " + std::to_string(customer.last_seq));
  }
}

std::optional<std::uint64_t> InboundWork::read_answer(std::string_view text) {
  auto document =
      parser_.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING).value();
  auto message = document.get_object().value();
  std::uint64_t id = 0;
  if (message["id"].get(id) != simdjson::SUCCESS) {
    failures_.add("not an answer: " + std::string(text));
    return std::nullopt;
  }
  simdjson::ondemand::object result;
  ok_ = message["result"].get(result) == simdjson::SUCCESS;
  if (!ok_) {
    failures_.add("refused: " + std::string(text));
    return id;
  }
  contact_ = std::string_view(result["contact"].get_string().value());
  seq_ = result["seq"].get_uint64().value();
  bool duplicate = false;
  if (result["duplicate"].get(duplicate) == simdjson::SUCCESS && duplicate)
    failures_.add("a new message was taken for a duplicate: " + std::string(text));
  return id;
}

}  // namespace inboxd::bench
