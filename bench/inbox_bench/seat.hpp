// What every client of a view has in common: where it sits, and how it reads what comes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <simdjson.h>

#include "apps/client/connection.hpp"
#include "bench/inbox_bench/driver.hpp"

namespace inboxd::bench {

/// A session on one view.
struct Seat {
  client::Url url;
  std::string token;
  std::string view;
  unsigned limit = 50;
  bool counters = false;  // of all its views, too, as badges show them
};

/// Reads a JSON-RPC text: calls `on_notification(method, params)` or `on_result(id, result)`, which
/// return "" or what is wrong. That, an error answer or bad JSON is added to the failures of `who`.
/// `text` must be followed by simdjson's padding.
template <class OnNotification, class OnResult>
void read_text(std::string_view text, const std::string& who, Failures& failures,
               OnNotification on_notification, OnResult on_result) {
  thread_local simdjson::ondemand::parser parser;
  const auto read = [&]() -> std::string {
    auto document =
        parser.iterate(text.data(), text.size(), text.size() + simdjson::SIMDJSON_PADDING).value();
    simdjson::ondemand::object message = document.get_object().value();
    simdjson::ondemand::value value;
    if (message["method"].get(value) == simdjson::SUCCESS) {
      const std::string method(value.get_string().value());
      return on_notification(method, message["params"].get_object().value());
    }
    const std::uint64_t id = message["id"].get_uint64().value();
    if (message["result"].get(value) != simdjson::SUCCESS) return "refused";
    return on_result(id, value.get_object().value());
  };
  std::string error;
  try {
    error = read();
  } catch (const simdjson::simdjson_error& what) {
    error = what.what();
  }
  if (error.empty()) return;
  constexpr std::size_t shown = 500;
  failures.add(who + ": " + error + " in " + std::string(text.substr(0, shown)));
}

}  // namespace inboxd::bench
