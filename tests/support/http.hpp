// One blocking HTTP request, for tests.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace inboxd::tests {

struct HttpReply {
  unsigned status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

/// Sends to 127.0.0.1:`port` and waits for the whole answer. Throws std::runtime_error if none
/// comes in time.
HttpReply http_request(std::uint16_t port, const std::string& method, const std::string& target,
                       const std::string& body = "",
                       const std::map<std::string, std::string>& headers = {});

HttpReply http_get(std::uint16_t port, const std::string& target);

/// `POST /rpc` with a bearer token.
HttpReply http_rpc(std::uint16_t port, const std::string& token, const std::string& body);

}  // namespace inboxd::tests
