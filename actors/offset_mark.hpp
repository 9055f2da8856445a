// Texts are made before their commit has its place in the order: a mark stands where the offset
// goes, and is replaced when the place is known. The mark is a control character, which JSON text
// never holds unescaped.
#pragma once

#include <string>

#include "model/ids.hpp"

namespace inboxd::actors {

inline constexpr char offset_mark = '\x01';

/// Replaces every mark by `offset`.
void place_offset(std::string& text, model::Offset offset);

}  // namespace inboxd::actors
