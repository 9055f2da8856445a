#include "actors/commit.hpp"

#include "actors/offset_mark.hpp"

namespace inboxd::actors {

void Commit::placed(model::Offset at_offset) {
  offset = at_offset;
  for (auto& change : entries) change.entry->offset = offset;
  for (auto& state : states) state->changed_at = offset;
}

void place_offsets(Commit& commit) {
  for (auto& change : commit.entries) place_offset(*change.text, commit.offset);
  for (auto& text : commit.unplaced) place_offset(*text, commit.offset);
  for (auto& out : commit.out) {
    if (auto* answer = std::get_if<Answer>(&out)) place_offset(answer->body, commit.offset);
  }
}

}  // namespace inboxd::actors
