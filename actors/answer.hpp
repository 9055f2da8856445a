// The bodies of answers, with offset marks where the commit's offset goes.
#pragma once

#include <string>

#include "actors/commit.hpp"
#include "model/command.hpp"
#include "model/decide.hpp"
#include "model/error.hpp"

namespace inboxd::actors {

/// `"error":{…}`.
std::string error_answer(const model::Error& error);

/// What an answer to a command names beside offset and version.
enum class Named : std::uint8_t { nothing, contact, entry, place };
Named named_by(const model::Command& command);

/// What a commit's answer is to hold.
struct AnswerShape {
  Named named = Named::nothing;
  std::optional<model::Seq> entry;
};
AnswerShape answer_shape(const model::Command& command, const model::Decision& decision);

/// The answer to a command that was committed: `contact` is the state after it, `entry_text` the
/// named entry's wire form with its offset mark.
std::string answer_of_commit(const AnswerShape& shape, const model::Contact& contact,
                             std::string_view entry_text, const model::Workspace& workspace,
                             model::Timestamp now);

/// The answer to a command that changed nothing: a no-op (S4), or a duplicate of `entry` (S22).
std::string answer_without_change(const AnswerShape& shape, const model::Decision& decision,
                                  const model::Contact& contact, const model::Entry* entry,
                                  const model::Workspace& workspace, model::Timestamp now);

}  // namespace inboxd::actors
