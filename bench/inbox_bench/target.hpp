// The engine under load: one that the bench starts on a temporary directory, or a given one.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "apps/client/connection.hpp"
#include "bench/inbox_bench/child.hpp"
#include "bench/inbox_bench/driver.hpp"
#include "bench/inbox_bench/session.hpp"

namespace inboxd::bench {

struct TargetOptions {
  std::string url;  // empty: start one
  /// Of the given engine, for its signing key; or where the started one works. Empty: a directory
  /// that goes away at the end.
  std::filesystem::path data;
  std::string workspace = "default";
  pid_t pid = 0;                // of the given engine, to measure it; 0: unknown
  std::filesystem::path place;  // where the started engine's directory is made
  std::vector<std::string> engine_options;
  std::chrono::milliseconds patience{30'000};  // for an answer; then the run fails
  /// Called with the started engine's directory before the start, to fill it.
  std::function<void(const std::filesystem::path& data)> prepare;
};

class Target {
 public:
  explicit Target(const TargetOptions& options);

  client::Url url() const;
  /// Nothing when it is not known.
  pid_t pid() const;
  bool own() const { return engine_ != nullptr; }
  EngineProcess& engine() { return *engine_; }

  std::string agent(const std::string& id, const std::string& role = "agent") const;
  std::string connector(const std::string& channel, unsigned number) const;
  std::string admin() const;

  std::chrono::milliseconds patience() const { return options_.patience; }
  /// A session of the workspace's admin, for what is not measured.
  Session admin_session(client::Loop& loop) const { return {loop, url(), admin(), patience()}; }
  /// Connections of connectors of the channel `bench`, and of agents. They refer to this target.
  Driver::Target connectors() const {
    return {url(), [this](unsigned i) { return connector("bench", i); }, patience()};
  }
  Driver::Target agents() const;

 private:
  TargetOptions options_;
  std::unique_ptr<TempDir> dir_;
  std::unique_ptr<EngineProcess> engine_;
  std::string key_;
};

/// "agent-7".
std::string agent_id(unsigned number);

/// Puts the channel `bench` (webchat) and `agents` agents who see everything.
void set_up_desk(Session& admin, unsigned agents);

}  // namespace inboxd::bench
