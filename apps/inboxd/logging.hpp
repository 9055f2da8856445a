// Logs go to standard error, one line an event.
#pragma once

#include <string>

namespace inboxd::app {

/// `format` is text or json; `level` is spdlog's name.
void set_up_logging(const std::string& level, const std::string& format);

}  // namespace inboxd::app
