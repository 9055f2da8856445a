#include "bench/inbox_bench/compare.hpp"

#include <array>
#include <charconv>
#include <map>
#include <optional>
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

/// "1,379" as tables show it; nothing for what is no number, or no number alone ("30 %").
std::optional<double> number_in(std::string text) {
  std::erase(text, ',');
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = read.ec == std::errc{} && read.ptr == text.data() + text.size();
  return whole ? std::optional(value) : std::nullopt;
}

std::vector<std::string> texts_of(dom::array array) {
  std::vector<std::string> texts;
  for (const dom::element text : array) texts.emplace_back(std::string_view(text));
  return texts;
}

/// Each number of a table, named by its title, row and column.
void add_table(Values& values, dom::element table) {
  const std::string title(table["title"].get_string().value());
  const std::uint64_t labels = table["labels"].get_uint64().value();
  const auto header = texts_of(table["header"].get_array().value());
  const dom::array rows = table["rows"].get_array();
  for (const dom::element row : rows) {
    const auto cells = texts_of(row.get_array().value());
    std::string name = title + ":";
    for (std::size_t i = 0; i < labels; ++i)
      name += (header[i].empty() ? " " : " " + header[i] + " ") + cells[i];
    for (std::size_t i = labels; i < cells.size(); ++i) {
      if (const auto number = number_in(cells[i])) values.add(name + ", " + header[i], *number);
    }
  }
}

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
    const dom::array tables = root["tables"].get_array();
    for (const dom::element table : tables) add_table(values, table);
  } catch (const simdjson::simdjson_error& error) {
    throw std::runtime_error(path.string() + " is not a result of inbox-bench: " + error.what());
  }
  return values;
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
  const Values left = read(a);
  const Values right = read(b);
  Table table{"", {"", "A", "B", "B/A"}, {}};
  for (const auto& name : left.order) {
    const auto found = right.by_name.find(name);
    if (found == right.by_name.end()) continue;
    const double before = left.by_name.at(name);
    table.rows.push_back({name, readable(before), readable(found->second),
                          before == 0 ? "-" : readable(found->second / before)});
  }
  if (table.rows.empty())
    throw std::runtime_error(a.string() + " and " + b.string() + " have no figure in common.");
  return "A  " + left.title + "\nB  " + right.title + "\n" + differing_options(left, right) +
         as_text(table);
}

}  // namespace inboxd::bench
