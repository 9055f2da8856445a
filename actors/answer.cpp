#include "actors/answer.hpp"

#include "actors/offset_mark.hpp"
#include "model/contact_json.hpp"
#include "model/entry_json.hpp"
#include "model/error_json.hpp"
#include "model/json.hpp"
#include "model/overload.hpp"

namespace inboxd::actors {

using model::json::Object;

std::string error_answer(const model::Error& error) {
  std::string body = "\"error\":";
  model::write_error(body, error);
  return body;
}

Named named_by(const model::Command& command) {
  return std::visit(model::overload{
                        [](const model::CreateContact&) { return Named::contact; },
                        [](const model::UpdateContact&) { return Named::contact; },
                        [](const model::SendMessage&) { return Named::entry; },
                        [](const model::AddComment&) { return Named::entry; },
                        [](const model::ReceiveInbound&) { return Named::place; },
                        [](const auto&) { return Named::nothing; },
                    },
                    command);
}

AnswerShape answer_shape(const model::Command& command, const model::Decision& decision) {
  return {.named = named_by(command), .entry = decision.entry};
}

std::string answer_of_commit(const AnswerShape& shape, const model::Contact& contact,
                             std::string_view entry_text, const model::Workspace& workspace,
                             model::Timestamp now) {
  std::string body = "\"result\":";
  Object result(body);
  result.key("offset") += offset_mark;
  if (shape.named == Named::place) {
    result("contact", contact.id)("seq", shape.entry.value_or(model::Seq{}))("duplicate", false);
  } else {
    result("version", contact.version);
    if (shape.named == Named::contact)
      model::write_contact(result.key("contact"), contact, workspace, now);
    if (shape.named == Named::entry) result.key("entry") += entry_text;
  }
  result.close();
  return body;
}

std::string answer_without_change(const AnswerShape& shape, const model::Decision& decision,
                                  const model::Contact& contact, const model::Entry* entry,
                                  const model::Workspace& workspace, model::Timestamp now) {
  const bool repeats = decision.duplicate && entry != nullptr;
  std::string body = "\"result\":";
  Object result(body);
  result("offset", repeats ? entry->offset : contact.changed_at);
  if (shape.named == Named::place) {
    result("contact", contact.id)("seq", entry != nullptr ? entry->seq : model::Seq{})(
        "duplicate", decision.duplicate);
  } else {
    result("version", contact.version);
    if (shape.named == Named::contact)
      model::write_contact(result.key("contact"), contact, workspace, now);
    if (shape.named == Named::entry && entry != nullptr) {
      model::write_entry(result.key("entry"), contact.id, *entry);
      result("duplicate", decision.duplicate);
    }
  }
  result.close();
  return body;
}

}  // namespace inboxd::actors
