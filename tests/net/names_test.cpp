// What clients name is looked up, and kept only when something of that name is made: else memory
// would grow with whatever a client thinks of.
#include "model/limits.hpp"
#include "net/kinds.hpp"
#include "tests/net/decode.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd;
using namespace inboxd::net;
using model::Reason;
using net::test::decode;
using net::test::refused;
namespace request = actors::request;

namespace {

const model::Principal admin{model::PrincipalKind::service, "root", model::Role::admin, {}};
const auto contact = model::ContactId{7}.str();

std::size_t names() {
  return model::WorkspaceId::count() + model::AgentId::count() + model::TeamId::count() +
         model::ChannelId::count() + model::FieldId::count() + model::ViewId::count() +
         model::Tag::count();
}

/// A request that names `what` where something must be there already, its params and the field.
struct Naming {
  std::string_view method;
  std::string before, after;
  std::string_view field;
};

const std::vector<Naming>& namings() {
  const auto of_contact = R"({"contact":")" + contact + R"(",)";
  static const std::vector<Naming> all{
      {"contact.assign", of_contact + R"("assignee":")", R"("})", "assignee"},
      {"contact.assign", of_contact + R"("team":")", R"("})", "team"},
      {"message.send", of_contact + R"("text":"x","channel":")", R"("})", "channel"},
      {"comment.add", of_contact + R"("text":"x","mentions":[")", R"("]})", "mentions[0]"},
      {"contact.update", of_contact + R"("set":{"fields":{")", R"(":1}}})", "set.fields.@"},
      {"contact.update", of_contact + R"("channels_add":[{"external_id":"1","channel":")",
       R"("}]})", "channels_add[0].channel"},
      {"contact.create", R"({"fields":{")", R"(":1}})", "fields.@"},
      {"view.subscribe", R"({"view":")", R"("})", "view"},
      {"view.subscribe", R"({"view":"team:)", R"("})", "view"},
      {"view.update", R"({"name":"x","view":")", R"("})", "view"},
      {"view.delete", R"({"view":")", R"("})", "view"},
      {"search", R"({"query":"x","view":")", R"("})", "view"},
      {"counters.subscribe", R"({"views":[")", R"("]})", "views[0]"},
      {"view.create", R"({"name":"x","visibility":"team","filter":{"op":"exists","field":"fields.)",
       R"("}})", "filter.field"},
      {"agent.put", R"({"id":"ana","name":"x","role":"agent","teams":[")", R"("]})", "teams[0]"},
      {"agent.remove", R"({"id":")", R"("})", "id"},
      {"channel.pause", R"({"channel":")", R"("})", "channel"},
  };
  return all;
}

}  // namespace

TEST_CASE("S39 100,000 names of things that are not there are not found, and none is kept") {
  static_cast<void>(model::AgentId("ana"));  // whom `agent.put` chooses
  const auto before = names();
  constexpr int rounds = 100'000;
  for (int i = 0; i < rounds; ++i) {
    const auto& naming = namings()[static_cast<std::size_t>(i) % namings().size()];
    const auto name = "nobody-" + std::to_string(i);
    const auto error = refused(naming.method, naming.before + name + naming.after, admin);
    auto field = std::string(naming.field);
    if (const auto at = field.find('@'); at != std::string::npos) field.replace(at, 1, name);
    if (error.reason == Reason::not_found && error.field == field) continue;
    FAIL(naming.method << " says " << name_of(error.reason) << " of " << error.field);
  }
  CHECK(names() == before);
}

TEST_CASE("tags, operands and the ids of views to be made are kept by nobody who only asks") {
  const auto before = names();
  for (int i = 0; i < 1'000; ++i) {
    const auto name = "new-" + std::to_string(i);
    const auto takes = [](std::string_view method, const std::string& params) {
      return decode(method, params).has_value();
    };
    CHECK(takes("contact.update", R"({"contact":")" + contact + R"(","tags_add":[")" + name +
                                      R"("],"tags_remove":["not-)" + name + R"("]})"));
    CHECK(takes("contact.create", R"({"tags":[")" + name + R"("]})"));
    CHECK(takes("view.create", R"({"name":"x","visibility":"private","view":")" + name +
                                   R"(","filter":{"field":"tags","op":"has_any","value":[")" +
                                   name + R"("]}})"));
  }
  CHECK(names() == before);
}

TEST_CASE("past the bound nothing of a new name is made, and what is known goes on") {
  using Filling = model::Symbol<struct FillingKind>;
  simdjson::ondemand::parser parser;
  std::uint32_t last_sub = 0;
  const auto read = [&](const std::string& name) {
    const simdjson::padded_string text("[\"" + name + "\"]");
    auto document = parser.iterate(text);
    Value value;
    REQUIRE(document.at(0).get(value) == simdjson::SUCCESS);
    In in(admin, last_sub);
    Filling out;
    const bool ok = kinds::Chosen<Filling>::read(in, value, out);
    return ok ? std::optional<model::Error>() : in.error();
  };
  for (std::size_t i = 0; i < model::limits::names_max; ++i) Filling("n" + std::to_string(i));
  const auto error = read("one-more");
  REQUIRE(error);
  CHECK(error->reason == Reason::limit_exceeded);
  CHECK(error->limit == model::limits::names_max);
  CHECK(Filling::count() == model::limits::names_max);
  CHECK_FALSE(read("n7"));
}
