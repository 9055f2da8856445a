// The real inboxd on a free port and a temporary data directory, for end-to-end tests.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "tests/support/process.hpp"
#include "tests/support/rpc_client.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/token.hpp"

namespace inboxd::tests {

class Server {
 public:
  /// Starts it with `--data` and `--listen` and these options besides, and waits until it listens.
  /// Throws std::runtime_error with its log when it does not.
  /// `data`: where its data directory is; empty: a temporary place.
  explicit Server(std::vector<std::string> options = {}, std::filesystem::path data = {});

  std::uint16_t port() const { return port_; }
  const std::filesystem::path& data() const { return data_; }
  Process& process() { return *process_; }
  /// What it has written to standard error since the first start.
  std::string log() const;

  void start();     // after kill or terminate; on another port than before
  void kill();      // SIGKILL, and waits for the end
  int terminate();  // SIGTERM: the exit code
  void restart();   // kill, start

  std::string token(const TokenClaims& claims) const;
  /// A connection that has not opened a session.
  RpcClient connect() const { return RpcClient(port_); }
  /// A connection with its session open.
  RpcClient open(const TokenClaims& claims) const;
  RpcClient agent(const std::string& id, const std::string& role = "agent") const;
  RpcClient admin(const std::string& id = "root") const { return agent(id, "admin"); }
  RpcClient service(const std::string& id, const std::string& role = "admin") const;
  RpcClient connector(const std::string& channel, const std::string& id = "connector") const;

 private:
  TempDir dir_;
  std::filesystem::path data_;
  std::vector<std::string> options_;
  std::unique_ptr<Process> process_;
  std::uint16_t port_ = 0;
};

}  // namespace inboxd::tests
