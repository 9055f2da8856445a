// Filters: what is read, and passes the check, is written back to a text that reads as the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include <simdjson.h>

#include "model/filter_check.hpp"
#include "model/workspace_json.hpp"
#include "net/json_scan.hpp"
#include "net/method.hpp"

using namespace inboxd;

namespace {

std::optional<model::Filter> read(std::string_view filter) {
  static const auto* create = net::find_method("view.create");
  static const model::Principal ana{model::PrincipalKind::agent, "ana", model::Role::agent, {}};
  std::string params = R"({"name":"v","visibility":"team","filter":)";
  params.append(filter).append("}");
  net::JsonScan scan(params, 40);
  if (scan.value().empty() || !scan.at_end()) return std::nullopt;
  params.reserve(params.size() + simdjson::SIMDJSON_PADDING);
  std::uint32_t last_sub = 0;
  net::In in(ana, last_sub);
  auto call = create->decode(*create, in, params);
  if (!call) return std::nullopt;
  auto& request = std::get<actors::request::OnWorkspace>(std::get<actors::Request>(*call));
  return std::move(std::get<model::PutView>(request.command).view.filter);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const model::Workspace workspace;
  const auto filter = read({reinterpret_cast<const char*>(data), size});
  if (!filter || model::check_filter(*filter, workspace, "filter")) return 0;
  std::string written;
  write_filter(written, *filter);
  const auto again = read(written);
  if (!again || !(*again == *filter)) std::abort();
  return 0;
}
