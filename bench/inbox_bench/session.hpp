// A session for the parts of a run that are not measured: set-up and checks. Waits for its answers.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "apps/client/rpc.hpp"

namespace inboxd::bench {

class Session {
 public:
  /// Connects and opens. Throws std::runtime_error when that fails. `patience`: for an answer.
  Session(client::Loop& loop, const client::Url& url, std::string token,
          std::chrono::milliseconds patience);

  using Read = std::function<void(simdjson::dom::element result)>;
  /// Calls and waits; throws std::runtime_error with the engine's error.
  void must(std::string_view method, const std::string& params, const Read& read = {});

  /// `count` calls, `depth` at a time; `make(i)` gives method and params of each.
  using Make = std::function<std::pair<std::string_view, std::string>(std::uint64_t i)>;
  void must_all(std::uint64_t count, unsigned depth, const Make& make);

 private:
  /// Gives up when nothing was answered for as long as patience lasts.
  void wait(const std::function<bool()>& done, std::string_view what);

  client::Loop& loop_;
  std::chrono::milliseconds patience_;
  client::Rpc rpc_;
  bool opened_ = false;
  std::uint64_t answers_ = 0;
  std::string failure_;
};

}  // namespace inboxd::bench
