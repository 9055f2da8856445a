#include "bench/inbox_bench/compare.hpp"

#include <array>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include <simdjson.h>

#include "bench/inbox_bench/report.hpp"

namespace inboxd::bench {
namespace {

namespace dom = simdjson::dom;

constexpr std::array<std::pair<const char*, const char*>, 5> percentiles{{{"p50_ms", "p50"},
                                                                          {"p90_ms", "p90"},
                                                                          {"p99_ms", "p99"},
                                                                          {"p99_9_ms", "p99.9"},
                                                                          {"max_ms", "max"}}};

struct Values {
  std::string title;
  std::map<std::string, std::string> options;
  std::vector<std::string> order;
  std::map<std::string, double> by_name;

  void add(const std::string& name, double value) {
    if (by_name.emplace(name, value).second) order.push_back(name);
  }
};

Values read(const std::filesystem::path& path) {
  dom::parser parser;
  Values values;
  try {
    const dom::element root = parser.load(path.string());
    values.title = std::string(root["scenario"].get_string().value()) + ": " +
                   std::string(root["title"].get_string().value());
    const dom::object options = root["options"].get_object();
    for (const auto& [name, value] : options)
      values.options.emplace(name, std::string(value.get_string().value()));
    const dom::array figures = root["figures"].get_array();
    for (const dom::element figure : figures)
      values.add(std::string(figure["name"].get_string().value()) + " " +
                     std::string(figure["unit"].get_string().value()),
                 figure["value"].get_double().value());
    const dom::object latencies = root["latencies"].get_object();
    for (const auto& [name, latency] : latencies)
      for (const auto& [key, shown] : percentiles)
        values.add(std::string(name) + " " + shown + ", ms", latency[key].get_double().value());
  } catch (const simdjson::simdjson_error& error) {
    throw std::runtime_error(path.string() + " is not a result of inbox-bench: " + error.what());
  }
  return values;
}

std::string cell(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

/// What was asked of the two runs differently.
std::string differing_options(const Values& left, const Values& right) {
  std::string out;
  for (const auto& [name, value] : left.options) {
    const auto other = right.options.find(name);
    if (other == right.options.end() || other->second == value) continue;
    out.append("   ").append(name).append(": A ").append(value);
    out.append(", B ").append(other->second).append("\n");
  }
  return out;
}

}  // namespace

std::string compare(const std::filesystem::path& a, const std::filesystem::path& b) {
  constexpr std::size_t name_width = 42;
  constexpr std::size_t width = 16;
  const Values left = read(a);
  const Values right = read(b);
  std::string out =
      "A  " + left.title + "\nB  " + right.title + "\n" + differing_options(left, right);
  out += cell("", name_width) + cell("A", width) + cell("B", width) + "B/A\n";
  std::size_t common = 0;
  for (const auto& name : left.order) {
    const auto found = right.by_name.find(name);
    if (found == right.by_name.end()) continue;
    ++common;
    const double before = left.by_name.at(name);
    out += cell(name, name_width) + cell(readable(before), width) +
           cell(readable(found->second), width) +
           (before == 0 ? "-" : readable(found->second / before)) + "\n";
  }
  if (common == 0)
    throw std::runtime_error(a.string() + " and " + b.string() + " have no figure in common.");
  return out;
}

}  // namespace inboxd::bench
