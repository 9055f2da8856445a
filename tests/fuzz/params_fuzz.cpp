// Params of every method: the first byte chooses the method, the rest is JSON that passed the
// frame's scan. Either a call comes out, or an error that names a field or a limit.
#include <cstdint>
#include <cstdlib>
#include <string>

#include <simdjson.h>

#include "net/json_scan.hpp"
#include "net/method.hpp"

using namespace inboxd;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const auto methods = net::all_methods();
  const auto& method = methods[data[0] % methods.size()];
  std::string text(reinterpret_cast<const char*>(data + 1), size - 1);
  net::JsonScan scan(text, 40);
  const bool whole = !scan.value().empty() && scan.at_end();
  if (!whole || text.find('{') != text.find_first_not_of(" \t\r\n")) return 0;

  text.reserve(text.size() + simdjson::SIMDJSON_PADDING);
  static const model::Principal connector{model::PrincipalKind::connector, "c", model::Role::agent,
                                          model::ChannelId("wa")};
  std::uint32_t last_sub = 0;
  net::In in(connector, last_sub);
  const auto call = method.decode(method, in, text);
  if (!call && call.error().message.empty()) std::abort();
  return 0;
}
