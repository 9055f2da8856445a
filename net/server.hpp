// The network side as a whole: listener, connections, and the way from the engine to the sockets.
// One thread runs it; `report_start`, `attach`, `deliver` and `stop` may be called from any.
#pragma once

#include <cstdint>
#include <memory>

#include "actors/engine.hpp"
#include "net/options.hpp"
#include "net/token.hpp"

namespace boost::asio {
class io_context;
}

namespace inboxd::net {

class Server final : public actors::Outlet {
 public:
  /// Reads the TLS files. Throws std::runtime_error with a full sentence.
  Server(Options options, TokenKeys keys);
  ~Server() override;

  /// What the engine does as long as it starts, and how far it is: a line for /readyz.
  void report_start(std::string what);

  /// The engine, made with this server as its outlet and ready. Until then every request is
  /// answered 503, and /readyz says why.
  void attach(actors::EngineFace& engine);

  /// Opens the port and returns its number. Throws std::runtime_error with a full sentence.
  std::uint16_t listen();

  /// Serves until `stop` has closed every connection.
  void run();

  /// Accepts nobody any more, answers what is in flight, closes every session with 1001, and lets
  /// `run` return; after `Options::stop_timeout` it waits no longer.
  void stop();

  /// Reads the TLS files again for connections from here on. Keeps the old ones, and returns why,
  /// if they are no good. On the thread of `run`, or before it.
  std::string reload_tls();

  void deliver(std::vector<actors::Outgoing> batch) override;
  double pressure() const override;
  double busy() const override;

  /// For signals and the like of the same thread.
  boost::asio::io_context& context();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace inboxd::net
