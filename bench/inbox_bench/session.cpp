#include "bench/inbox_bench/session.hpp"

#include <stdexcept>

namespace inboxd::bench {

Session::Session(client::Loop& loop, const client::Url& url, std::string token,
                 std::chrono::milliseconds patience)
    : loop_(loop),
      patience_(patience),
      rpc_(loop, {[this] { opened_ = true; },
                  {},
                  [this](const client::CloseReason& why) {
                    failure_ = "closed with " + std::to_string(why.code) + " " + why.reason;
                  }}) {
  rpc_.open(url, std::move(token));
  wait([this] { return opened_; }, "session.open");
}

void Session::wait(const std::function<bool()>& done, std::string_view what) {
  const auto over = [&] { return done() || !failure_.empty(); };
  auto seen = answers_;
  while (!loop_.run_until(over, client::Clock::now() + patience_)) {
    if (answers_ == seen)
      throw std::runtime_error(std::string(what) + ": no answer within " +
                               std::to_string(patience_.count()) + " ms");
    seen = answers_;
  }
  if (!failure_.empty()) throw std::runtime_error(std::string(what) + ": " + failure_);
}

void Session::must(std::string_view method, const std::string& params, const Read& read) {
  bool answered = false;
  rpc_.call(method, params, [&](const client::Reply& reply) {
    answered = true;
    ++answers_;
    if (!reply.ok) {
      failure_ = reply.error_text() + " to " + params;
    } else if (read) {
      read(reply.body);
    }
  });
  wait([&] { return answered; }, method);
}

void Session::must_all(std::uint64_t count, unsigned depth, const Make& make) {
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::function<void()> send = [&] {
    const auto [method, params] = make(sent++);
    rpc_.call(method, params, [&](const client::Reply& reply) {
      ++answered;
      ++answers_;
      if (!reply.ok) failure_ = reply.error_text();
      if (sent < count && failure_.empty()) send();
    });
  };
  while (sent < count && sent < depth) send();
  wait([&] { return answered == count; }, "set-up");
}

}  // namespace inboxd::bench
