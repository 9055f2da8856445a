// Text as the model needs it: valid UTF-8, white space, code points. No locale, no tables of case.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace inboxd::model {

/// Well-formed UTF-8 as RFC 3629 says: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);

/// Has a control character (C0, DEL or C1), a line break included. `text` is valid UTF-8.
bool has_control(std::string_view text);

/// Without white space (Unicode's White_Space) at both ends. `text` is valid UTF-8.
std::string_view trimmed(std::string_view text);

/// The first `count` code points, runs of white space as one space, trimmed (S10). `text` is valid
/// UTF-8.
std::string squeezed(std::string_view text, std::size_t count);

}  // namespace inboxd::model
