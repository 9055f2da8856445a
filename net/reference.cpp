// docs/REFERENCE.md: what the tables say of every method, for people.
#include <algorithm>
#include <array>
#include <string>

#include "model/channel.hpp"
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

std::string length_text(model::Duration length) {
  if (length.ms == 0) return "none";
  return std::to_string(length.ms / model::hours(1).ms) + " h";
}

/// The model's own table (PRODUCT.md §2).
void write_kinds(std::string& out) {
  out +=
      "\n## Kinds of channels\n\n"
      "What a kind of channel allows and reports (`rules` of `channel.list`; a channel's record "
      "may "
      "override its window and statuses).\n\n"
      "| kind | window after last inbound | with `tag: human_agent` | templates | the customer "
      "must "
      "have written | sends per inbound | statuses |\n|---|---|---|---|---|---|---|\n";
  constexpr std::array statuses{model::Status::sent, model::Status::delivered, model::Status::read,
                                model::Status::failed};
  for (std::size_t k = 0; k < model::channel_kinds; ++k) {
    const auto& rules = model::rules_of(static_cast<model::ChannelKind>(k));
    out.append("| ").append(name_of(rules.kind)).append(" | ").append(length_text(rules.window));
    out.append(" | ").append(length_text(std::max(rules.window, rules.tagged_window)));
    out.append(rules.templates ? " | yes" : " | ")
        .append(rules.must_have_written ? " | yes" : " | ");
    out += " | ";
    if (rules.sends_per_inbound > 0) out += std::to_string(rules.sends_per_inbound);
    out += " |";
    for (const auto status : statuses) {
      if (rules.reports.has(status)) out.append(" ").append(name_of(status));
    }
    out += " |\n";
  }
}

}  // namespace

std::string reference_page() {
  std::string out =
      "# Reference of methods\n\n"
      "Made from the tables that serve them (net/methods_*.cpp) by `scripts/reference.sh`; a test "
      "keeps it true.\nNames that begin with a capital are schemas of `/openrpc.json`.\n";
  write_kinds(out);
  for (const auto& method : all_methods()) write_method(out, method);
  return out;
}

}  // namespace inboxd::net
