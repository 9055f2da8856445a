// Keys of the state store. Numbers are big-endian, so that RocksDB's byte order is theirs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "model/ids.hpp"
#include "persistence/store.hpp"

namespace inboxd::persistence::keys {

inline void put(std::string& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift & 0xFF);
}
inline std::uint64_t get(std::string_view bytes, std::size_t at = 0) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    number = number << 8 | static_cast<unsigned char>(bytes[at + i]);
  }
  return number;
}

inline std::string contact(model::ContactId id) {
  std::string key;
  put(key, id.value);
  return key;
}
/// `entries`, `pending`; also what `provider_ids` leads to.
inline std::string entry(model::ContactId id, model::Seq seq) {
  auto key = contact(id);
  put(key, seq.value);
  return key;
}
/// `changed`: entries that were changed after they were made.
inline std::string changed(model::ContactId id, model::Offset offset, model::Seq seq) {
  auto key = contact(id);
  put(key, offset.value);
  put(key, seq.value);
  return key;
}
/// `client_ids`. The author's id has no zero byte (S38, or a contact's id), so the parts do not run
/// together.
inline std::string client(const ClientKey& k) {
  auto key = contact(k.contact);
  key += static_cast<char>('a' + static_cast<int>(k.kind));
  key += k.author;
  key += '\0';
  key += k.client_id;
  return key;
}
/// `provider_ids`.
inline std::string provider(const ProviderKey& k) {
  auto key = k.workspace.str();
  key += '\0';
  key += k.channel.str();
  key += '\0';
  key += k.direction == model::Direction::in ? 'i' : 'o';
  key += k.provider_id;
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
