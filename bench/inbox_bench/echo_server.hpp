// What a WebSocket server costs that does nothing: Beast as its examples use it.
#pragma once

namespace inboxd::bench {

/// Serves echoes on a free port of 127.0.0.1, which it first writes to `output` as a line, until
/// the process ends. One thread.
void serve_echo(int output);

}  // namespace inboxd::bench
