// An entry's JSON, the shape of PROTOCOL.md "Entry": made once, and the same bytes go to the
// journal, the store, every subscriber and every later page. Reading it back:
// persistence/state_json.hpp.
#pragma once

#include <string>

#include "model/entry.hpp"
#include "model/ids.hpp"

namespace inboxd::model {

/// Appends the entry's object. `offset` is its last member.
void write_entry(std::string& out, ContactId contact, const Entry& entry);

/// Appends all of it but `,"offset":N}`, for bytes made before the offset is known. Finish with
/// `close_entry`.
void write_entry_open(std::string& out, ContactId contact, const Entry& entry);
void close_entry(std::string& out, Offset offset);

/// A custom field's value. A number always has a fraction or an exponent (`5.0`) and a date never
/// has (`5`), so that both read back as what they were; to a JSON reader they are numbers alike.
void write_field_value(std::string& out, const FieldValue& value);

/// `{"assignee":…,"team":…}`, nulls included.
void write_assignment(std::string& out, const Assignment& assignment);

/// The members of a message's content (`type`, `text`, …), for an object that is open.
namespace json {
class Object;
}
void write_content(json::Object& object, const Content& content);

}  // namespace inboxd::model
