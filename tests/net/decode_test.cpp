#include "tests/net/decode.hpp"

#include "model/limits.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd;
using namespace inboxd::net;
using model::Reason;
using net::test::accepted;
using net::test::refused;
namespace request = actors::request;

namespace {

const auto contact = model::ContactId{7}.str();

std::string with_contact(const std::string& more) {
  return R"({"contact":")" + contact + "\"" + (more.empty() ? "" : "," + more) + "}";
}

void check(const model::Error& error, Reason reason, const std::string& field) {
  CHECK(error.reason == reason);
  CHECK(error.field == field);
  CHECK_FALSE(error.message.empty());
}

}  // namespace

TEST_CASE("params become the typed request, absent ones their defaults") {
  const auto snooze =
      accepted<request::OnContact>("contact.snooze", with_contact(R"("until":1700000000000)"));
  CHECK(snooze.contact == model::ContactId{7});
  CHECK_FALSE(snooze.expect_version);
  const auto& command = std::get<model::SnoozeContact>(snooze.command);
  CHECK(command.until == model::Timestamp{1'700'000'000'000});
  CHECK(command.wake_on_inbound);
}

TEST_CASE("absent and null mean the same") {
  const model::TeamId sales("sales");
  const auto assign = accepted<request::OnContact>(
      "contact.assign", with_contact(R"("assignee":null,"team":"sales","expect_version":null)"));
  CHECK_FALSE(assign.expect_version);
  const auto& to = std::get<model::AssignContact>(assign.command).to;
  CHECK_FALSE(to.assignee);
  CHECK(to.team == sales);
  check(refused("contact.snooze", with_contact(R"("until":null)")), Reason::invalid_params,
        "until");
}

TEST_CASE("S15 in set and fields null clears and absent leaves alone") {
  for (const char* field : {"plan", "size", "vip", "likes"})
    static_cast<void>(model::FieldId(field));
  const auto update = accepted<request::OnContact>(
      "contact.update",
      with_contact(R"("set":{"email":null,"priority":null,"last_name":"Ruiz",)"
                   R"("fields":{"plan":null,"size":5,"vip":true,"likes":["a","b"]}})"));
  const auto& set = std::get<model::UpdateContact>(update.command).set;
  CHECK_FALSE(set.first_name);
  REQUIRE(set.email);
  CHECK_FALSE(*set.email);
  REQUIRE(set.priority);
  CHECK_FALSE(*set.priority);
  REQUIRE(set.last_name);
  CHECK(**set.last_name == "Ruiz");
  REQUIRE(set.fields.size() == 4);
  CHECK_FALSE(set.fields.at(model::FieldId("plan")));
  CHECK(std::get<double>(*set.fields.at(model::FieldId("size"))) == 5);
  CHECK(std::get<bool>(*set.fields.at(model::FieldId("vip"))));
}

TEST_CASE("an error says which param and what was expected") {
  check(refused("contact.done", "{}"), Reason::invalid_params, "contact");
  check(refused("contact.done", R"({"contact":7})"), Reason::invalid_params, "contact");
  check(refused("contact.read", with_contact(R"("up_to_seq":"9")")), Reason::invalid_params,
        "up_to_seq");
  check(refused("contact.read", with_contact(R"("up_to_seq":1.5)")), Reason::invalid_params,
        "up_to_seq");
  check(refused("contact.snooze", with_contact(R"("until":1,"wake_on_inbound":1)")),
        Reason::invalid_params, "wake_on_inbound");
  check(refused("contact.update", with_contact(R"("set":{"priority":"high!"})")),
        Reason::invalid_params, "set.priority");
  const auto wrong = refused("presence.set", R"({"status":"away"})");
  check(wrong, Reason::invalid_params, "status");
  CHECK(wrong.message == "Expected one of online busy offline.");
}

TEST_CASE("unknown params are refused by name, at any depth") {
  check(refused("contact.wake", with_contact(R"("now":true)")), Reason::invalid_params, "now");
  check(refused("contact.update", with_contact(R"("set":{"nickname":"x"})")),
        Reason::invalid_params, "set.nickname");
  check(
      refused("message.send",
              with_contact(R"("type":"attachment","attachments":[{"url":"http://a"},{"uri":1}])")),
      Reason::invalid_params, "attachments[1].uri");
  check(refused("view.list", R"({"all":1})"), Reason::invalid_params, "all");
}

TEST_CASE("a param given twice is refused") {
  check(refused("contact.read", with_contact(R"("up_to_seq":1,"up_to_seq":2)")),
        Reason::invalid_params, "up_to_seq");
  check(refused("contact.update", with_contact(R"("set":{"email":"a","email":"b"})")),
        Reason::invalid_params, "set.email");
}

TEST_CASE("huge numbers are out of range, not out of grammar") {
  check(refused("contact.read", with_contact(R"("up_to_seq":123456789012345678901234567890)")),
        Reason::invalid_params, "up_to_seq");
  check(refused("contact.read", with_contact(R"("up_to_seq":1e999)")), Reason::invalid_params,
        "up_to_seq");
  check(refused("contact.read", with_contact(R"("up_to_seq":-1)")), Reason::invalid_params,
        "up_to_seq");
  check(refused("contact.snooze", with_contact(R"("until":9007199254740992)")),
        Reason::invalid_params, "until");
  const auto read =
      accepted<request::OnContact>("contact.read", with_contact(R"("up_to_seq":5.0)"));
  CHECK(std::get<model::MarkRead>(read.command).up_to == model::Seq{5});
}

TEST_CASE("S38 a limit out of 1 to 200 is refused, never clamped") {
  for (const auto* limit : {"0", "201", "-1", "1.5"}) {
    check(refused("timeline.page", with_contact(R"("limit":)" + std::string(limit))),
          Reason::invalid_params, "limit");
  }
  CHECK(accepted<request::PageTimeline>("timeline.page", with_contact(R"("limit":200)")).limit ==
        200);
  CHECK(accepted<request::PageTimeline>("timeline.page", with_contact("")).limit == 50);
}

TEST_CASE("a search in an empty list of scopes is refused, not taken for one of everything") {
  check(refused("search", R"({"query":"a","scope":[]})"), Reason::invalid_params, "scope");
  CHECK(accepted<request::Search>("search", R"({"query":"a","scope":["comments"]})").scopes ==
        std::vector{request::Search::Scope::comments});
  CHECK(accepted<request::Search>("search", R"({"query":"a","scope":null})").scopes.empty());
}

TEST_CASE("S39 an id that cannot exist is not found, after everything else is well-formed") {
  check(refused("contact.get", R"({"contact":"nobody"})"), Reason::not_found, "contact");
  check(refused("contact.assign", with_contact(R"("assignee":"no such!")")), Reason::not_found,
        "assignee");
  check(refused("view.subscribe", R"({"view":"team:"})"), Reason::not_found, "view");
  check(refused("view.window", R"({"sub":"7"})"), Reason::not_found, "sub");
  // S6: invalid_params comes first.
  check(refused("contact.snooze", R"({"contact":"nobody","until":"soon"})"), Reason::invalid_params,
        "until");
}

TEST_CASE("texts over their limit are too large, and say the limit") {
  const std::string text(model::limits::text_bytes_max + 1, 'x');
  const auto error = refused("message.send", with_contact("\"text\":\"" + text + "\""));
  check(error, Reason::too_large, "text");
  CHECK(error.limit == model::limits::text_bytes_max);
  accepted<request::OnContact>("message.send", with_contact("\"text\":\"" + text.substr(1) + "\""));
}

TEST_CASE("a broken unicode escape is refused where it is") {
  check(refused("comment.add", with_contact(R"("text":"\ud800")")), Reason::invalid_params, "text");
}

TEST_CASE("a message's type says what must be there") {
  check(refused("message.send", with_contact("")), Reason::invalid_params, "text");
  check(refused("message.send", with_contact(R"("type":"location")")), Reason::invalid_params,
        "location");
  check(refused("message.send", with_contact(R"("text":"a","attachments":[{"url":"u"}])")),
        Reason::invalid_params, "attachments");
  check(refused("message.send", with_contact(R"("type":"unsupported")")), Reason::invalid_params,
        "type");
  check(refused("message.send",
                with_contact(R"("type":"location","location":{"latitude":91,"longitude":0})")),
        Reason::invalid_params, "location.latitude");
}

TEST_CASE("S15 a tag in both lists is refused") {
  check(refused("contact.update", with_contact(R"("tags_add":["a","b"],"tags_remove":["b"])")),
        Reason::invalid_params, "tags_remove[0]");
}

TEST_CASE("S29 a filter's form is checked, with the path of what is wrong") {
  const auto create = [](const std::string& filter) {
    return refused("view.create", R"({"name":"v","visibility":"private","filter":)" + filter + "}");
  };
  check(
      create(
          R"({"all":[{"field":"status","op":"eq","value":"open"},{"field":"status","op":"is"}]})"),
      Reason::invalid_params, "filter.all[1].op");
  check(create(R"({"not":{"field":"nonsense","op":"eq"}})"), Reason::invalid_params,
        "filter.not.field");
  check(create(R"({"all":[],"any":[]})"), Reason::invalid_params, "filter.any");
  check(create(R"({"all":[{}]})"), Reason::invalid_params, "filter.all[0]");
  check(create(R"({"field":"status","value":"open"})"), Reason::invalid_params, "filter.op");
  check(create(R"({"field":"unread","op":"in","value":[1,"2"]})"), Reason::invalid_params,
        "filter.value[1]");
  check(create("7"), Reason::invalid_params, "filter");
}

TEST_CASE("S29 a filter arrives as a tree") {
  const model::FieldId plan("plan");
  const auto put = accepted<request::OnWorkspace>(
      "view.create",
      R"({"name":"v","visibility":"team","filter":{"any":[{"not":{"field":"fields.plan",)"
      R"("op":"in","value":["a","b"]}},{"field":"last_inbound_at","op":"older_than","value":9}]}})");
  CHECK(put.new_view.empty());
  const auto& filter = std::get<model::PutView>(put.command).view.filter;
  REQUIRE(filter.kind == model::Filter::Kind::any);
  REQUIRE(filter.children.size() == 2);
  const auto& negated = filter.children[0].children.at(0);
  CHECK(negated.field == model::FilterField::custom);
  CHECK(negated.custom == plan);
  CHECK(std::get<std::vector<std::string>>(negated.value).size() == 2);
  CHECK(std::get<double>(filter.children[1].value) == 9);
}

TEST_CASE("a filter nested beyond its limit is refused") {
  std::string filter = R"({"all":[]})";
  for (std::size_t i = 0; i < model::limits::filter_depth_max; ++i) {
    filter = R"({"not":)" + filter + "}";
  }
  const auto error =
      refused("view.create", R"({"name":"v","visibility":"team","filter":)" + filter + "}");
  CHECK(error.reason == Reason::limit_exceeded);
}

TEST_CASE("S31 subscriptions get the session's next number") {
  const auto view = accepted<request::SubscribeView>("view.subscribe", R"({"view":"mine"})");
  CHECK(view.sub.value == 7);
  CHECK(view.limit == 50);
}

TEST_CASE("a connector's channel is its token's") {
  const model::Principal connector{model::PrincipalKind::connector, "c", model::Role::agent,
                                   model::ChannelId("wa")};
  const auto receive = accepted<request::ReceiveInbound>(
      "inbound.receive",
      R"({"external_id":"34600","provider_id":"m1","type":"text","text":"hola","at":5})",
      connector);
  CHECK(receive.command.channel == model::ChannelId("wa"));
  CHECK(receive.command.content.text == "hola");
  CHECK(receive.command.at == model::Timestamp{5});
  check(refused("inbound.receive",
                R"({"external_id":"34600","provider_id":"m1","channel":"sms","type":"text"})",
                connector),
        Reason::invalid_params, "channel");
}

TEST_CASE("a status names its message in one of two ways") {
  const model::Principal connector{model::PrincipalKind::connector, "c", model::Role::agent,
                                   model::ChannelId("wa")};
  check(refused("inbound.status", R"({"status":"sent"})", connector), Reason::invalid_params,
        "provider_id");
  check(refused("inbound.status", R"({"status":"sent","seq":4})", connector),
        Reason::invalid_params, "provider_id");
  check(refused("inbound.status", with_contact(R"("status":"sent","seq":4,"provider_id":"p")"),
                connector),
        Reason::invalid_params, "contact");
  accepted<request::ReportStatus>("inbound.status", with_contact(R"("status":"sent","seq":4)"),
                                  connector);
}

TEST_CASE(
    "every method refuses params that are not of its table, and takes none that is required") {
  for (const auto& method : all_methods()) {
    INFO(method.name);
    const model::Principal connector{model::PrincipalKind::connector, "c", model::Role::agent,
                                     model::ChannelId("wa")};
    check(refused(method.name, R"({"no_such_param":1})", connector), Reason::invalid_params,
          "no_such_param");
    for (const auto& param : method.params) {
      if (!param.required) continue;
      const auto error = refused(method.name, "{}", connector);
      CHECK(error.reason == Reason::invalid_params);
      CHECK_FALSE(error.field.empty());
      break;
    }
  }
}
