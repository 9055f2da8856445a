#include "bench/inbox_bench/driver.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <stdexcept>

#include "model/json.hpp"
#include "model/limits.hpp"

namespace inboxd::bench {
namespace {

using client::Clock;

constexpr std::size_t slots = 1024;  // a power of two, above what the engine allows in flight
constexpr std::size_t in_flight_max = model::limits::in_flight_max - 6;
constexpr std::chrono::microseconds open_loop_step{50};

}  // namespace

std::vector<std::string> Failures::texts() const {
  auto all = texts_;
  if (count_ > shown) all.push_back("… and " + std::to_string(count_ - shown) + " more");
  return all;
}

struct Driver::Sender {
  Sender(client::Loop& loop, client::Connection::Events events)
      : connection(loop, std::move(events)) {}

  client::Connection connection;
  std::array<Slot, slots> sent;
  std::uint64_t last_id = 0;
  std::size_t in_flight = 0;
  std::deque<Clock::time_point> late;  // due, but too many are in flight
  bool ready = false;
};

Driver::Driver(client::Loop& loop, Work& work, unsigned connections, Target target,
               Failures& failures)
    : loop_(loop), work_(work), target_(std::move(target)), failures_(failures) {
  for (unsigned i = 0; i < connections; ++i) {
    auto opened = [this, i] {
      Sender& sender = *senders_[i];
      if (target_.token) {
        std::string frame = R"({"jsonrpc":"2.0","id":0,"method":"session.open","params":{"token":)";
        model::json::write(frame, target_.token(i));
        sender.connection.send(frame + "}}");
      } else {
        sender.ready = true;
        ++ready_;
      }
    };
    senders_.push_back(std::make_unique<Sender>(
        loop_, client::Connection::Events{
                   opened, [this, i](std::string_view text) { on_text(*senders_[i], text); },
                   [this, i](const client::CloseReason& why) {
                     failures_.add("connection " + std::to_string(i) + " closed with " +
                                   std::to_string(why.code) + " " + why.reason);
                   }}));
  }
}

Driver::~Driver() {
  loop_.cancel(timer_);
}

void Driver::open() {
  for (auto& sender : senders_) sender->connection.connect(target_.url);
  const auto done = [&] { return ready_ == senders_.size() || failures_.count() > 0; };
  if (!loop_.run_until(done, Clock::now() + target_.patience) || failures_.count() > 0)
    throw std::runtime_error(failures_.count() > 0
                                 ? failures_.texts().front()
                                 : "the server did not open the sessions in time");
}

void Driver::do_all(std::uint64_t count, unsigned depth) {
  left_ = count;
  depth_ = depth;
  per_s_ = {};
  thinks_ = false;
  const auto now = Clock::now();
  for (unsigned i = 0; i < depth; ++i)
    for (auto& sender : senders_)
      if (left_ > 0) offer(*sender, now);
  auto seen = answered_;
  while (!loop_.run_until([&] { return (left_ == 0 && idle()) || failures_.count() > 0; },
                          Clock::now() + target_.patience)) {
    if (answered_ == seen) break;  // it does not move any more
    seen = answered_;
  }
  if (!idle()) {
    failures_.add("the server did not answer everything");
    left_ = 0;
  }
}

void Driver::start_closed(unsigned depth, Clock::duration think) {
  left_ = std::numeric_limits<std::uint64_t>::max();
  depth_ = depth;
  per_s_ = {};
  thinks_ = think > Clock::duration::zero();
  if (thinks_)
    think_s_ =
        std::exponential_distribution<double>(1 / std::chrono::duration<double>(think).count());
  const auto now = Clock::now();
  for (auto& sender : senders_) {
    for (auto missing = depth - std::min<std::size_t>(depth, sender->in_flight); missing > 0;
         --missing) {
      if (thinks_) {
        send_later(*sender, now);
      } else {
        offer(*sender, now);
      }
    }
  }
}

void Driver::start_open(Rate per_s) {
  left_ = std::numeric_limits<std::uint64_t>::max();
  per_s_ = std::move(per_s);
  open_since_ = due_ = Clock::now();
  offered_ = 0;
  send_due();
}

void Driver::stop() {
  left_ = 0;
  per_s_ = {};
  loop_.cancel(timer_);
  for (auto& sender : senders_) sender->late.clear();
  if (!loop_.run_until([&] { return idle(); }, Clock::now() + target_.patience)) {
    std::size_t missing = 0;
    for (auto& sender : senders_) missing += sender->in_flight;
    failures_.add(std::to_string(missing) + " requests were not answered within " +
                  std::to_string(target_.patience.count()) + " ms");
  }
}

bool Driver::idle() const {
  for (const auto& sender : senders_)
    if (sender->in_flight > 0) return false;
  return true;
}

void Driver::send_due() {
  const auto now = Clock::now();
  while (due_ <= now) {
    offer(*senders_[offered_++ % senders_.size()], due_);
    due_ = next_due();
  }
  timer_ = loop_.at(std::max(due_, now + open_loop_step), [this] { send_due(); });
}

/// When one more request than so far is due: the rate, which may change meanwhile, adds up to one.
Clock::time_point Driver::next_due() const {
  constexpr double step_s = 0.01;
  constexpr double longest_s = 10;  // then one is due whatever the rate
  const auto at = [this](double seconds) {
    return open_since_ +
           std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  };
  double at_s = std::chrono::duration<double>(due_ - open_since_).count();
  const double last_s = at_s + longest_s;
  for (double missing = 1; at_s < last_s; at_s += step_s) {
    const double rate = std::max(0.0, per_s_(at_s));
    if (rate * step_s >= missing) return at(at_s + missing / rate);
    missing -= rate * step_s;
  }
  return at(last_s);
}

void Driver::offer(Sender& sender, Clock::time_point when) {
  if (sender.in_flight >= in_flight_max) {
    sender.late.push_back(when);
  } else {
    send(sender, when);
  }
}

void Driver::send(Sender& sender, Clock::time_point when) {
  --left_;
  const auto id = ++sender.last_id;
  Slot& slot = sender.sent[id % slots];
  if (slot.id != 0)
    return failures_.add("request " + std::to_string(slot.id) + " was not answered, and " +
                         std::to_string(slots - 1) + " later ones were");
  slot = {id, when, 0};
  frame_.clear();
  work_.write(frame_, id, slot.subject, when);
  ++sender.in_flight;
  sender.connection.send(frame_);
}

void Driver::on_text(Sender& sender, std::string_view text) {
  if (!sender.ready) {
    if (text.find("\"result\"") == std::string_view::npos)
      return failures_.add("session.open: " + std::string(text));
    sender.ready = true;
    ++ready_;
    return;
  }
  const auto id = work_.read(text);
  if (!id) return;
  Slot& slot = sender.sent[*id % slots];
  if (slot.id != *id)
    return failures_.add("an answer to what was not asked, or twice: " + std::string(text));
  slot.id = 0;
  --sender.in_flight;
  const auto now = Clock::now();
  periods_.record(slot.when, now);
  ++answered_;
  work_.answered(slot.subject);
  after_answer(sender, now);
}

void Driver::after_answer(Sender& sender, Clock::time_point now) {
  if (!sender.late.empty()) {
    send(sender, sender.late.front());
    sender.late.pop_front();
    return;
  }
  if (per_s_ || left_ == 0 || sender.in_flight >= depth_) return;
  if (thinks_) return send_later(sender, now);
  send(sender, now);
}

/// After the time to think.
void Driver::send_later(Sender& sender, Clock::time_point now) {
  const auto pause =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(think_s_(random_)));
  loop_.at(now + pause, [this, &sender, when = now + pause] {
    if (left_ > 0 && !per_s_ && sender.in_flight < depth_) send(sender, when);
  });
}

}  // namespace inboxd::bench
