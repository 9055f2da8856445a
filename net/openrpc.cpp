#include "net/openrpc.hpp"

#include "model/json.hpp"
#include "net/method.hpp"
#include "net/openrpc_schemas.hpp"
#include "net/version.hpp"

namespace inboxd::net {
namespace {

using model::json::Object;
using model::json::write_each;

void write_param(std::string& out, const Param& param) {
  Object object(out);
  object("name", param.name);
  if (!param.doc.empty()) object("description", param.doc);
  object("required", param.required);
  object.key("schema") += param.schema;
}

std::vector<model::Reason> errors_of(const Method& method) {
  using model::Reason;
  std::vector<Reason> errors{Reason::unauthenticated, Reason::invalid_params};
  if (method.effect == Effect::session || method.effect == Effect::local) return errors;
  errors.insert(errors.end(), {Reason::forbidden, Reason::not_found, Reason::conflict,
                               Reason::rate_limited, Reason::limit_exceeded, Reason::unavailable});
  if (method.name == "message.send") {
    errors.insert(errors.end(), {Reason::window_closed, Reason::blocked});
  }
  return errors;
}

std::string access_text(const Access& access) {
  if (access.agents && access.services && access.connectors) return "Everybody.";
  if (access.connectors) return "Connectors.";
  if (access.role == model::Role::agent) return "Agents and services.";
  return "Agents and services with the role " + std::string(name_of(access.role)) + ".";
}

std::string description_of(const Method& method) {
  std::string text = "For: " + access_text(method.access);
  if (method.effect == Effect::session || method.effect == Effect::subscribe ||
      method.effect == Effect::on_sub) {
    text += " Over WebSocket only.";
  }
  for (const auto& name : method.notifications) {
    text.append(" Brings `").append(name).append("`.");
  }
  return text;
}

/// The meta-schema wants required params before optional ones.
std::vector<const Param*> ordered(const std::vector<Param>& params) {
  std::vector<const Param*> all;
  for (const auto& p : params) {
    if (p.required) all.push_back(&p);
  }
  for (const auto& p : params) {
    if (!p.required) all.push_back(&p);
  }
  return all;
}

void write_method(std::string& out, const Method& method) {
  Object object(out);
  object("name", method.name)("summary", method.doc)("description", description_of(method));
  object("paramStructure", "by-name");
  write_each(object.key("params"), ordered(method.params),
             [&](const Param* param) { write_param(out, *param); });
  {
    Object result(object.key("result"));
    result("name", "result");
    if (!method.result_doc.empty()) result("description", method.result_doc);
    result.key("schema") += method.result_schema;
  }
  write_each(object.key("errors"), errors_of(method), [&](model::Reason reason) {
    out += R"({"$ref":"#/components/errors/)";
    out.append(name_of(reason)).append(R"("})");
  });
}

void write_errors(std::string& out) {
  Object errors(out);
  for (int r = 0; r <= static_cast<int>(model::Reason::blocked); ++r) {
    const auto reason = static_cast<model::Reason>(r);
    Object{errors.key(name_of(reason))}("code", code_of(reason))("message", name_of(reason));
  }
}

}  // namespace

std::string openrpc_document() {
  std::string out;
  {
    Object document(out);
    document("openrpc", "1.2.6");
    Object{document.key("info")}("title", protocol_name)("version", server_version)(
        "description",
        "The wire protocol of inboxd: JSON-RPC 2.0 over WebSocket at /ws, and over POST /rpc "
        "without the subscriptions. Times are milliseconds since 1970 UTC; absent and null mean "
        "the same.");
    write_each(document.key("methods"), all_methods(),
               [&](const Method& method) { write_method(out, method); });
    Object components(document.key("components"));
    components.key("schemas") += openrpc_schemas();
    write_errors(components.key("errors"));
  }
  return out;
}

}  // namespace inboxd::net
