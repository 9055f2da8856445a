// Text comparison that ignores case (S29 `contains`, `starts_with`).
#pragma once

#include <string>
#include <string_view>

namespace inboxd::model {

/// `text` (UTF-8) with the capitals of the Latin, Greek and Cyrillic alphabets made small; other
/// scripts, which have no case or none that customers' names use, stay as they are.
std::string fold_case(std::string_view text);

}  // namespace inboxd::model
