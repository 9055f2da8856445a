// docs/REFERENCE.md: what the tables say of every method, for people.
#include <string>

#include "net/method.hpp"
#include "net/openrpc.hpp"

namespace inboxd::net {
namespace {

std::string access_text(const Access& access) {
  if (access.agents && access.services && access.connectors) return "everybody";
  if (access.connectors) return "connectors";
  if (access.role == model::Role::agent) return "agents, services";
  return "agents, services; role " + std::string(name_of(access.role));
}

/// `Contact` of `{"$ref":"#/components/schemas/Contact"}`, else the schema as it is.
std::string schema_text(std::string_view schema) {
  constexpr std::string_view prefix = R"({"$ref":"#/components/schemas/)";
  if (schema.starts_with(prefix)) {
    return std::string(schema.substr(prefix.size(), schema.size() - prefix.size() - 2));
  }
  std::string text = "`";
  for (const char c : schema) {
    if (c == '|') text += '\\';
    text += c;
  }
  return text + "`";
}

void write_method(std::string& out, const Method& method) {
  out.append("\n## ").append(method.name).append("\n\n").append(method.doc);
  out.append("\n\nFor: ").append(access_text(method.access)).append(".");
  if (method.effect == Effect::session || method.effect == Effect::subscribe ||
      method.effect == Effect::on_sub) {
    out += " Over WebSocket only.";
  }
  out += "\n";
  if (!method.params.empty()) {
    out += "\n| param | | what | |\n|---|---|---|---|\n";
    for (const auto& p : method.params) {
      out.append("| `").append(p.name).append("` | ").append(p.required ? "required" : "");
      out.append(" | ").append(p.doc).append(" | ").append(schema_text(p.schema)).append(" |\n");
    }
  }
  out.append("\nResult: ").append(schema_text(method.result_schema)).append(". ");
  out.append(method.result_doc).append("\n");
  if (method.notifications.empty()) return;
  out += "\nThen:";
  for (const auto name : method.notifications) out.append(" `").append(name).append("`");
  out += "\n";
}

}  // namespace

std::string reference_page() {
  std::string out =
      "# Reference of methods\n\n"
      "Made from the tables that serve them (net/methods_*.cpp) by `scripts/reference.sh`; a test "
      "keeps it true.\nNames that begin with a capital are schemas of `/openrpc.json`.\n";
  for (const auto& method : all_methods()) write_method(out, method);
  return out;
}

}  // namespace inboxd::net
