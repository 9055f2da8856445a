#include "tests/support/server.hpp"

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "tests/support/programs.hpp"

namespace inboxd::tests {

Server::Server(std::vector<std::string> options, std::filesystem::path data)
    : data_(data.empty() ? dir_ / "data" : std::move(data)), options_(std::move(options)) {
  start();
}

std::string Server::log() const {
  std::ostringstream text;
  text << std::ifstream(dir_ / "log").rdbuf();
  return text.str();
}

void Server::start() {
  std::vector<std::string> arguments{"--data", data_.string(), "--listen", "127.0.0.1:0"};
  arguments.insert(arguments.end(), options_.begin(), options_.end());
  process_ = std::make_unique<Process>(inboxd_program(), arguments, dir_ / "log");

  static const std::string announcement = "listening on http://127.0.0.1:";
  const auto line = process_->wait_line(
      [](const std::string& text) { return text.find(announcement) != std::string::npos; });
  if (!line) throw std::runtime_error("inboxd did not start:\n" + process_->output() + log());
  const std::string number = line->substr(line->find(announcement) + announcement.size());
  port_ = static_cast<std::uint16_t>(std::stoul(number));
}

void Server::kill() {
  process_->signal(SIGKILL);
  process_->wait();
}

int Server::terminate() {
  process_->signal(SIGTERM);
  return process_->wait();
}

void Server::restart() {
  kill();
  start();
}

std::string Server::token(const TokenClaims& claims) const {
  return make_token(claims, read_signing_key(data_));
}

RpcClient Server::open(const TokenClaims& claims) const {
  RpcClient client = connect();
  client.must("session.open", {{"token", token(claims)}});
  return client;
}

RpcClient Server::agent(const std::string& id, const std::string& role) const {
  return open({.sub = id, .kind = "agent", .role = role});
}

RpcClient Server::service(const std::string& id, const std::string& role) const {
  return open({.sub = id, .kind = "service", .role = role});
}

RpcClient Server::connector(const std::string& channel, const std::string& id) const {
  return open({.sub = id, .kind = "connector", .role = "", .channel = channel});
}

}  // namespace inboxd::tests
