// Filters (S29) through the whole server: what they find, live, and what is wrong with those that
// are refused.
#include "tests/e2e/desk.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::tests;

namespace {

Json leaf(const char* field, const char* op, const Json& value = nullptr) {
  Json node{{"field", field}, {"op", op}};
  if (!value.is_null()) node["value"] = value;
  return node;
}

}  // namespace

TEST_CASE("S29 every kind of field is filtered by, and a contact comes and goes as it changes") {
  Desk desk;
  desk.admin.must("field.put", {{"id", "plan"}, {"name", "Plan"}, {"type", "text"}});
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  const std::string other = new_contact(connector, "2");
  const Json off{{"contact", id}};
  struct Case {
    Json filter;
    std::string method;  // that brings the contact in
    Json in;
    std::string back;  // and out again
    Json out;
  };
  const auto set = [&](const char* key, const Json& value) {
    return Json{{"contact", id}, {"set", {{key, value}}}};
  };
  const std::vector<Case> cases{
      {leaf("tags", "has_all", {"a", "b"}),
       "contact.update",
       {{"contact", id}, {"tags_add", {"b", "a"}}},
       "contact.update",
       {{"contact", id}, {"tags_remove", {"a"}}}},
      {leaf("priority", "gt", "medium"), "contact.update", set("priority", "urgent"),
       "contact.update", set("priority", "medium")},
      {leaf("first_name", "starts_with", "ÁN"), "contact.update", set("first_name", "ánA"),
       "contact.update", set("first_name", nullptr)},
      {leaf("fields.plan", "in", {"gold", "silver"}), "contact.update",
       set("fields", {{"plan", "gold"}}), "contact.update", set("fields", {{"plan", "tin"}})},
      {leaf("assignee", "eq", "$me"),
       "contact.assign",
       {{"contact", id}, {"assignee", "ana"}},
       "contact.assign",
       {{"contact", id}, {"assignee", "luis"}}},
      {leaf("team", "exists"),
       "contact.assign",
       {{"contact", id}, {"team", "support"}},
       "contact.assign",
       off},
      {leaf("unread", "between", {0, 0}),
       "message.send",
       {{"contact", id}, {"text", "x"}},
       "contact.unread",
       off},
      {leaf("status", "ne", "open"), "contact.done", off, "contact.reopen", off},
      {leaf("snoozed", "eq", true),
       "contact.snooze",
       {{"contact", id}, {"until", now_ms() + 3'600'000}},
       "contact.wake",
       off},
      {leaf("blocked", "eq", true), "contact.block", off, "contact.unblock", off},
      {{{"not", {{"any", {leaf("lifecycle", "not_exists"), leaf("channel_kind", "eq", "sms")}}}}},
       "contact.update",
       set("lifecycle", "lead"),
       "contact.update",
       set("lifecycle", nullptr)},
  };
  for (const auto& one : cases) {
    CAPTURE(one.filter.dump());
    if (one.method == "message.send") {  // by its assignee, whose reading counts (R11)
      ana.must("contact.assign", {{"contact", id}, {"assignee", "ana"}});
    }
    const Json view =
        ana.must("view.create", {{"name", "v"}, {"filter", one.filter}, {"visibility", "private"}});
    FoldedView list(ana, {{"view", view.at("view")}});
    CHECK_FALSE(list.has(id));
    ana.must(one.method, one.in);
    if (one.method == "message.send") ana.must("contact.read", off);
    list.until_has(id);
    ana.must(one.back, one.out);
    list.until_lacks(id);
    CHECK_FALSE(list.has(other));
    ana.must("view.delete", {{"view", view.at("view")}});
  }
}

TEST_CASE("S29 time alone moves contacts, at its moment") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  ana.must("view.create", {{"view", "old"},
                           {"name", "old"},
                           {"filter", leaf("last_inbound_at", "older_than", 1'000)},
                           {"visibility", "private"}});
  FoldedView old(ana, {{"view", "old"}});
  const auto written = contact_of(ana, id).at("channels").at(0).at("last_inbound_at");
  old.until_has(id);
  CHECK(now_ms() >= written.get<std::int64_t>() + 1'000);
  receive(connector, "1", "p2");
  old.until_lacks(id);
}

TEST_CASE("S29 what is wrong with a filter is said with its node") {
  Desk desk;
  desk.admin.must("field.put", {{"id", "size"}, {"name", "Size"}, {"type", "number"}});
  RpcClient ana = desk.server.agent("ana");
  const Json fine = leaf("unread", "gt", 0);
  struct Case {
    Json filter;
    std::string reason, field;
  };
  Json deep = fine;
  for (int i = 0; i < 17; ++i) deep = Json{{"not", deep}};
  const std::vector<Case> cases{
      {7, "invalid_params", "filter"},
      {Json::object(), "invalid_params", "filter"},
      {{{"all", fine}}, "invalid_params", "filter.all"},
      {{{"all", {fine, leaf("colour", "eq", "red")}}}, "invalid_params", "filter.all[1].field"},
      {{{"all", {fine, leaf("unread", "contains", 1)}}}, "invalid_params", "filter.all[1].op"},
      {{{"any", {{{"not", leaf("unread", "gt", "many")}}}}},
       "invalid_params",
       "filter.any[0].not.value"},
      {{{"any", {fine, {{"all", {fine, leaf("tags", "has_any", {1})}}}}}},
       "invalid_params",
       "filter.any[1].all[1].value"},
      {leaf("status", "eq", "perhaps"), "invalid_params", "filter.value"},
      {leaf("last_inbound_at", "older_than", -1), "invalid_params", "filter.value"},
      {{{"field", "unread"}, {"op", "gt"}}, "invalid_params", "filter.value"},
      {{{"field", "unread"}, {"op", "gt"}, {"value", 1}, {"all", Json::array()}},
       "invalid_params",
       "filter"},
      {leaf("fields.size", "contains", "x"), "invalid_params", "filter.op"},
      {{{"all", {leaf("fields.nothing", "exists")}}}, "not_found", "filter.all[0].field"},
      {{{"all", {fine, leaf("assignee", "eq", "zoe")}}}, "not_found", "filter.all[1].value"},
      {{{"not", leaf("team", "in", {"support", "zoe"})}}, "not_found", "filter.not.value[1]"},
      {deep, "limit_exceeded", ""},
  };
  for (const auto& one : cases) {
    CAPTURE(one.filter.dump());
    const RpcReply reply =
        ana.call("view.create", {{"name", "v"}, {"filter", one.filter}, {"visibility", "private"}});
    CHECK(reply.reason() == one.reason);
    if (!one.field.empty()) CHECK(reply.field() == one.field);
  }
  const auto views = ana.must("view.list").at("views");
  CHECK(std::ranges::none_of(views, [](const Json& view) { return view.at("kind") == "custom"; }));
}
