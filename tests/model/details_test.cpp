// Details, custom fields, tags, accounts: S15, S16, S39, S42, and the limits (issue: each violation
// names the field and the limit).
#include "model/limits.hpp"
#include "tests/model/scene.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::model;
using Story = std::vector<std::string>;

namespace {

UpdateContact set(Patch<std::string> DetailsPatch::*detail, std::optional<std::string> value) {
  UpdateContact update;
  (update.set.*detail).emplace(std::move(value));
  return update;
}

UpdateContact set_field(std::string_view id, std::optional<FieldValue> value) {
  UpdateContact update;
  update.set.fields.emplace(FieldId(id), std::move(value));
  return update;
}

const Details& details_of(const Scene& scene) {
  return *scene.person.contact.details;
}

}  // namespace

TEST_CASE("S15 null clears, absent leaves alone, fields merge key by key") {
  Scene scene;
  scene.receive();
  UpdateContact update;
  update.set.first_name.emplace("Eva");
  update.set.last_name.emplace("Diaz");
  update.set.fields = {{FieldId("text"), FieldValue(std::string("a"))},
                       {FieldId("number"), FieldValue(2.5)}};
  scene.must(update, Scene::agent("ana"));
  UpdateContact second;
  second.set.last_name.emplace(std::nullopt);
  second.set.fields = {{FieldId("text"), std::nullopt}, {FieldId("bool"), FieldValue(true)}};
  scene.must(second, Scene::agent("ana"));
  CHECK(details_of(scene).first_name == "Eva");
  CHECK(details_of(scene).last_name.empty());
  CHECK(details_of(scene).fields ==
        std::map<FieldId, FieldValue>{{FieldId("number"), 2.5}, {FieldId("bool"), true}});
}

TEST_CASE("S15 a tag in both lists is invalid") {
  Scene scene;
  scene.receive();
  UpdateContact update;
  update.tags_add = {"a", "b"};
  update.tags_remove = {"c", "b"};
  const auto error = scene.refused(update, Scene::agent("ana"));
  CHECK(error.reason == Reason::invalid_params);
  CHECK(error.field == "tags_remove[1]");
}

TEST_CASE("S15 channels_add links the account and writes channel_added") {
  Scene scene;
  scene.receive();
  UpdateContact update;
  update.channels_add = {{ChannelId("email"), "eva@example.com"}};
  scene.must(update, Scene::agent("ana"));
  CHECK(scene.person.contact.identities.size() == 2);
  CHECK(scene.person.story(3) == Story{"channel_added/manual"});
}

TEST_CASE("S15 an assign sets assignee and team, an absent one is none") {
  Scene scene;
  scene.receive();
  scene.assign("ana", "sales");
  scene.assign("ben");
  CHECK(scene.person.contact.assignment == Assignment{AgentId("ben"), std::nullopt});
}

TEST_CASE("S16 contact.create makes an open, unassigned contact with what was given") {
  Scene scene;
  CreateContact create{.id = ContactId{9}, .set = {}, .tags = {"b", "a"}, .channels = {}};
  create.set.first_name.emplace("Eva");
  create.set.priority.emplace(Priority::high);
  create.channels = {{ChannelId("sms"), "+1"}, {ChannelId("email"), "e@x.org"}};
  scene.must(create, Scene::agent("ana"));
  const auto& contact = scene.person.contact;
  CHECK(contact.id == ContactId{9});
  CHECK(contact.version == Version{1});
  CHECK(contact.status == ContactStatus::open);
  CHECK(contact.assignment == Assignment{});
  CHECK(contact.priority == Priority::high);
  CHECK(contact.tags == std::vector<Tag>{Tag("a"), Tag("b")});
  CHECK(contact.identities.size() == 2);
  CHECK(contact.created_at == scene.now);
  CHECK(contact.sort_at == scene.now);
  CHECK(contact.conversation == Conversation{1, scene.now, {}, {}});
  CHECK(scene.person.story() == Story{"opened/manual"});
}

TEST_CASE("S16 a profile fills empty details only and writes no event") {
  Scene scene;
  scene.receive();
  scene.must(set(&DetailsPatch::first_name, "Eva"), Scene::agent("ana"));
  auto inbound = scene.inbound("x", "whatsapp", "+15550100");
  inbound.profile.emplace();
  inbound.profile->first_name = "E.";
  inbound.profile->phone = "00 1 (555) 0100-200";
  scene.must(inbound, Scene::connector("whatsapp"));
  CHECK(details_of(scene).first_name == "Eva");
  CHECK(details_of(scene).phone == "+15550100200");
  CHECK(scene.person.story(4) == Story{"message"});
}

TEST_CASE("S39 ids that do not exist are not found, with the field") {
  Scene scene;
  scene.receive();
  const auto by = Scene::agent("ana");
  const auto field_of = [&](const Command& command) {
    const auto error = scene.refused(command, by);
    CHECK(error.reason == Reason::not_found);
    return error.field;
  };
  CHECK(field_of(AssignContact{{AgentId("nobody"), {}}}) == "assignee");
  CHECK(field_of(AssignContact{{{}, TeamId("nobody")}}) == "team");
  auto send = Scene::message("hi");
  send.channel = ChannelId("nowhere");
  CHECK(field_of(send) == "channel");
  CHECK(field_of(AddComment{"x", {AgentId("ana"), AgentId("nobody")}, ""}) == "mentions[1]");
  UpdateContact update;
  update.channels_add = {{ChannelId("nowhere"), "x"}};
  CHECK(field_of(update) == "channels_add[0].channel");
}

TEST_CASE("S39 an unknown custom field is an unknown name, so invalid") {
  Scene scene;
  scene.receive();
  const auto error = scene.refused(set_field("age", FieldValue(1.0)), Scene::agent("ana"));
  CHECK(error.reason == Reason::invalid_params);
  CHECK(error.field == "set.fields.age");
}

TEST_CASE("S42 updated says only the changed keys, from what to what") {
  Scene scene;
  scene.receive();
  scene.must(set(&DetailsPatch::first_name, "Eva"), Scene::agent("ana"));
  UpdateContact update;
  update.set.first_name.emplace("Eva");
  update.set.country.emplace("mx");
  update.set.priority.emplace(Priority::urgent);
  update.set.fields.emplace(FieldId("date"), FieldValue(86'400'000.0));
  scene.must(update, Scene::agent("ana"));
  const auto& updated = std::get<Updated>(scene.person.last().event()->data);
  const std::vector<DetailChange> expected{
      {"country", std::nullopt, FieldValue(std::string("MX"))},
      {"priority", FieldValue(std::string("none")), FieldValue(std::string("urgent"))},
      {"fields.date", std::nullopt, FieldValue(Timestamp{86'400'000})}};
  CHECK(updated.changes == expected);
}

TEST_CASE("S42 tagged, assigned, done and woke say what they did, and who did it") {
  Scene scene;
  scene.receive();
  CHECK(scene.person.entry(1).author == Author{AuthorKind::contact, scene.person.contact.id.str()});
  UpdateContact update;
  update.tags_add = {"a", "b"};
  scene.must(update, Scene::agent("ana"));
  update.tags_add = {"b", "c"};
  update.tags_remove = {"a", "z"};
  scene.must(update, Scene::service());
  CHECK(std::get<Tagged>(scene.person.last().event()->data) == Tagged{{Tag("c")}, {Tag("a")}});
  CHECK(scene.person.last().author == Author{AuthorKind::service, "bot"});
  scene.assign("ana");
  CHECK(std::get<Assigned>(scene.person.last().event()->data) ==
        Assigned{Assignment{}, Assignment{AgentId("ana"), {}}});
  scene.must(MarkDone{ClosingNote{"sale", "sold"}}, Scene::agent("ana"));
  CHECK(std::get<Done>(scene.person.entry(6).event()->data).note == ClosingNote{"sale", "sold"});
  scene.must(ReopenContact{}, Scene::agent("ana"));
  scene.snooze(hours(1));
  const auto until = scene.now + hours(1);
  scene.must(WakeContact{}, Scene::agent("ana"));
  CHECK(std::get<Woke>(scene.person.last().event()->data).from == until);
}

TEST_CASE("a custom field takes values of its type only, and names itself when it does not") {
  Scene scene;
  scene.receive();
  const FieldValue text = std::string("x");
  const FieldValue number = 1.5;
  const std::vector<std::pair<std::string, FieldValue>> wrong{
      {"text", number},
      {"number", text},
      {"bool", number},
      {"date", number},
      {"date", text},
      {"list", text},
      {"url", text},
      {"url", std::string("javascript:alert(1)")},
      {"email", text},
      {"phone", text},
      {"list", std::vector<std::string>{"a", " "}},
  };
  for (const auto& [id, value] : wrong) {
    CAPTURE(id);
    const auto error = scene.refused(set_field(id, value), Scene::agent("ana"));
    CHECK(error.reason == Reason::invalid_params);
    CHECK(error.field.starts_with("set.fields." + id));
  }
  const std::vector<std::pair<std::string, FieldValue>> right{
      {"text", text},
      {"number", number},
      {"bool", false},
      {"date", 1'700'000'000'000.0},
      {"phone", std::string("+34 600 000 000")},
      {"list", std::vector<std::string>{"a", "b"}},
      {"url", std::string("https://example.com/?a=b")},
      {"email", std::string("eva@example.com")},
  };
  for (const auto& [id, value] : right) scene.must(set_field(id, value), Scene::agent("ana"));
  CHECK(details_of(scene).fields.size() == right.size());
  CHECK(details_of(scene).fields.at(FieldId("phone")) == FieldValue(std::string("+34600000000")));
}

TEST_CASE("a field with options takes only those") {
  Scene scene;
  scene.receive();
  scene.workspace.fields.at(FieldId("list")).options = {"red", "blue"};
  scene.workspace.fields.at(FieldId("text")).options = {"red", "blue"};
  scene.must(set_field("text", FieldValue(std::string("red"))), Scene::agent("ana"));
  const auto by = Scene::agent("ana");
  CHECK(scene.refused(set_field("text", FieldValue(std::string("green"))), by).field ==
        "set.fields.text");
  CHECK(scene.refused(set_field("list", std::vector<std::string>{"red", "green"}), by).field ==
        "set.fields.list[1]");
}

TEST_CASE("an empty text or list clears a detail, as null does") {
  Scene scene;
  scene.receive();
  scene.must(set(&DetailsPatch::phone, "+15550100"), Scene::agent("ana"));
  scene.must(set(&DetailsPatch::phone, ""), Scene::agent("ana"));
  CHECK(details_of(scene).phone.empty());
  scene.must(set_field("list", std::vector<std::string>{"a"}), Scene::agent("ana"));
  scene.must(set_field("list", std::vector<std::string>{}), Scene::agent("ana"));
  CHECK(details_of(scene).fields.empty());
}

TEST_CASE("a detail of the wrong form is invalid and names itself") {
  Scene scene;
  scene.receive();
  const std::vector<std::tuple<Patch<std::string> DetailsPatch::*, std::string, std::string>> wrong{
      {&DetailsPatch::phone, "12", "set.phone"},
      {&DetailsPatch::email, "eva", "set.email"},
      {&DetailsPatch::language, "e", "set.language"},
      {&DetailsPatch::country, "ZZ", "set.country"},
      {&DetailsPatch::avatar, "ftp://x", "set.avatar"},
      {&DetailsPatch::first_name, "a\nb", "set.first_name"},
      {&DetailsPatch::lifecycle, "\xFF", "set.lifecycle"},
  };
  for (const auto& [detail, value, field] : wrong) {
    const auto error = scene.refused(set(detail, value), Scene::agent("ana"));
    CHECK(error.reason == Reason::invalid_params);
    CHECK(error.field == field);
  }
}

TEST_CASE("what is too large or too many names the field and the limit") {
  Scene scene;
  scene.receive();
  const auto by = Scene::agent("ana");
  const auto check = [&](const Command& command, Reason reason, std::string_view field,
                         std::size_t limit) {
    CAPTURE(field);
    const auto error = scene.refused(command, by);
    CHECK(error.reason == reason);
    CHECK(error.field == field);
    CHECK(error.limit == limit);
    CHECK(error.message.find(std::to_string(limit)) != std::string::npos);
  };
  check(Scene::message(std::string(limits::text_bytes_max + 1, 'x')), Reason::too_large, "text",
        limits::text_bytes_max);
  check(AddComment{std::string(limits::text_bytes_max + 1, 'x'), {}, ""}, Reason::too_large, "text",
        limits::text_bytes_max);
  check(AddComment{"x", std::vector<AgentId>(limits::mentions_max + 1, AgentId("ana")), ""},
        Reason::limit_exceeded, "mentions", limits::mentions_max);
  check(set(&DetailsPatch::last_name, std::string(limits::name_bytes_max + 1, 'x')),
        Reason::too_large, "set.last_name", limits::name_bytes_max);
  check(MarkDone{ClosingNote{"x", std::string(limits::note_bytes_max + 1, 'x')}}, Reason::too_large,
        "note.summary", limits::note_bytes_max);
  UpdateContact long_tag;
  long_tag.tags_add = {"a", "b", std::string(limits::tag_bytes_max + 1, 'x')};
  check(long_tag, Reason::too_large, "tags_add[2]", limits::tag_bytes_max);
  auto send = Scene::message("x");
  send.client_id = std::string(limits::client_id_bytes_max + 1, 'x');
  check(send, Reason::too_large, "client_id", limits::client_id_bytes_max);
}

TEST_CASE("what a message brings along has its bounds, too") {
  Scene scene;
  scene.receive();
  const auto refused = [&](const SendMessage& send) {
    return scene.refused(send, Scene::agent("ana"));
  };
  auto pictures = Scene::message("x");
  pictures.content.type = MessageType::attachment;
  Attachment picture;
  picture.url = "https://example.org/a.png";
  pictures.content.attachments.assign(limits::attachments_max + 1, picture);
  CHECK(refused(pictures).field == "attachments");
  CHECK(refused(pictures).limit == limits::attachments_max);
  picture.mime_type = std::string(limits::name_bytes_max + 1, 'x');
  pictures.content.attachments = {picture};
  CHECK(refused(pictures).reason == Reason::too_large);
  auto form = Scene::message("");
  form.content.type = MessageType::template_;
  form.content.template_ = Template{.name = "hello", .language = "es", .parameters = {}};
  auto& parameters = form.content.template_->parameters;
  parameters.assign(limits::template_parameters_max + 1, "x");
  CHECK(refused(form).field == "template.parameters");
  parameters = {"x", std::string(limits::field_value_bytes_max + 1, 'x')};
  CHECK(refused(form).field == "template.parameters[1]");
  parameters.clear();
  form.content.template_->language = "es\n";
  CHECK(refused(form).field == "template.language");
  auto nul = Scene::message(std::string("a\0b", 3));
  CHECK(refused(nul).message.find("NUL") != std::string::npos);
}

TEST_CASE("a contact has as many accounts as the limit says, each once") {
  Scene scene;
  scene.receive();
  const auto account = [](std::size_t i) {
    return ExternalIdentity{ChannelId("webchat"), "visitor" + std::to_string(i)};
  };
  UpdateContact update;
  for (std::size_t i = 0; i <= limits::identities_max; ++i)
    update.channels_add.push_back(account(i));
  const auto refused = [&](const UpdateContact& command) {
    return scene.refused(command, Scene::agent("ana"));
  };
  CHECK(refused(update).field == "channels_add");
  update.channels_add.pop_back();  // as many as may be added, but one is there already
  CHECK(refused(update).limit == limits::identities_max);
  UpdateContact twice;
  twice.channels_add = {account(1), account(1)};
  CHECK(refused(twice).field == "channels_add[1]");
  UpdateContact nameless;
  nameless.channels_add = {{ChannelId("webchat"), " "}};
  CHECK(refused(nameless).field == "channels_add[0].external_id");
}

TEST_CASE("a list of a custom field has as many values, of so many bytes, as the limits say") {
  Scene scene;
  scene.receive();
  const auto refused = [&](std::vector<std::string> list) {
    return scene.refused(set_field("list", FieldValue(std::move(list))), Scene::agent("ana"));
  };
  const std::vector<std::string> many(limits::field_options_max + 1, "x");
  CHECK(refused(many).limit == limits::field_options_max);
  const std::string value(limits::name_bytes_max, 'x');
  const std::vector<std::string> large(limits::field_value_bytes_max / value.size() + 1, value);
  CHECK(refused(large).reason == Reason::too_large);
  CHECK(scene
            .refused(set_field("date", FieldValue(Timestamp{limits::integer_max + 1})),
                     Scene::agent("ana"))
            .field == "set.fields.date");
}

TEST_CASE("a contact takes as many tags as the limit says, and not one more") {
  Scene scene;
  scene.receive();
  UpdateContact update;
  for (std::size_t i = 0; i < limits::tags_max; ++i)
    update.tags_add.emplace_back("t" + std::to_string(i));
  scene.must(update, Scene::agent("ana"));
  UpdateContact one_more;
  one_more.tags_add = {"u"};
  CHECK(scene.refused(one_more, Scene::agent("ana")).reason == Reason::limit_exceeded);
  one_more.tags_remove = {"t0"};
  scene.must(one_more, Scene::agent("ana"));
  CHECK(scene.person.contact.tags.size() == limits::tags_max);
}

TEST_CASE("a message says what its type says, and nothing else") {
  Scene scene;
  scene.receive();
  const auto by = Scene::agent("ana");
  const auto field_of = [&](const Content& content) {
    SendMessage send;
    send.content = content;
    const auto error = scene.refused(send, by);
    CHECK(error.reason == Reason::invalid_params);
    return error.field;
  };
  const Attachment photo{"https://example.com/a.jpg", "image/jpeg", "a.jpg", 10};
  using enum MessageType;
  CHECK(field_of({text, "", {}, {}, {}}) == "text");
  CHECK(field_of({text, "x", {photo}, {}, {}}) == "attachments");
  CHECK(field_of({text, "x", {}, Location{}, {}}) == "location");
  CHECK(field_of({text, "x\xC3", {}, {}, {}}) == "text");
  CHECK(field_of({attachment, "x", {}, {}, {}}) == "attachments");
  CHECK(field_of({attachment, "", {photo, {"file:///etc", "", "", {}}}, {}, {}}) ==
        "attachments[1].url");
  CHECK(field_of({attachment, "", {{photo.url, "", "", -1}}, {}, {}}) == "attachments[0].bytes");
  CHECK(field_of({location, "", {}, {}, {}}) == "location");
  CHECK(field_of({location, "", {}, Location{91, 0, "", ""}, {}}) == "location.latitude");
  CHECK(field_of({location, "", {}, Location{0, -181, "", ""}, {}}) == "location.longitude");
  CHECK(field_of({template_, "", {}, {}, {}}) == "template");
  CHECK(field_of({template_, "", {}, {}, Template{" ", "", {}}}) == "template.name");
  CHECK(field_of({unsupported, "", {}, {}, {}}) == "type");
  SendMessage tagged = Scene::message("x");
  tagged.tag = "urgent";
  CHECK(scene.refused(tagged, by).field == "tag");

  for (const auto& content :
       {Content{attachment, "a caption", {photo}, {}, {}},
        Content{location, "", {}, Location{-33.4, -70.6, "HQ", ""}, {}},
        Content{template_, "", {}, {}, Template{"welcome", "en_US", {"Eva"}}}}) {
    SendMessage send;
    send.content = content;
    scene.must(send, by);
    CHECK(scene.person.last().message()->content == content);
  }
}

TEST_CASE("an inbound message may be of a type that we do not support") {
  Scene scene;
  auto command = scene.inbound("", "whatsapp", "+15550100");
  command.content.type = MessageType::unsupported;
  scene.must(command, Scene::connector("whatsapp"));
  CHECK(scene.row().last_message->type == MessageType::unsupported);
}
