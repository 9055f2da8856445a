#include "bench/inbox_bench/watcher.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <stdexcept>
#include <utility>

#include "model/json.hpp"

namespace inboxd::bench {
namespace {

using client::Clock;
namespace ondemand = simdjson::ondemand;

constexpr std::chrono::milliseconds quiet_time{600};  // well above the engine's conflation
constexpr std::size_t opening_max = 64;               // at a time, below a listener's backlog

/// Of the last message. A '#' is rarer in a row than what begins the marker before it.
std::optional<std::uint64_t> number_in(std::string_view row) {
  constexpr std::string_view marker = "\"preview\":\"#";
  for (auto at = row.find('#'); at != std::string_view::npos; at = row.find('#', at + 1)) {
    if (!row.substr(0, at + 1).ends_with(marker)) continue;
    std::uint64_t n = 0;
    std::from_chars(row.data() + at + 1, row.data() + row.size(), n);
    return n;
  }
  return std::nullopt;
}

}  // namespace

Watcher::Watcher(client::Loop& loop, Seat seat, Watching& watching, Look look)
    : seat_(std::move(seat)),
      watching_(watching),
      connection_(loop,
                  {[this] {
                     std::string frame =
                         R"({"jsonrpc":"2.0","id":1,"method":"session.open","params":{"token":)";
                     model::json::write(frame, seat_.token);
                     connection_.send(frame + "}}");
                   },
                   [this](std::string_view text) { on_text(text); },
                   [this](const client::CloseReason& why) {
                     watching_.failures.add("watcher of " + seat_.view + " closed with " +
                                            std::to_string(why.code) + " " + why.reason);
                   }}),
      list_(seat_.limit, [this](std::string_view row, bool appended) { on_put(row, appended); }),
      window_(watching.windows.of(seat_.view == "mine" ? seat_.token : seat_.view)),
      number_(window_->enter()),
      look_(look) {}

void Watcher::open() {
  connection_.connect(seat_.url);
}

void Watcher::on_text(std::string_view text) {
  watching_.last_news = Clock::now();
  read_text(
      text, "watcher of " + seat_.view, watching_.failures,
      [this](std::string_view method, ondemand::object params) {
        return take_notification(method, params);
      },
      [this](std::uint64_t id, ondemand::object result) { return take_result(id, result); });
}

void Watcher::subscribe() {
  std::string frame = R"({"jsonrpc":"2.0","id":2,"method":"view.subscribe","params":)";
  model::json::Object{frame}("view", seat_.view)("limit", seat_.limit);
  connection_.send(frame + "}");
  if (seat_.counters)
    connection_.send(R"({"jsonrpc":"2.0","id":3,"method":"counters.subscribe","params":{}})");
}

std::string Watcher::take_result(std::uint64_t id, ondemand::object result) {
  std::array<bool*, 4> answered{&opened_, &has_list_, &has_counters_, &counted_};
  if (id == 0 || id > answered.size() || *answered[id - 1])
    return "an answer to what was not asked, or twice";
  *answered[id - 1] = true;
  if (id == 1) subscribe();
  if (id == 2) return list_.take_snapshot(result);
  if (id == 3) return counters_.take_snapshot(result);
  return id == 4 ? take_count(result) : "";
}

void Watcher::ask_count() {
  counted_ = false;
  std::string frame = R"({"jsonrpc":"2.0","id":4,"method":"view.window","params":)";
  model::json::Object{frame}("sub", list_.sub())("limit", seat_.limit);  // where it is
  connection_.send(frame + "}");
}

std::string Watcher::take_count(ondemand::object result) {
  const std::uint64_t sent = result["deltas"].get_uint64().value();
  const auto came = std::exchange(since_snapshot_, 0);
  if (sent == came) return "";
  return std::to_string(sent) + " deltas were sent, and " + std::to_string(came) + " came";
}

std::string Watcher::take_notification(std::string_view method, ondemand::object params) {
  if (method == "view.delta") return take_delta(params);
  if (method == "counters.delta") return counters_.take_delta(params);
  if (method == "counters.reset") return counters_.take_snapshot(params);
  if (method != "view.reset") return "an unexpected " + std::string(method);
  ++watching_.resets;
  since_snapshot_ = 0;
  return list_.take_reset(params);
}

std::string Watcher::take_delta(ondemand::object params) {
  const auto previous = list_.offset();
  auto error = list_.take_delta(params);
  if (!error.empty()) return error;
  const bool among_others = ++since_snapshot_ > 2;
  return window_->hear(number_, among_others ? previous : 0, list_.content(), look_);
}

/// True the first time.
bool Watcher::see(std::uint64_t message) {
  if (message >= seen_.size()) seen_.resize(2 * message + 1);
  const bool known = seen_[message];
  seen_[message] = true;
  return !known;
}

void Watcher::on_put(std::string_view row, bool appended) {
  if (look_ == Look::fresh) return;
  const auto number = number_in(row);
  if (!number) return;
  const auto n = *number;
  // A row is put again when somebody reads, assigns, tags. And what comes in at the end was pulled
  // in when another left: its message is an old one.
  if (!see(n) || appended) return;
  if (!has_list_) return;
  if (const auto sent = watching_.sent.of(n)) watching_.latencies.record(*sent, Clock::now());
}

std::string Watcher::difference(const Watcher& truth) const {
  auto text = list_.content().difference(truth.list_.content());
  return text.empty() ? counters_.difference(truth.counters_) : text;
}

void open_all(client::Loop& loop, std::vector<std::unique_ptr<Watcher>>& watchers,
              Watching& watching) {
  auto& failures = watching.failures;
  for (std::size_t from = 0; from < watchers.size(); from += opening_max) {
    const auto to = std::min(watchers.size(), from + opening_max);
    for (auto i = from; i < to; ++i) watchers[i]->open();
    const auto done = [&] {
      return failures.count() > 0 ||
             std::all_of(watchers.begin() + static_cast<std::ptrdiff_t>(from),
                         watchers.begin() + static_cast<std::ptrdiff_t>(to),
                         [](const auto& watcher) { return watcher->ready(); });
    };
    if (!loop.run_until(done, Clock::now() + watching.patience) || failures.count() > 0)
      throw std::runtime_error(failures.count() > 0
                                   ? failures.texts().front()
                                   : "the watchers' snapshots did not come in time");
  }
}

namespace {

/// A window that only one looks at has nobody to compare with: a delta that it lost, and the next
/// made good, is known by their number.
void check_counts(client::Loop& loop, std::vector<std::unique_ptr<Watcher>>& watchers,
                  Watching& watching) {
  for (const auto& watcher : watchers) watcher->ask_count();
  const auto done = [&] {
    return std::all_of(watchers.begin(), watchers.end(),
                       [](const auto& watcher) { return watcher->counted(); });
  };
  if (!loop.run_until(done, Clock::now() + watching.patience))
    watching.failures.add("how many deltas were sent was not answered in time");
}

}  // namespace

bool check_lists(client::Loop& loop, std::vector<std::unique_ptr<Watcher>>& watchers,
                 Watching& watching) {
  const auto give_up = Clock::now() + watching.patience;
  loop.run_until([&] { return Clock::now() - watching.last_news > quiet_time; },
                 Clock::now() + quiet_time);
  while (Clock::now() - watching.last_news < quiet_time && Clock::now() < give_up)
    loop.run_until([] { return false; }, watching.last_news + quiet_time);

  const auto failures_before = watching.failures.count();
  std::vector<std::unique_ptr<Watcher>> fresh;
  fresh.reserve(watchers.size());
  for (const auto& watcher : watchers)
    fresh.push_back(
        std::make_unique<Watcher>(loop, watcher->seat(), watching, Watcher::Look::fresh));
  open_all(loop, fresh, watching);
  for (std::size_t i = 0; i < watchers.size(); ++i) {
    const auto difference = watchers[i]->difference(*fresh[i]);
    if (!difference.empty())
      watching.failures.add("the list of " + watchers[i]->seat().view +
                            " went wrong: " + difference);
  }
  check_counts(loop, watchers, watching);
  return watching.failures.count() == failures_before;
}

std::string lists_checked(const Watching& watching, std::size_t lists) {
  return std::to_string(lists) +
         " lists folded from deltas equal fresh ones, counters too, and had every delta; " +
         std::to_string(watching.windows.compared_fresh()) +
         " times meanwhile with one that subscribed just then, " +
         std::to_string(watching.windows.compared()) + " times with one another; " +
         std::to_string(watching.resets) + " resets";
}

}  // namespace inboxd::bench
