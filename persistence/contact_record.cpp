#include "persistence/contact_record.hpp"

#include <bit>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <type_traits>
#include <variant>
#include <vector>

#include "model/seq_set.hpp"
#include "model/shared_details.hpp"
#include "persistence/format_error.hpp"
#include "persistence/state_json.hpp"

namespace inboxd::persistence {
namespace {

using namespace model;  // the whole file is about its types

/// The first byte. JSON begins with `{`.
constexpr char record_version = 1;

/// Numbers are little-endian base-128 varints, text has its length before it, an optional value a 0
/// or 1, a list its count, a variant its index.
class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void operator()(std::uint64_t number) {
    char bytes[10];
    std::size_t size = 0;
    for (; number >= 0x80; number >>= 7) bytes[size++] = static_cast<char>(number | 0x80);
    bytes[size++] = static_cast<char>(number);
    out_.append(bytes, size);
  }
  void operator()(std::uint32_t number) { (*this)(std::uint64_t{number}); }
  void operator()(bool flag) { out_ += flag ? '\1' : '\0'; }
  void operator()(double number) { fixed(std::bit_cast<std::uint64_t>(number)); }
  void operator()(const std::string& text) {
    (*this)(std::uint64_t{text.size()});
    out_ += text;
  }
  template <class Kind>
  void operator()(const Symbol<Kind>& symbol) {
    (*this)(symbol.str());
  }
  template <class Kind>
  void operator()(const Position<Kind>& position) {
    (*this)(position.value);
  }
  void operator()(const ContactId& id) { (*this)(id.value); }
  void operator()(const Timestamp& time) { (*this)(static_cast<std::uint64_t>(time.ms)); }
  template <class Enum>
  requires std::is_enum_v<Enum>
  void operator()(const Enum& value) { out_ += static_cast<char>(value); }
  template <class T>
  void operator()(const std::optional<T>& value) {
    (*this)(value.has_value());
    if (value) (*this)(*value);
  }
  template <class T>
  void operator()(const std::vector<T>& list) {
    (*this)(std::uint64_t{list.size()});
    for (const auto& item : list) (*this)(item);
  }
  template <class Key, class Value>
  void operator()(const std::map<Key, Value>& map) {
    (*this)(std::uint64_t{map.size()});
    for (const auto& [key, value] : map) {
      (*this)(key);
      (*this)(value);
    }
  }
  template <class... Kinds>
  void operator()(const std::variant<Kinds...>& value) {
    (*this)(std::uint64_t{value.index()});
    std::visit(*this, value);
  }
  void operator()(const SeqSet& set) {
    (*this)(std::uint64_t{set.blocks().size()});
    for (const auto& block : set.blocks()) {
      (*this)(block.index);
      fixed(block.bits);
    }
  }
  template <class T>
  void operator()(const T& value) {
    members(*this, value);
  }

 private:
  void fixed(std::uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) out_ += static_cast<char>(number >> shift & 0xFF);
  }

  std::string& out_;
};

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  bool at_end() const { return rest_.empty(); }

  void operator()(std::uint64_t& number) {
    number = 0;
    constexpr int shift_max = 63;
    for (int shift = 0; shift <= shift_max; shift += 7) {
      const auto byte = next();
      number |= std::uint64_t{byte & 0x7FU} << shift;
      if (byte < 0x80) return;
    }
    throw FormatError("a contact's record has a number that does not end");
  }
  void operator()(std::uint32_t& number) {
    const auto wide = read<std::uint64_t>();
    number = static_cast<std::uint32_t>(wide);
    if (number != wide) throw FormatError("a contact's record has too large a number");
  }
  void operator()(bool& flag) { flag = small(2) == 1; }
  void operator()(double& number) { number = std::bit_cast<double>(fixed()); }
  void operator()(std::string& text) { text = std::string(read_text()); }
  template <class Kind>
  void operator()(Symbol<Kind>& symbol) {
    symbol = Symbol<Kind>(read_text());
  }
  template <class Kind>
  void operator()(Position<Kind>& position) {
    (*this)(position.value);
  }
  void operator()(ContactId& id) { (*this)(id.value); }
  void operator()(Timestamp& time) { time.ms = static_cast<std::int64_t>(read<std::uint64_t>()); }
  void operator()(ContactStatus& status) { named(status, ContactStatus::done); }
  void operator()(Priority& priority) { named(priority, Priority::urgent); }
  void operator()(Direction& direction) { named(direction, Direction::out); }
  void operator()(MessageType& type) { named(type, MessageType::unsupported); }
  void operator()(Status& status) { named(status, Status::read); }
  template <class T>
  void operator()(std::optional<T>& value) {
    value.reset();
    if (read<bool>()) value = read<T>();
  }
  template <class T>
  void operator()(std::vector<T>& list) {
    list.clear();
    for (auto left = count(); left > 0; --left) list.push_back(read<T>());
  }
  template <class Key, class Value>
  void operator()(std::map<Key, Value>& map) {
    map.clear();
    for (auto left = count(); left > 0; --left) {
      auto key = read<Key>();
      map.emplace(std::move(key), read<Value>());
    }
  }
  template <class... Kinds>
  void operator()(std::variant<Kinds...>& value) {
    auto index = small(sizeof...(Kinds));
    // The one of the kinds whose turn it is.
    static_cast<void>(((index-- == 0 && (value = read<Kinds>(), true)) || ...));
  }
  void operator()(SeqSet& set) {
    set.clear();
    for (auto left = count(); left > 0; --left) {
      const auto index = read<std::uint64_t>();
      if (!set.append({index, fixed()}))
        throw FormatError("a contact's record has its unread messages out of order");
    }
  }
  template <class T>
  void operator()(T& value) {
    members(*this, value);
  }

 private:
  template <class T>
  T read() {
    T value{};
    (*this)(value);
    return value;
  }
  std::uint8_t next() {
    if (rest_.empty()) throw FormatError("a contact's record ends early");
    const auto byte = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  std::uint64_t fixed() {
    std::uint64_t number = 0;
    for (int shift = 0; shift < 64; shift += 8) number |= std::uint64_t{next()} << shift;
    return number;
  }
  std::uint8_t small(std::size_t end) {
    const auto byte = next();
    if (byte >= end) throw FormatError("a contact's record has an unknown value");
    return byte;
  }
  template <class Enum>
  void named(Enum& value, Enum last) {
    value = static_cast<Enum>(small(static_cast<std::size_t>(last) + 1));
  }
  /// Each item takes a byte at least.
  std::uint64_t count() {
    const auto count = read<std::uint64_t>();
    if (count > rest_.size()) throw FormatError("a contact's record ends early");
    return count;
  }
  std::string_view read_text() {
    const auto size = count();
    const auto text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }

  std::string_view rest_;
};

/// The members of each part, in the order of the bytes: once for both directions. What comes anew
/// goes to the end of `Contact`, and `record_version` grows.
template <class T, class Of>
concept PartOf = std::is_same_v<std::remove_const_t<T>, Of>;

void members(auto& codec, PartOf<Details> auto& d) {
  codec(d.first_name), codec(d.last_name), codec(d.phone), codec(d.email);
  codec(d.language), codec(d.country), codec(d.avatar), codec(d.lifecycle), codec(d.fields);
}
void members(auto& codec, PartOf<Identity> auto& i) {
  codec(i.channel), codec(i.external_id), codec(i.last_inbound_at);
  codec(i.sends_since_inbound), codec(i.last_send_at);
}
void members(auto& codec, PartOf<Assignment> auto& a) {
  codec(a.assignee), codec(a.team);
}
void members(auto& codec, PartOf<Snooze> auto& s) {
  codec(s.until), codec(s.wake_on_inbound);
}
void members(auto& codec, PartOf<Conversation> auto& c) {
  codec(c.number), codec(c.opened_at), codec(c.first_response_at), codec(c.done_at);
}
void members(auto& codec, PartOf<LastMessage> auto& m) {
  codec(m.seq), codec(m.at), codec(m.direction), codec(m.type), codec(m.preview), codec(m.status);
}
/// Without its details.
void members(auto& codec, PartOf<Contact> auto& c) {
  codec(c.id), codec(c.version), codec(c.changed_at), codec(c.created_at);
  codec(c.tags), codec(c.priority), codec(c.identities);
  codec(c.status), codec(c.assignment), codec(c.snooze), codec(c.blocked), codec(c.conversation);
  codec(c.merged_into), codec(c.merged_base);
  codec(c.last_seq), codec(c.read_seq), codec(c.unread), codec(c.last_inbound_seq);
  codec(c.answered_seq), codec(c.last_inbound_channel), codec(c.last_inbound_at);
  codec(c.last_outbound_at), codec(c.sort_at), codec(c.waiting_since), codec(c.last_message);
}

/// Those of a contact that its row does not have.
void members_beside_row(auto& codec, PartOf<Contact> auto& c) {
  codec(c.changed_at), codec(c.created_at), codec(c.identities);
  codec(c.snooze), codec(c.conversation), codec(c.merged_into), codec(c.merged_base);
  codec(c.last_seq), codec(c.read_seq), codec(c.unread), codec(c.last_inbound_seq);
  codec(c.answered_seq), codec(c.last_inbound_channel);
}

}  // namespace

void write_contact_record(std::string& out, const WorkspaceId& workspace, const Contact& contact) {
  out += record_version;
  Writer writer(out);
  writer(workspace);
  writer(*contact.details);
  writer(contact);
}

std::pair<WorkspaceId, Contact> read_contact_record(std::string_view bytes) {
  if (bytes.starts_with('{')) return read_contact_state(bytes);
  if (!bytes.starts_with(record_version))
    throw FormatError("a contact's record of a later version, or none");
  Reader reader(bytes.substr(1));
  WorkspaceId workspace;
  Details details;
  Contact contact;
  reader(workspace);
  reader(details);
  reader(contact);
  if (!reader.at_end()) throw FormatError("a contact's record goes on after its end");
  contact.details = model::share(std::move(details));
  return {workspace, std::move(contact)};
}

void write_beside_row(std::string& out, const Contact& contact) {
  Writer writer(out);
  members_beside_row(writer, contact);
}

Contact read_beside_row(const Row& row, std::string_view bytes) {
  Contact contact{.id = row.id,
                  .version = row.version,
                  .changed_at = {},
                  .created_at = {},
                  .details = row.details,
                  .tags = row.tags,
                  .priority = row.priority,
                  .identities = {},
                  .status = row.status,
                  .assignment = row.assignment,
                  .snooze = std::nullopt,
                  .blocked = row.blocked,
                  .conversation = {},
                  .merged_into = std::nullopt,
                  .last_inbound_channel = std::nullopt,
                  .last_inbound_at = row.last_inbound_at,
                  .last_outbound_at = row.last_outbound_at,
                  .sort_at = row.sort_at,
                  .waiting_since = row.waiting_since,
                  .last_message = row.last_message};
  Reader reader(bytes);
  members_beside_row(reader, contact);
  if (!reader.at_end()) throw FormatError("a resting contact goes on after its end");
  return contact;
}

}  // namespace inboxd::persistence
