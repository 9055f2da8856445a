#include "persistence/search/query.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <utility>

#include "persistence/search/document.hpp"

namespace inboxd::search {
namespace {

using Kind = Condition::Kind;

struct OperatorName {
  std::string_view name;
  Kind kind;
};
constexpr std::array operator_names{
    OperatorName{"tag", Kind::tag},           OperatorName{"etiqueta", Kind::tag},
    OperatorName{"channel", Kind::channel},   OperatorName{"canal", Kind::channel},
    OperatorName{"assignee", Kind::assignee}, OperatorName{"asignado", Kind::assignee},
    OperatorName{"status", Kind::status},     OperatorName{"estado", Kind::status},
    OperatorName{"before", Kind::before},     OperatorName{"antes", Kind::before},
    OperatorName{"after", Kind::after},       OperatorName{"despues", Kind::after},
};

constexpr std::size_t operator_bytes_max = 16;  // of a name as typed, before the colon

struct StatusName {
  std::string_view typed, name;
};
constexpr std::array status_names{
    StatusName{"open", "open"},       StatusName{"pendiente", "open"},
    StatusName{"done", "done"},       StatusName{"hecho", "done"},
    StatusName{"snoozed", "snoozed"}, StatusName{"pospuesto", "snoozed"},
};

model::Error bad(std::string message) {
  return model::invalid("query", std::move(message));
}

bool is_space(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == 0x7F;
}

/// A quotation mark at the beginning of `text`: its length in bytes, else 0.
std::size_t quote_at(std::string_view text) {
  for (const std::string_view mark : {"\"", "“", "”", "«", "»", "„"}) {
    if (text.starts_with(mark)) return mark.size();
  }
  return 0;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

/// `2026`, `2026-11`, `2026-11-27`: its first moment, UTC.
std::optional<model::Timestamp> date(std::string_view text) {
  std::array<std::int64_t, 3> parts{0, 1, 1};
  std::size_t count = 0;
  while (count < parts.size()) {
    const auto dash = std::min(text.find('-'), text.size());
    const auto part = text.substr(0, dash);
    const auto value = number(part);
    if (!value || part.size() != (count == 0 ? 4 : 2)) return std::nullopt;
    parts[count++] = *value;
    if (dash == text.size()) {
      text = {};
      break;
    }
    text.remove_prefix(dash + 1);
    if (count == parts.size()) return std::nullopt;
  }
  const std::chrono::year_month_day day{std::chrono::year(static_cast<int>(parts[0])),
                                        std::chrono::month(static_cast<unsigned>(parts[1])),
                                        std::chrono::day(static_cast<unsigned>(parts[2]))};
  if (!day.ok()) return std::nullopt;
  const auto since = std::chrono::sys_days(day).time_since_epoch();
  return model::Timestamp{std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

/// `7d`, `12h`, `30m`: so long before now.
std::optional<model::Timestamp> ago(std::string_view text, model::Timestamp now) {
  if (text.size() < 2 || text.size() > 7) return std::nullopt;
  const auto count = number(text.substr(0, text.size() - 1));
  if (!count || *count < 0) return std::nullopt;
  switch (text.back()) {
    case 'd': return now - model::days(*count);
    case 'h': return now - model::hours(*count);
    case 'm': return now - model::minutes(*count);
    default: return std::nullopt;
  }
}

class Parser {
 public:
  Parser(std::string_view text, model::Timestamp now) : rest_(text), now_(now) {}

  model::Result<Query> parse() {
    for (skip_spaces(); !rest_.empty(); skip_spaces()) {
      if (auto error = item()) return *error;
    }
    std::size_t words = 0;
    for (const auto& term : query_.terms) words += term.words.size();
    if (words > query_words_max) {
      return bad("A search has at most " + std::to_string(query_words_max) +
                 " words; this one has " + std::to_string(words) + ".");
    }
    return std::move(query_);
  }

 private:
  void skip_spaces() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }

  std::optional<model::Error> item() {
    bool negated = false;
    if (rest_.front() == '-' && rest_.size() > 1 && !is_space(rest_[1])) {
      negated = true;
      rest_.remove_prefix(1);
    }
    if (quote_at(rest_) > 0) {
      Term term{.phrase = true, .negated = negated};
      term.words = query_words_of(quoted(term.open));
      add(std::move(term));
      return std::nullopt;
    }
    const auto colon = rest_.find(':');
    if (colon < operator_bytes_max) {
      const auto name = folded(rest_.substr(0, colon));
      for (const auto& known : operator_names) {
        if (known.name == name) return condition(known, colon, negated);
      }
    }
    plain(negated);
    return std::nullopt;
  }

  /// What stands in quotes; the quotes are taken too.
  std::string_view quoted(bool& open) {
    rest_.remove_prefix(quote_at(rest_));
    std::size_t end = 0;
    while (end < rest_.size() && quote_at(rest_.substr(end)) == 0) ++end;
    const auto inside = rest_.substr(0, end);
    rest_.remove_prefix(end);
    open = rest_.empty();
    rest_.remove_prefix(quote_at(rest_));
    return inside;
  }

  std::string_view up_to_space() {
    std::size_t end = 0;
    while (end < rest_.size() && !is_space(rest_[end]) && quote_at(rest_.substr(end)) == 0) ++end;
    const auto text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return text;
  }

  void plain(bool negated) {
    const auto text = up_to_space();
    Term term{.words = query_words_of(text), .negated = negated};
    if (is_number(text)) term.digits = digits_of(text);
    add(std::move(term));
  }

  /// Punctuation alone is no term. A term of several words that is not negated is as many terms.
  void add(Term&& term) {
    if (term.words.empty()) return;
    for (auto& word : term.words) word.stems = Stems::here().of(word.text);
    if (term.phrase && term.words.size() == 1 && term.open) term.phrase = false;
    const bool whole = term.phrase || term.negated || !term.digits.empty();
    if (whole || term.words.size() == 1) {
      query_.terms.push_back(std::move(term));
      return;
    }
    for (auto& word : term.words) query_.terms.push_back({.words = {std::move(word)}});
  }

  std::optional<model::Error> condition(const OperatorName& op, std::size_t colon, bool negated) {
    const std::string name(rest_.substr(0, colon));
    rest_.remove_prefix(colon + 1);
    Condition condition{.kind = op.kind, .negated = negated};
    if (quote_at(rest_) > 0) {
      bool open = false;
      condition.value = quoted(open);
      condition.quoted = !open;
    } else {
      condition.value = up_to_space();
    }
    if (condition.value.empty()) return bad("`" + name + ":` needs a value" + example(op.kind));
    if (op.kind == Kind::status) {
      const auto typed = folded(condition.value);
      const auto* const known =
          std::find_if(status_names.begin(), status_names.end(),
                       [&](const StatusName& status) { return status.typed == typed; });
      if (known == status_names.end())
        return bad("`" + name + ":` takes open, done or snoozed, not " + condition.value + ".");
      condition.value = known->name;
    }
    if (op.kind == Kind::before || op.kind == Kind::after) {
      auto at = date(condition.value);
      if (!at) at = ago(condition.value, now_);
      if (!at)
        return bad("`" + name + ":` does not understand " + condition.value + example(op.kind));
      condition.at = *at;
    }
    query_.conditions.push_back(std::move(condition));
    return std::nullopt;
  }

  static std::string example(Kind kind) {
    switch (kind) {
      case Kind::tag: return ", such as tag:vip.";
      case Kind::channel: return ", such as channel:whatsapp.";
      case Kind::assignee: return ", such as assignee:me or assignee:none.";
      case Kind::status: return ": open, done or snoozed.";
      default:
        return ": a date such as 2026-11-27, 2026-11 or 2026, or a length of time such as 7d.";
    }
  }

  std::string_view rest_;
  model::Timestamp now_;
  Query query_;
};

}  // namespace

model::Result<Query> parse_query(std::string_view text, model::Timestamp now) {
  return Parser(text, now).parse();
}

}  // namespace inboxd::search
