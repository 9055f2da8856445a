// Identities and positions as types of their own, so that a contact never passes for an agent nor a
// seq for an offset.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "model/symbol_table.hpp"

namespace inboxd::model {

/// A short text that recurs in many places (an agent's id, a tag): kept once in the process,
/// compared by address, copied as one pointer. Interning and `find` take a lock; reading and
/// copying take none. Interned text is never given back: the set of agents, teams, channels and
/// tags of a contact centre is small and stable. So what a client names is only looked up
/// (`find`), and interned when something of that name is made (`limits::names_max` bounds that).
template <class Kind>
class Symbol {
 public:
  Symbol() noexcept : text_(&none()) {}
  explicit Symbol(std::string_view text) : text_(text.empty() ? &none() : &table().intern(text)) {}

  /// The symbol with this text if there is one (never the empty one); keeps nothing of the text.
  static std::optional<Symbol> find(std::string_view text) {
    const auto* known = table().find(text);
    return known != nullptr ? std::optional(Symbol(known)) : std::nullopt;
  }
  /// How many different texts there are of this kind.
  static std::size_t count() { return table().size(); }

  const std::string& str() const noexcept { return *text_; }
  bool empty() const { return str().empty(); }

  friend bool operator==(const Symbol& a, const Symbol& b) { return &a.str() == &b.str(); }
  /// Byte order of the texts (S11, S30).
  friend std::strong_ordering operator<=>(const Symbol& a, const Symbol& b) {
    if (a == b) return std::strong_ordering::equal;
    return a.str().compare(b.str()) < 0 ? std::strong_ordering::less
                                        : std::strong_ordering::greater;
  }
  friend std::ostream& operator<<(std::ostream& out, const Symbol& s) { return out << s.str(); }

 private:
  explicit Symbol(const std::string* text) : text_(text) {}

  static const std::string& none() noexcept {
    static const std::string empty;
    return empty;
  }
  static SymbolTable& table() {
    static auto& texts = *new SymbolTable;  // outlives whatever static object still has a symbol
    return texts;
  }

  const std::string* text_;  // never null; trivially copied and moved
};

// Tags of the strong types.
namespace kinds {
struct Workspace {};
struct Agent {};
struct Team {};
struct Channel {};
struct Field {};
struct View {};
struct Tag {};
}  // namespace kinds

using WorkspaceId = Symbol<kinds::Workspace>;
using AgentId = Symbol<kinds::Agent>;
using TeamId = Symbol<kinds::Team>;
using ChannelId = Symbol<kinds::Channel>;
using FieldId = Symbol<kinds::Field>;
using ViewId = Symbol<kinds::View>;
using Tag = Symbol<kinds::Tag>;

/// A whole number of one meaning. `++` and `+ n` step it; two meanings do not mix.
template <class Kind>
struct Position {
  std::uint64_t value = 0;

  friend auto operator<=>(const Position&, const Position&) = default;
  Position& operator++() {
    ++value;
    return *this;
  }
  friend Position operator+(Position p, std::uint64_t n) { return {p.value + n}; }
  friend Position operator-(Position p, std::uint64_t n) { return {p.value - n}; }
  friend std::ostream& operator<<(std::ostream& out, const Position& p) { return out << p.value; }
};

/// Position in the engine's total order of committed changes; the first commit is 1 (S1).
using Offset = Position<struct OffsetKind>;
/// Place of an entry in its contact's timeline, from 1 without gaps.
using Seq = Position<struct SeqKind>;
/// Grows by one with each commit that changes a contact's state or details (S3).
using Version = Position<struct VersionKind>;

/// A contact's id: given by the engine, never reused (S38). On the wire it is fixed-width text
/// whose byte order is the numeric order, so that sorts by id (S30) compare integers.
struct ContactId {
  std::uint64_t value = 0;  // 1 … 2^55 − 1; 0 is no contact

  static constexpr std::size_t text_size = 12;  // "c" and eleven base-32 digits

  std::string str() const;
  void append_to(std::string& out) const;
  /// Nothing unless `text` is exactly what `str()` gives for some contact.
  static std::optional<ContactId> parse(std::string_view text);

  friend auto operator<=>(const ContactId&, const ContactId&) = default;
  friend std::ostream& operator<<(std::ostream& out, const ContactId& id) {
    return out << id.str();
  }
};

/// True for ids that people choose (agents, teams, channels, fields, views): `[A-Za-z0-9_.-]{1,64}`
/// (S38).
bool is_chosen_id(std::string_view text);

}  // namespace inboxd::model

template <class Kind>
struct std::hash<inboxd::model::Symbol<Kind>> {
  std::size_t operator()(const inboxd::model::Symbol<Kind>& s) const noexcept {
    return std::hash<const void*>{}(&s.str());
  }
};

template <class Kind>
struct std::hash<inboxd::model::Position<Kind>> {
  std::size_t operator()(const inboxd::model::Position<Kind>& p) const noexcept {
    return std::hash<std::uint64_t>{}(p.value);
  }
};

template <>
struct std::hash<inboxd::model::ContactId> {
  std::size_t operator()(const inboxd::model::ContactId& id) const noexcept {
    // Ids are consecutive: multiply, so that tables that use the low bits stay even.
    return static_cast<std::size_t>(id.value * 0x9E3779B97F4A7C15ULL >> 8);
  }
};
