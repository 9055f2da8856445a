// The `inbound.receive` requests of the load, written piece by piece into the frame.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/json.hpp"

namespace inboxd::bench {

/// Message texts begin with "#<n> ", so that a message is recognised in a row's preview.
class InboundFrame {
 public:
  explicit InboundFrame(std::uint64_t seed) : prefix_(std::to_string(seed) + "-") {}

  /// Message number `n` from customer `customer`; `text` has no character that JSON escapes.
  void write(std::string& frame, std::uint64_t id, std::uint32_t customer, std::uint64_t n,
             std::string_view text) const {
    using model::json::write;
    frame += R"({"jsonrpc":"2.0","id":)";
    write(frame, id);
    frame += R"(,"method":"inbound.receive","params":{"external_id":")";
    write_customer(frame, customer);
    frame += R"(","provider_id":")";
    frame += prefix_;
    write(frame, n);
    frame += R"(","type":"text","text":"#)";
    const auto start = frame.size();
    write(frame, n);
    frame += ' ';
    const auto marker = frame.size() - start + 1;
    frame += text.substr(0, text.size() - std::min(text.size(), marker));
    frame += "\"}}";
  }

  void write_customer(std::string& out, std::uint32_t customer) const {
    out += 'u';
    out += prefix_;
    model::json::write(out, customer);
  }

 private:
  std::string prefix_;
};

}  // namespace inboxd::bench
