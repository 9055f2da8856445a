// A contact without an actor: what the lists hold of it anyway, and beside it, packed, what they do
// not. A tenth of what it takes at work, so that it comes back without the store being asked.
#pragma once

#include <memory>

#include "model/contact.hpp"
#include "model/row.hpp"

namespace inboxd::actors {

/// Or none: empty. Not thread-safe.
class RestingContact {
 public:
  RestingContact() = default;
  /// `row` is made of `contact`, and shared with whoever holds it.
  RestingContact(const model::Contact& contact, model::RowPtr row);
  RestingContact(RestingContact&&) noexcept = default;
  RestingContact& operator=(RestingContact&&) noexcept = default;
  RestingContact(const RestingContact& other);  // only CAF asks for it, and never calls it
  RestingContact& operator=(const RestingContact&) = delete;
  ~RestingContact() = default;

  explicit operator bool() const { return row_ != nullptr; }
  const model::RowPtr& row() const { return row_; }
  /// The contact as it was. Not of an empty one.
  model::Contact contact() const;

 private:
  model::RowPtr row_;
  std::unique_ptr<char[]> packed_;  // their size, and the bytes of `write_beside_row`
};

}  // namespace inboxd::actors
