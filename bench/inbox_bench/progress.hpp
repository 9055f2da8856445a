// What is going on, in one line that overwrites itself; nothing when nobody looks at a terminal.
#pragma once

#include <cstdio>
#include <string>
#include <unistd.h>

namespace inboxd::bench {

class Progress {
 public:
  ~Progress() { say(""); }
  void say(const std::string& text) const {
    if (on_) std::fprintf(stderr, "\r\033[K%s", text.c_str());
  }

 private:
  bool on_ = ::isatty(STDERR_FILENO) == 1;
};

}  // namespace inboxd::bench
