#include "net/load_gauge.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace inboxd::net {
namespace {

/// The beginning of /proc/stat; empty if there is none.
std::string_view proc_stat(std::array<char, 256>& buffer) {
  const int file = ::open("/proc/stat", O_RDONLY | O_CLOEXEC);
  if (file < 0) return {};
  const auto bytes = ::read(file, buffer.data(), buffer.size());
  ::close(file);
  return {buffer.data(), bytes > 0 ? static_cast<std::size_t>(bytes) : 0};
}

}  // namespace

std::optional<CpuTimes> cpu_times(std::string_view text) {
  constexpr std::string_view head = "cpu ";
  if (!text.starts_with(head)) return std::nullopt;
  enum Field : std::size_t { user, nice, system, idle, iowait, irq, softirq, steal, count };
  std::array<std::uint64_t, count> fields{};
  const auto* at = text.data() + head.size();
  const auto* const end = text.data() + text.size();
  for (auto& field : fields) {
    while (at != end && *at == ' ') ++at;
    const auto [next, error] = std::from_chars(at, end, field);
    if (error != std::errc()) return std::nullopt;
    at = next;
  }
  CpuTimes times{.busy =
                     fields[user] + fields[system] + fields[irq] + fields[softirq] + fields[steal]};
  times.all = times.busy + fields[nice] + fields[idle] + fields[iowait];
  return times;
}

double LoadGauge::pressure_of(double busy, Clock::duration wait, Clock::duration answer) {
  const auto between = [](double value, double from, double to) {
    return (value - from) / (to - from);
  };
  const auto ms = [](Clock::duration d) {
    return std::chrono::duration<double, std::milli>(d).count();
  };
  return std::clamp(
      std::max({between(busy, 0.70, 0.95), between(ms(wait), 10, 30), between(ms(answer), 6, 15)}),
      0.0, 1.0);
}

double LoadGauge::smoothed(double before, double now, Clock::duration since) {
  // Long enough for bursts of a desk at ease to pass, which take the whole machine for a moment.
  constexpr std::chrono::duration<double> steady = std::chrono::milliseconds(800);
  return before + (now - before) * std::min(1.0, since / steady);
}

LoadGauge::Clock::duration LoadGauge::mean(Answers before, Answers after) {
  constexpr std::uint64_t fewest = 100;  // a thousand a second
  const auto count = after.count - before.count;
  if (count < fewest) return {};
  return std::chrono::microseconds((after.us - before.us) / count);
}

bool LoadGauge::waited(Clock::duration wait, Clock::time_point now) {
  longest_ = std::max(longest_, wait);
  if (now - looked_at_ < interval) return false;
  since_look_ = now - std::exchange(looked_at_, now);
  return true;
}

void LoadGauge::look(Answers answers) {
  std::array<char, 256> buffer{};
  const auto times = cpu_times(proc_stat(buffer));
  const auto before = std::exchange(last_, times);
  const auto wait = std::exchange(longest_, {});
  const auto answer = mean(std::exchange(answers_, answers), answers);
  if (!times || !before || times->all <= before->all) return;
  const double busy = static_cast<double>(times->busy - before->busy) /
                      static_cast<double>(times->all - before->all);
  busy_ = measured_ ? smoothed(this->busy(), busy, since_look_) : busy;
  measured_ = true;
  // Half of what it was: one slow tenth of a second is not a busy machine.
  pressure_ = (pressure() + pressure_of(this->busy(), wait, answer)) / 2;
}

}  // namespace inboxd::net
