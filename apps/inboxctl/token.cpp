// `inboxctl token`: a signed token on standard output, for agents, connectors and services.
#include "apps/client/token.hpp"

#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>

#include <CLI/CLI.hpp>

#include "apps/inboxctl/subcommands.hpp"

namespace inboxd::inboxctl {
namespace {

struct Options {
  std::string data;
  client::TokenClaims claims{.role = "agent"};
  std::chrono::seconds::rep ttl_s = 8 * 3600;
  bool role_given = false;
};

void run(const Options& options) {
  client::TokenClaims claims = options.claims;
  claims.ttl = std::chrono::seconds(options.ttl_s);
  const bool connector = claims.kind == "connector";
  if (connector && claims.channel.empty())
    throw std::runtime_error("a connector's token needs --channel, the channel it speaks for.");
  if (!connector && !claims.channel.empty())
    throw std::runtime_error("--channel is for connectors' tokens only.");
  if (connector && options.role_given)
    throw std::runtime_error("a connector has no role: leave --role out.");
  if (connector) claims.role.clear();
  std::cout << client::make_token(claims, client::read_signing_key(options.data)) << '\n';
}

}  // namespace

void add_token(CLI::App& app) {
  auto options = std::make_shared<Options>();
  CLI::App* token = app.add_subcommand("token", "Prints a token signed with the directory's key");
  token->add_option("--data", options->data, "The data directory")->required();
  token
      ->add_option("--sub", options->claims.sub,
                   "Whom it names: an agent's, connector's or service's id")
      ->required();
  token->add_option("--workspace", options->claims.workspace, "The workspace")
      ->capture_default_str();
  token->add_option("--kind", options->claims.kind, "Who comes with it")
      ->check(CLI::IsMember({"agent", "connector", "service"}))
      ->capture_default_str();
  CLI::Option* role = token->add_option("--role", options->claims.role, "What they may do")
                          ->check(CLI::IsMember({"agent", "manager", "admin"}))
                          ->capture_default_str();
  token->add_option("--channel", options->claims.channel, "A connector's channel");
  const std::map<std::string, std::chrono::seconds::rep> units{
      {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
  token->add_option("--ttl", options->ttl_s, "How long it holds: 90s, 30m, 8h, 7d")
      ->transform(CLI::AsNumberWithUnit(units))
      ->check(CLI::PositiveNumber)
      ->default_str("8h");
  token->callback([options, role] {
    options->role_given = role->count() > 0;
    run(*options);
  });
}

}  // namespace inboxd::inboxctl
