// What a reader of our own data throws when it is not as it was written: the disk or the program is
// broken.
#pragma once

#include <stdexcept>

namespace inboxd::persistence {

struct FormatError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace inboxd::persistence
