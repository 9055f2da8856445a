// `message.send`, `comment.add`, `timeline.page`, `search`, typing and viewing, over the real
// socket.
#include "tests/e2e/desk.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::tests;

TEST_CASE("R10 a repeated client_id is answered with the first entry, and writes nothing") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  const Json first =
      ana.must("message.send", {{"contact", id}, {"text", "uno"}, {"client_id", "k1"}});
  const Json again =
      ana.must("message.send", {{"contact", id}, {"text", "dos"}, {"client_id", "k1"}});
  CHECK(again.at("duplicate") == true);
  CHECK(again.at("entry").at("seq") == first.at("entry").at("seq"));
  CHECK(again.at("entry").at("text") == "uno");
  CHECK(again.at("offset") == again.at("entry").at("offset"));
  // S22: one space for messages and comments; another agent's is another.
  CHECK(ana.must("comment.add", {{"contact", id}, {"text", "n"}, {"client_id", "k1"}})
            .at("duplicate") == true);
  RpcClient luis = desk.server.agent("luis");
  CHECK(luis.must("message.send", {{"contact", id}, {"text", "tres"}, {"client_id", "k1"}})
            .at("entry")
            .at("text") == "tres");
  // Also after a restart.
  desk.server.restart();
  RpcClient back = desk.server.agent("ana");
  CHECK(back.must("message.send", {{"contact", id}, {"text", "x"}, {"client_id", "k1"}})
            .at("duplicate") == true);
}

TEST_CASE("R13 expect_seq: of two answers to one question the later is refused") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient luis = desk.server.agent("luis");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  const auto seq = contact_of(ana, id).at("last_seq");
  const auto by_ana =
      ana.send("message.send", {{"contact", id}, {"text", "a"}, {"expect_seq", seq}});
  const auto by_luis =
      luis.send("message.send", {{"contact", id}, {"text", "l"}, {"expect_seq", seq}});
  const RpcReply first = ana.wait_reply(by_ana);
  const RpcReply second = luis.wait_reply(by_luis);
  CHECK(first.ok() != second.ok());
  const RpcReply& refused = first.ok() ? second : first;
  CHECK(refused.reason() == "conflict");
  CHECK(refused.error.at("data").at("last_seq") == seq.get<int>() + 2);  // assigned, message
  CHECK(story_of(ana, id) == std::vector<std::string>{"opened", "message", "assigned", "message"});
}

TEST_CASE("R7 a reply to a done contact reopens and assigns it") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  ana.must("contact.done", {{"contact", id}});
  ana.must("message.send", {{"contact", id}, {"text", "una cosa más"}});
  CHECK(story_of(ana, id) ==
        std::vector<std::string>{"opened", "message", "done", "reopened", "assigned", "message"});
  CHECK(contact_of(ana, id).at("assignee") == "ana");
}

TEST_CASE("S20 a service's send neither assigns nor reopens") {
  Desk desk;
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  desk.admin.must("message.send", {{"contact", id}, {"text", "aviso"}});
  CHECK(contact_of(desk.admin, id).at("assignee").is_null());
}

TEST_CASE("Messages of every type keep what they carry") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  const Json attachments = Json::array({{{"url", "https://files.example/a.pdf"},
                                         {"mime_type", "application/pdf"},
                                         {"name", "a.pdf"},
                                         {"bytes", 1234}}});
  Json entry = ana.must("message.send",
                        {{"contact", id}, {"type", "attachment"}, {"attachments", attachments}})
                   .at("entry");
  CHECK(entry.at("attachments") == attachments);
  entry = ana.must("message.send", {{"contact", id},
                                    {"type", "location"},
                                    {"location", {{"latitude", 19.43}, {"longitude", -99.13}}}})
              .at("entry");
  CHECK(entry.at("location").at("latitude") == 19.43);
  entry = ana.must("message.send", {{"contact", id},
                                    {"type", "template"},
                                    {"template", {{"name", "hola"}, {"language", "es"}}}})
              .at("entry");
  CHECK(entry.at("template").at("name") == "hola");
  // S28: a webchat has no templates.
  RpcClient web = desk.server.connector("web");
  const std::string other = new_contact(web, "visitor");
  CHECK(ana.call("message.send",
                 {{"contact", other}, {"type", "template"}, {"template", {{"name", "hola"}}}})
            .reason() == "invalid_params");
}

TEST_CASE("S12 a send without channel goes where the contact last wrote; else channel is wrong") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient wa = desk.server.connector("wa");
  const std::string id = new_contact(wa, "1");
  CHECK(ana.must("message.send", {{"contact", id}, {"text", "a"}}).at("entry").at("channel") ==
        "wa");
  const RpcReply reply =
      ana.call("message.send", {{"contact", id}, {"channel", "web"}, {"text", "a"}});
  CHECK(reply.reason() == "invalid_params");
  CHECK(reply.field() == "channel");
}

TEST_CASE("S28 outside WhatsApp's window only a template passes") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  // S26: the window counts from the platform's time, here a day in 2001.
  constexpr std::int64_t written_at = 1'000'000'000'000;
  const std::string id = connector
                             .must("inbound.receive", {{"external_id", "1"},
                                                       {"provider_id", "p1"},
                                                       {"at", written_at},
                                                       {"type", "text"},
                                                       {"text", "hola"}})
                             .at("contact");
  const auto length = timeline_of(ana, id).size();
  const RpcReply reply = ana.call("message.send", {{"contact", id}, {"text", "tarde"}});
  CHECK(reply.code() == -32005);
  CHECK(reply.reason() == "window_closed");
  CHECK(reply.error.at("data").at("closed_at") == written_at + 24 * 3'600'000);
  CHECK(timeline_of(ana, id).size() == length);
  CHECK(ana.call("message.send",
                 {{"contact", id}, {"type", "template"}, {"template", {{"name", "t"}}}})
            .ok());
}

TEST_CASE("comment.add writes an internal comment, assigns nobody, and tells whom it mentions") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient luis = desk.server.agent("luis");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  luis.must("notifications.subscribe");
  const Json entry =
      ana.must("comment.add", {{"contact", id}, {"text", "@luis ¿lo ves?"}, {"mentions", {"luis"}}})
          .at("entry");
  CHECK(entry.at("kind") == "comment");
  CHECK(entry.at("mentions") == Json({"luis"}));
  CHECK(contact_of(ana, id).at("assignee").is_null());
  const Json note = luis.wait_notification("notification").at("params");
  CHECK(note.at("kind") == "mention");
  CHECK(note.at("contact") == id);
  CHECK(note.at("seq") == entry.at("seq"));
  const RpcReply unknown =
      ana.call("comment.add", {{"contact", id}, {"text", "x"}, {"mentions", {"nobody"}}});
  CHECK(unknown.reason() == "not_found");
}

TEST_CASE("timeline.page goes back to the first entry without gap or repetition") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  for (int i = 0; i < 24; ++i) receive(connector, "1", "p" + std::to_string(i));
  std::uint64_t expected = 26;  // opened and 25 messages
  Json params{{"contact", id}, {"limit", 7}};
  for (bool more = true; more;) {
    const Json page = ana.must("timeline.page", params);
    const Json& entries = page.at("entries");
    for (auto entry = entries.rbegin(); entry != entries.rend(); ++entry)
      CHECK(entry->at("seq") == expected--);
    params["before_seq"] = entries.front().at("seq");
    more = page.at("more");
  }
  CHECK(expected == 0);
}

TEST_CASE("S41 typing and viewing are told to the others, never to oneself") {
  Desk desk;
  RpcClient ana = desk.server.agent("ana");
  RpcClient luis = desk.server.agent("luis");
  RpcClient connector = desk.server.connector("wa");
  const std::string id = new_contact(connector, "1");
  const Json sub = luis.must("contact.subscribe", {{"contact", id}}).at("sub");
  ana.must("viewing.set", {{"contact", id}, {"on", true}});
  const Json viewing = luis.wait_notification([&](const Json& n) {
    return n.at("method") == "contact.presence" && !n.at("params").at("viewers").empty();
  });
  CHECK(viewing.at("params").at("viewers") == Json({"ana"}));
  ana.must("typing.set", {{"contact", id}, {"on", true}});
  const auto typing = [](const Json& n) {
    return n.at("method") == "contact.presence" && !n.at("params").at("typing").empty();
  };
  CHECK(luis.wait_notification(typing).at("params").at("typing").at(0).at("id") == "ana");
  ana.must("typing.set", {{"contact", id}, {"on", false}});
  connector.must("inbound.typing", {{"external_id", "1"}, {"on", true}});
  CHECK(luis.wait_notification([&](const Json& n) {
              return typing(n) && n.at("params").at("typing").at(0).at("kind") == "contact";
            })
            .at("params")
            .at("sub") == sub);
}
