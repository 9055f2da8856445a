#include "actors/resting_contact.hpp"

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>

#include "persistence/contact_record.hpp"

namespace inboxd::actors {
namespace {

using Size = std::uint32_t;

}  // namespace

RestingContact::RestingContact(const model::Contact& contact, model::RowPtr row)
    : row_(std::move(row)) {
  constexpr std::size_t as_a_rule = 160;
  std::string bytes;
  bytes.reserve(as_a_rule);
  persistence::write_beside_row(bytes, contact);
  const auto size = static_cast<Size>(bytes.size());
  packed_ = std::make_unique_for_overwrite<char[]>(sizeof size + size);
  std::memcpy(packed_.get(), &size, sizeof size);
  std::memcpy(packed_.get() + sizeof size, bytes.data(), size);
}

RestingContact::RestingContact(const RestingContact& other)
    : RestingContact(other ? RestingContact(other.contact(), other.row_) : RestingContact()) {}

model::Contact RestingContact::contact() const {
  Size size = 0;
  std::memcpy(&size, packed_.get(), sizeof size);
  return persistence::read_beside_row(*row_, {packed_.get() + sizeof size, size});
}

}  // namespace inboxd::actors
