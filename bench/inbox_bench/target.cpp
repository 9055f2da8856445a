#include "bench/inbox_bench/target.hpp"

#include <stdexcept>

#include "apps/client/token.hpp"
#include "model/json.hpp"

namespace inboxd::bench {

Target::Target(const TargetOptions& options) : options_(options) {
  if (options_.url.empty()) {
    if (options_.data.empty()) {
      dir_ = std::make_unique<TempDir>(options_.place);
      options_.data = dir_->path() / "data";
    }
    // All load comes from a few principals here: the polite rates of a real network would be
    // measured instead of the engine.
    std::vector<std::string> options{"--commands-per-s=1000000",
                                     "--principal-commands-per-s=10000000"};
    options.insert(options.end(), options_.engine_options.begin(), options_.engine_options.end());
    if (options_.prepare) options_.prepare(options_.data);
    engine_ = std::make_unique<EngineProcess>(options_.data, options);
  } else if (options_.data.empty()) {
    throw std::runtime_error("--url needs --data, the engine's data directory, to sign tokens.");
  }
  key_ = client::read_signing_key(options_.data);
  if (engine_) return;
  (void)client::Url::parse(options_.url);
  if (options_.pid != 0 && !std::filesystem::exists("/proc/" + std::to_string(options_.pid)))
    throw std::runtime_error("--pid: there is no process " + std::to_string(options_.pid) + ".");
}

client::Url Target::url() const {
  return client::Url::parse(engine_ ? engine_->url() : options_.url);
}

pid_t Target::pid() const {
  return engine_ ? engine_->pid() : options_.pid;
}

std::string Target::agent(const std::string& id, const std::string& role) const {
  return client::make_token(
      {.sub = id, .workspace = options_.workspace, .kind = "agent", .role = role}, key_);
}

std::string Target::connector(const std::string& channel, unsigned number) const {
  return client::make_token({.sub = "connector-" + std::to_string(number),
                             .workspace = options_.workspace,
                             .kind = "connector",
                             .channel = channel},
                            key_);
}

std::string Target::admin() const {
  return client::make_token(
      {.sub = "bench", .workspace = options_.workspace, .kind = "service", .role = "admin"}, key_);
}

Driver::Target Target::agents() const {
  return {url(), [this](unsigned i) { return agent(agent_id(i)); }, patience()};
}

std::string agent_id(unsigned number) {
  return "agent-" + std::to_string(number);
}

void set_up_desk(Session& admin, unsigned agents) {
  admin.must("channel.put", R"({"id":"bench","kind":"webchat","name":"Bench"})");
  constexpr unsigned depth = 32;
  admin.must_all(agents, depth, [](std::uint64_t i) {
    const auto id = agent_id(static_cast<unsigned>(i));
    std::string params;
    model::json::Object{params}("id", id)("name", id)("role", "agent")("visibility", "all");
    return std::pair<std::string_view, std::string>("agent.put", params);
  });
}

}  // namespace inboxd::bench
