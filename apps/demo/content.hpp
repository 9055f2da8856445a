// What the demo's people are called and what they say, in Spanish and English. Data only.
#pragma once

#include <span>
#include <string_view>
#include <vector>

namespace inboxd::demo {

enum class Language : unsigned char { spanish, english };

/// One conversation as it usually goes. A line begins with `<` (the customer), `>` (the agent) or
/// `#` (an internal comment; `@` in it mentions a colleague). `{name} {agent} {order} {product}
/// {city} {day} {amount}` are filled in.
struct Script {
  Language language;
  std::string_view category;  // of the closing note
  std::string_view summary;   // of the closing note
  std::vector<std::string_view> tags;
  std::string_view priority;  // "" leaves it alone
  std::vector<std::string_view> lines;
};

struct Names {
  std::span<const std::string_view> first, last, cities, products, days;
  /// What a customer answers when the script says nothing more.
  std::span<const std::string_view> endings;
  /// What a customer who was not answered writes again.
  std::span<const std::string_view> reminders;
  /// What opens a new matter after one was closed.
  std::span<const std::string_view> reopenings;
};

std::span<const Script> scripts();
const Names& names(Language language);

}  // namespace inboxd::demo
