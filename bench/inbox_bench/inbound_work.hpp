// Messages from customers: one from each, in order, then from random ones. Knows what each contact
// must hold in the end.
#pragma once

#include <cstdint>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <simdjson.h>

#include "bench/inbox_bench/driver.hpp"
#include "bench/inbox_bench/inbound_frame.hpp"
#include "bench/inbox_bench/texts.hpp"
#include "bench/inbox_bench/watcher.hpp"

namespace inboxd::bench {

class InboundWork final : public Work {
 public:
  struct Plan {
    std::uint64_t seed = 1;
    std::size_t text_bytes = 300;
    std::uint32_t customers = 0;
    std::uint32_t quiet = 0;  // the first of them write once only
    double burst_mean = 1;    // messages that a customer writes in a row, geometrically distributed
  };

  InboundWork(const Plan& plan, Failures& failures);

  void write(std::string& frame, std::uint64_t id, std::uint32_t& subject,
             client::Clock::time_point when) override;
  std::optional<std::uint64_t> read(std::string_view text) override;
  void answered(std::uint32_t subject) override;

  /// Somebody works on the contact: what its row shows from now on is no sign of its last message.
  void disturbed(std::uint32_t subject) { times_.forget(customers_[subject].last_sent); }

  const SendTimes& times() const { return times_; }
  const std::string& contact(std::uint32_t subject) const { return customers_[subject].contact; }
  std::uint32_t messages(std::uint32_t subject) const { return customers_[subject].answered; }

  /// In an engine that was empty, a contact's last seq follows from what was sent to it.
  void check_seqs(std::uint32_t assigned);

 private:
  struct Customer {
    std::string contact;
    std::uint32_t answered = 0;
    std::uint64_t last_sent = 0;  // number of its last message
    std::uint64_t last_seq = 0;
  };

  std::uint32_t next_customer();
  std::optional<std::uint64_t> read_answer(std::string_view text);

  const Plan plan_;
  Failures& failures_;
  Texts texts_;
  InboundFrame frame_;
  std::mt19937_64 random_;
  std::bernoulli_distribution goes_on_;  // the burst
  std::uint32_t writing_ = 0;
  std::vector<Customer> customers_;
  SendTimes times_;
  std::uint64_t sent_ = 0;
  simdjson::ondemand::parser parser_;
  bool ok_ = false;
  std::string contact_;
  std::uint64_t seq_ = 0;
};

}  // namespace inboxd::bench
