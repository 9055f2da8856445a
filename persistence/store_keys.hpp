// Keys of the state store. Numbers are big-endian, so that RocksDB's byte order is theirs.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "model/ids.hpp"
#include "persistence/store.hpp"

namespace inboxd::persistence::keys {

/// Keys that are numbers only, without memory of their own: a checkpoint makes hundreds of
/// thousands of them.
template <std::size_t count>
class Numbers {
 public:
  template <class... Number>
  requires(sizeof...(Number) == count) explicit Numbers(Number... numbers) {
    auto* at = bytes_.data();
    for (const std::uint64_t number : {numbers...}) {
      for (int shift = 56; shift >= 0; shift -= 8)
        *at++ = static_cast<char>(number >> shift & 0xFF);
    }
  }
  operator std::string_view() const { return {bytes_.data(), bytes_.size()}; }

 private:
  std::array<char, 8 * count> bytes_;
};
inline std::uint64_t get(std::string_view bytes, std::size_t at = 0) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return number;
}

inline Numbers<1> contact(model::ContactId id) {
  return Numbers<1>(id.value);
}
/// `entries`, `pending`; also what `provider_ids` leads to.
inline Numbers<2> entry(model::ContactId id, model::Seq seq) {
  return Numbers<2>(id.value, seq.value);
}
/// `changed`: entries that were changed after they were made.
inline Numbers<3> changed(model::ContactId id, model::Offset offset, model::Seq seq) {
  return Numbers<3>(id.value, offset.value, seq.value);
}
/// What `client_ids` leads to.
inline Numbers<1> seq(model::Seq seq) {
  return Numbers<1>(seq.value);
}
/// `client_ids`. The author's id has no zero byte (S38, or a contact's id), so the parts do not run
/// together.
inline std::string client(const ClientKey& k) {
  std::string key(contact(k.contact));
  key += static_cast<char>('a' + static_cast<int>(k.kind));
  key += k.author;
  key += '\0';
  key += k.client_id;
  return key;
}
/// `provider_ids`. Appends.
inline void provider(std::string& out, const ProviderKey& k) {
  out += k.workspace.str();
  out += '\0';
  out += k.channel.str();
  out += '\0';
  out += k.direction == model::Direction::in ? 'i' : 'o';
  out += k.provider_id;
}
inline std::string provider(const ProviderKey& k) {
  std::string key;
  provider(key, k);
  return key;
}
/// `workspace`: one record, or the workspace itself (empty kind).
inline std::string workspace(const model::WorkspaceId& id, std::string_view kind,
                             std::string_view record) {
  auto key = id.str();
  key += '\0';
  key += kind;
  key += '\0';
  key += record;
  return key;
}

}  // namespace inboxd::persistence::keys
