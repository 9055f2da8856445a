// Search through the whole engine: what is committed is found, by those who may see it, and stays
// found across restarts, merges and a lost or damaged index.
#include <algorithm>
#include <chrono>
#include <fstream>
#include <set>
#include <sys/mount.h>
#include <utility>

#include "tests/actors/engine_fixture.hpp"
#include "tests/support/catch.hpp"

namespace inboxd::tests {
namespace {

namespace request = actors::request;
using Scope = request::Search::Scope;

request::Search query(std::string text, std::vector<Scope> scopes = {},
                      std::optional<std::string> view = {}) {
  request::Search search{.query = std::move(text), .scopes = std::move(scopes)};
  if (view) search.view = model::ViewId(*view);
  return search;
}

request::OnContact on(model::ContactId contact, model::Command command) {
  return {.contact = contact, .command = std::move(command), .expect_version = std::nullopt};
}

model::ContactId id_of(const json& text) {
  return *model::ContactId::parse(text.get<std::string>());
}

/// A file system that holds next to nothing, and cannot be taken away by removing it; if this
/// process may mount one.
class TinyDisk {
 public:
  explicit TinyDisk(std::filesystem::path path) : path_(std::move(path)) {
    std::filesystem::create_directories(path_);
    mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=8k") == 0;
  }
  ~TinyDisk() { unmount(); }
  TinyDisk(const TinyDisk&) = delete;
  TinyDisk& operator=(const TinyDisk&) = delete;

  bool mounted() const { return mounted_; }
  void unmount() const {
    if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }

 private:
  std::filesystem::path path_;
  bool mounted_ = false;
};

struct SearchFixture : EngineFixture {
  explicit SearchFixture(actors::SearchOptions options = {}) : EngineFixture(options) {
    put_channel("wa", model::ChannelKind::whatsapp);
  }

  /// Searches until the index is as far as the last commit (it may lag, and then says so).
  json search(const actors::ClientPtr& client, const request::Search& what) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    for (;;) {
      auto result = call(client, what);
      if (result["behind"] == 0 && result["partial"] == false) return result;
      if (std::chrono::steady_clock::now() > until)
        throw std::runtime_error("the index stays behind: " + result.dump());
    }
  }
  std::set<std::string> contacts(const actors::ClientPtr& client, const request::Search& what) {
    std::set<std::string> ids;
    const auto result = search(client, what);
    for (const auto& hit : result["hits"]) ids.insert(hit["contact"]["id"].get<std::string>());
    return ids;
  }
  std::vector<std::string> texts(const actors::ClientPtr& client, const std::string& text,
                                 std::vector<Scope> scopes = {Scope::messages, Scope::comments}) {
    std::vector<std::string> found;
    const auto result = search(client, query(text, std::move(scopes)));
    for (const auto& hit : result["hits"]) found.push_back(hit["entry"]["text"]);
    return found;
  }

  model::ContactId create(const std::string& first_name, const std::string& phone = {},
                          const std::vector<std::string>& tags = {}) {
    model::CreateContact create;
    create.set.first_name = std::optional<std::string>(first_name);
    if (!phone.empty()) create.set.phone = std::optional<std::string>(phone);
    for (const auto& tag : tags) create.tags.emplace_back(tag);
    return id_of(call(admin(), request::CreateContact{create})["contact"]["id"]);
  }
  void assign(model::ContactId contact, const std::string& agent) {
    model::AssignContact assign;
    assign.to.assignee = model::AgentId(agent);
    call(admin(), on(contact, assign));
  }
  void put_agent(const std::string& id, model::Visibility visibility,
                 const std::vector<std::string>& teams = {}) {
    model::Agent agent{.id = model::AgentId(id), .name = id, .visibility = visibility};
    for (const auto& team : teams) agent.teams.emplace_back(team);
    call(admin(), request::OnWorkspace{.command = model::PutAgent{agent}});
  }
  void comment(model::ContactId contact, const std::string& text) {
    call(admin(), on(contact, model::AddComment{.text = text}));
  }
};

}  // namespace

TEST_CASE("S43: a contact is found as it is now: by name, phone, e-mail, tag, field and account") {
  SearchFixture engine;
  model::CustomField field{.id = model::FieldId("plan"), .name = "Plan"};
  engine.call(engine.admin(), request::OnWorkspace{.command = model::PutField{field}});
  const auto jose = engine.create("José", "+34600123456", {"Muy VIP"});
  engine.create("Josefa");
  model::UpdateContact update;
  update.set.last_name = std::optional<std::string>("García");
  update.set.email = std::optional<std::string>("pepe.garcia@Example.com");
  update.set.fields[model::FieldId("plan")] = model::FieldValue(std::string("Oro 24k"));
  update.channels_add.push_back({model::ChannelId("wa"), "wa-user-77"});
  engine.call(engine.admin(), on(jose, update));
  const auto ana = engine.agent("ana");

  for (const char* text : {"jose garcia", "GARC", "pepe", "example", "23456", "34600", "600-123",
                           "vip", "muy", "oro", "24k", "user 77", "tag:muy", "tag:\"muy vip\"",
                           "jose -josefa", "jose tag:muy status:open assignee:none"}) {
    CAPTURE(text);
    CHECK(engine.contacts(ana, query(text)) == std::set{jose.str()});
  }
  for (const char* text : {"jose xyz", "tag:\"muy\"", "tag:nada", "status:done jose", "99999",
                           "assignee:ana jose", "channel:email jose", "-jose garcia"}) {
    CAPTURE(text);
    CHECK(engine.contacts(ana, query(text)).empty());
  }
  CHECK(engine.contacts(ana, query("jos")).size() == 2);

  update = {};
  update.set.first_name = std::optional<std::string>("Ramón");
  engine.call(engine.admin(), on(jose, update));
  CHECK(engine.contacts(ana, query("ramon")) == std::set{jose.str()});
  CHECK(engine.contacts(ana, query("jose garcia")).empty());
  const auto hit = engine.search(ana, query("gar"))["hits"][0];
  CHECK(hit["contact"]["name"] == "Ramón García");
  CHECK(hit["highlight"][0]["field"] == "name");
  CHECK(hit["highlight"][0]["parts"] == json{"Ramón ", "Gar", "cía"});
}

TEST_CASE("S43: messages and comments are found by their words, newest first, as they are now") {
  SearchFixture engine;
  const auto wa = engine.connector("wa");
  const auto ana = engine.agent("ana");
  const auto contact = id_of(engine.receive(wa, "1", "m1", "¿Dónde está mi pedido?")["contact"]);
  engine.clock_ms += 1'000;
  model::SendMessage send;
  send.content.text = "Su pedido llega mañana";
  const auto sent = engine.call(ana, on(contact, send))["entry"];
  engine.comment(contact, "cliente impaciente por el pedido");
  using Texts = std::vector<std::string>;
  CHECK(engine.texts(ana, "pedido", {Scope::messages}) ==
        Texts{"Su pedido llega mañana", "¿Dónde está mi pedido?"});
  CHECK(engine.texts(ana, "pedidos", {Scope::comments}) ==
        Texts{"cliente impaciente por el pedido"});
  CHECK(engine.texts(ana, "manan").size() == 1);
  CHECK(engine.texts(ana, "\"mi pedido\"") == Texts{"¿Dónde está mi pedido?"});
  CHECK(engine.texts(ana, "pedido channel:whatsapp").size() == 2);
  CHECK(engine.texts(ana, "pedido -channel:whatsapp").size() == 1);
  CHECK(engine.texts(ana, "pedido after:2023-11-14 before:2023-11-15").size() == 3);
  CHECK(engine.texts(ana, "pedido before:2023-11-14").empty());

  engine.call(
      wa, request::ReportSent{
              .contact = contact, .seq = {sent["seq"].get<std::uint64_t>()}, .provider_id = "p1"});
  const auto hit = engine.search(ana, query("llega"))["hits"][0];
  CHECK(hit["entry"]["status"] == "sent");
  CHECK(hit["contact"]["id"] == contact.str());
  CHECK(hit["highlight"][0] ==
        json{{"field", "text"}, {"parts", {"Su pedido ", "llega", " mañana"}}});
}

TEST_CASE("S25: who may not open a contact finds neither it, nor its messages, nor its comments") {
  SearchFixture engine;
  const auto put_team = [&](const std::string& id) {
    model::Team team{.id = model::TeamId(id), .name = id};
    engine.call(engine.admin(), request::OnWorkspace{.command = model::PutTeam{team}});
  };
  put_team("north");
  put_team("south");
  engine.put_agent("sees-all", model::Visibility::all);
  engine.put_agent("north-1", model::Visibility::team, {"north"});
  engine.put_agent("north-2", model::Visibility::team, {"north"});
  engine.put_agent("south-1", model::Visibility::team, {"south"});
  engine.put_agent("alone", model::Visibility::assigned);
  const auto wa = engine.connector("wa");
  std::map<std::string, std::string> contacts;  // by whose they are
  for (const std::string owner : {"nobody", "north-2", "south-1", "alone"}) {
    const auto contact = id_of(engine.receive(wa, owner, "m " + owner, "zapato rojo")["contact"]);
    engine.comment(contact, "zapato comentado");
    if (owner != "nobody") engine.assign(contact, owner);
    contacts[owner] = contact.str();
    model::UpdateContact update;
    update.set.first_name = std::optional<std::string>("Zapatero");
    engine.call(engine.admin(), on(contact, update));
  }
  const std::set<std::string> everyone{contacts["nobody"], contacts["north-2"], contacts["south-1"],
                                       contacts["alone"]};
  const std::map<std::string, std::set<std::string>> visible{
      {"sees-all", everyone},
      {"north-1", {contacts["nobody"], contacts["north-2"]}},
      {"south-1", {contacts["nobody"], contacts["south-1"]}},
      {"alone", {contacts["alone"]}},
  };
  for (const auto& [id, expected] : visible) {
    const auto agent = engine.agent(id);
    for (const auto scope : {Scope::contacts, Scope::messages, Scope::comments}) {
      CAPTURE(id, static_cast<int>(scope));
      CHECK(engine.contacts(agent, query("zapat", {scope})) == expected);
      CHECK(engine.contacts(agent, query("zapat", {scope}, "all")) == expected);
    }
    CHECK(engine.contacts(agent, query("status:open")) == expected);
  }
  // Managers and services see everything, whatever the record says.
  CHECK(engine.contacts(engine.agent("alone", model::Role::manager), query("zapat")) == everyone);
  CHECK(engine.contacts(engine.service("api", model::Role::agent), query("zapat")) == everyone);

  // It follows the assignment at once.
  engine.assign(id_of(contacts["alone"]), "south-1");
  CHECK(engine.contacts(engine.agent("alone"), query("zapat")).empty());
  CHECK(engine.contacts(engine.agent("south-1"), query("zapat")).size() == 3);
  // Inside a view only its contacts.
  CHECK(engine.contacts(engine.agent("south-1"), query("zapat", {}, "mine")).size() == 2);
  CHECK(engine.contacts(engine.agent("south-1"), query("zapat", {}, "unassigned")) ==
        std::set{contacts["nobody"]});
  CHECK(engine.contacts(engine.agent("sees-all"), query("zapat", {}, "team:north")) ==
        std::set{contacts["north-2"]});
  CHECK(engine.error(engine.agent("alone"), query("zapat", {}, "no-such"))["data"]["field"] ==
        "view");
}

TEST_CASE("S21: what is blocked is found only in the view of the blocked") {
  SearchFixture engine;
  const auto wa = engine.connector("wa");
  const auto contact = id_of(engine.receive(wa, "1", "m1", "palabra clave")["contact"]);
  const auto ana = engine.agent("ana");
  CHECK(engine.contacts(ana, query("clave")).size() == 1);
  engine.call(ana, on(contact, model::BlockContact{}));
  CHECK(engine.contacts(ana, query("clave")).empty());
  CHECK(engine.contacts(ana, query("clave", {}, "blocked")) == std::set{contact.str()});
  engine.call(ana, on(contact, model::UnblockContact{}));
  CHECK(engine.contacts(ana, query("clave")).size() == 1);
}

TEST_CASE("S23: what a merged contact wrote leads to the primary, once, also after restarts") {
  SearchFixture engine;
  const auto wa = engine.connector("wa");
  const auto first = id_of(engine.receive(wa, "1", "m1", "uno primero")["contact"]);
  const auto second = id_of(engine.receive(wa, "2", "m2", "dos segundo")["contact"]);
  const auto third = id_of(engine.receive(wa, "3", "m3", "tres tercero")["contact"]);
  const auto ana = engine.agent("ana", model::Role::manager);
  engine.call(ana, request::MergeContact{.contact = second, .from = third});
  engine.call(ana, request::MergeContact{.contact = first, .from = second});
  engine.receive(wa, "3", "m4", "cuatro");
  const auto check = [&](const actors::ClientPtr& who) {
    for (const char* text : {"primero", "segundo", "tercero", "cuatro"}) {
      CAPTURE(text);
      const auto hits = engine.search(who, query(text, {Scope::messages}))["hits"];
      REQUIRE(hits.size() == 1);
      CHECK(hits[0]["contact"]["id"] == first.str());
      CHECK(hits[0]["entry"]["contact"] == first.str());
      const auto page = engine.call(who, request::PageTimeline{.contact = first, .limit = 200});
      const auto& entries = page["entries"];
      const auto same = std::find_if(entries.begin(), entries.end(), [&](const json& entry) {
        return entry["seq"] == hits[0]["entry"]["seq"];
      });
      REQUIRE(same != entries.end());
      CHECK((*same)["text"] == hits[0]["entry"]["text"]);
    }
  };
  check(ana);
  engine.restart();
  check(engine.agent("ana", model::Role::manager));
  // The index is lost with the engine stopped: all of it comes from the store.
  engine.engine().stop();
  std::filesystem::remove_all(engine.data() / "search");
  engine.restart();
  check(engine.agent("ana", model::Role::manager));
}

TEST_CASE(
    "a lost, damaged or old index is brought up from the store, and search says so meanwhile") {
  // Written often, so that most of it is on disk and some is not.
  SearchFixture engine({.recent_max = 40, .write_every = {50}});
  const auto wa = engine.connector("wa");
  const auto ana = engine.agent("ana");
  std::vector<std::string> newest_first;
  for (int i = 0; i < 150; ++i) {
    const auto text = "mensaje" + std::to_string(i) + " palabra";
    engine.receive(wa, std::to_string(i % 13), "m" + std::to_string(i), text);
    newest_first.insert(newest_first.begin(), text);
    engine.clock_ms += 1;
  }
  const auto all = [&](const actors::ClientPtr& who) {
    auto what = query("palabra", {Scope::messages});
    what.limit = 200;
    std::vector<std::string> texts;
    const auto result = engine.search(who, what);
    for (const auto& hit : result["hits"]) texts.push_back(hit["entry"]["text"]);
    return texts;
  };
  CHECK(all(ana) == newest_first);
  engine.engine().stop();
  const auto index = engine.data() / "search";
  SECTION("as it is") {}
  SECTION("deleted") {
    std::filesystem::remove_all(index);
  }
  SECTION("half of it deleted") {
    std::filesystem::remove_all(index / "entries");
  }
  SECTION("overwritten") {
    for (const auto& file : std::filesystem::recursive_directory_iterator(index)) {
      if (!file.is_regular_file()) continue;
      const auto size = std::filesystem::file_size(file);
      std::ofstream(file.path(), std::ios::binary) << std::string(size, 'x');
    }
  }
  engine.restart();
  const auto again = engine.agent("ana");
  CHECK(all(again) == newest_first);
  engine.receive(engine.connector("wa"), "1", "later", "palabra nueva");
  newest_first.insert(newest_first.begin(), "palabra nueva");
  CHECK(all(again) == newest_first);
  CHECK(engine.contacts(again, query("1", {Scope::contacts})).size() == 4);  // 1, 10, 11, 12
}

TEST_CASE("an index from before some commits catches up with them") {
  SearchFixture engine;
  const auto wa = engine.connector("wa");
  const auto contact = id_of(engine.receive(wa, "1", "m1", "antes antigua")["contact"]);
  CHECK(engine.texts(engine.agent("ana"), "antigua").size() == 1);
  engine.engine().stop();
  const auto index = engine.data() / "search", kept = engine.data() / "kept";
  std::filesystem::copy(index, kept, std::filesystem::copy_options::recursive);
  engine.restart();
  engine.receive(engine.connector("wa"), "1", "m2", "despues nueva");
  engine.receive(engine.connector("wa"), "2", "m3", "despues otra");
  model::UpdateContact update;
  update.set.first_name = std::optional<std::string>("Renombrada");
  engine.call(engine.admin(), on(contact, update));
  engine.engine().stop();
  std::filesystem::remove_all(index);
  std::filesystem::rename(kept, index);
  engine.restart();
  const auto ana = engine.agent("ana");
  CHECK(engine.texts(ana, "despues").size() == 2);
  CHECK(engine.texts(ana, "antigua").size() == 1);
  CHECK(engine.contacts(ana, query("renom")) == std::set{contact.str()});
}

TEST_CASE("S43: whatever is not after an answer's offset is found, also when it lags far behind") {
  SearchFixture engine({.recent_max = 200, .write_every = {50}});
  const auto wa = engine.connector("wa");
  const auto ana = engine.agent("ana");
  constexpr int messages = 6'000, customers = 60, in_flight = 500;
  std::vector<std::uint64_t> offsets;  // of the messages' commits
  std::vector<actors::RequestTag> sent;
  std::uint64_t lagged = 0;
  const auto take = [&] {
    offsets.push_back(engine.answer(sent[offsets.size()])["result"]["offset"]);
  };
  const auto look = [&](std::size_t i) {
    const auto found =
        engine.call(ana, query("\"numero " + std::to_string(i) + '"', {Scope::messages}));
    if (found["partial"] == true) return;
    if (found["behind"] > 0) ++lagged;
    INFO("message " << i << " of offset " << offsets[i] << ": " << found.dump());
    if (offsets[i] <= found["offset"].get<std::uint64_t>()) CHECK(found["hits"].size() == 1);
  };
  for (int i = 0; i < messages; ++i) {
    model::ReceiveInbound inbound;
    inbound.external_id = std::to_string(i % customers);
    inbound.provider_id = 'm' + std::to_string(i);
    inbound.content.text = "el numero " + std::to_string(i);
    sent.push_back(engine.send(wa, request::ReceiveInbound{inbound}));
    if (i >= in_flight) take();
    if (i % 400 == 399 && i >= in_flight) {  // the newest, and one from before
      look(offsets.size() - 1);
      look(offsets.size() / 2);
    }
  }
  while (offsets.size() < messages) take();
  CHECK(lagged > 0);
  const auto all = engine.search(ana, query("numero", {Scope::messages}));
  CHECK(all["behind"] == 0);
  for (std::size_t i = 0; i < messages; i += 97) look(i);
}

TEST_CASE("a cursor leads through all scopes to the end, each hit once") {
  SearchFixture engine;
  const auto wa = engine.connector("wa");
  for (int i = 0; i < 23; ++i) {
    const auto contact = id_of(
        engine.receive(wa, std::to_string(i), "m" + std::to_string(i), "comun hola")["contact"]);
    model::UpdateContact update;
    update.set.first_name = std::optional<std::string>("Comun " + std::to_string(i));
    engine.call(engine.admin(), on(contact, update));
    if (i % 3 == 0) engine.comment(contact, "comun nota");
  }
  const auto ana = engine.agent("ana");
  auto what = query("comun");
  what.limit = 5;
  std::set<std::pair<std::string, std::uint64_t>> seen;
  std::size_t hits = 0, pages = 0;
  for (;;) {
    const auto result = engine.search(ana, what);
    ++pages;
    hits += result["hits"].size();
    CHECK(result["hits"].size() <= 5);
    for (const auto& hit : result["hits"]) {
      const std::uint64_t seq =
          hit.contains("entry") ? hit["entry"]["seq"].get<std::uint64_t>() : 0;
      seen.emplace(hit["contact"]["id"], seq);
    }
    if (pages == 1) {  // a fair share for each kind
      CHECK(std::count_if(result["hits"].begin(), result["hits"].end(),
                          [](const json& hit) { return !hit.contains("entry"); }) == 2);
    }
    if (result["cursor"].is_null()) break;
    what.cursor = result["cursor"].get<std::string>();
    REQUIRE(pages < 50);
  }
  CHECK(hits == 23 + 23 + 8);
  CHECK(seen.size() == hits);
  what.cursor = "nonsense";
  CHECK(engine.error(ana, what)["data"]["field"] == "cursor");
}

TEST_CASE("an index that cannot be written holds up no commit and keeps none in memory") {
  SearchFixture engine;
  const auto wa = engine.connector("wa");
  engine.receive(wa, "1", "m0", "palabra cero");
  engine.engine().stop();
  const TinyDisk disk(engine.data() / "search");
  if (!disk.mounted()) {
    WARN("not tested: this process may not mount a file system that is always full");
    return;
  }
  engine.restart();
  const auto again = engine.connector("wa");
  const auto ana = engine.agent("ana");
  // More than once: at first it is tried again at once.
  const auto waiting = [&] {
    const auto metrics = engine.engine().metrics();
    const std::string name = "\ninboxd_search_commits_waiting ";
    return std::stoul(metrics.substr(metrics.find(name) + name.size()));
  };
  const auto is_empty_soon = [&] {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (waiting() > 0 && std::chrono::steady_clock::now() < until)
      engine.call(ana, query("palabra"));
    return waiting() == 0;
  };
  for (int i = 1; i <= 200; ++i) {
    engine.receive(again, std::to_string(i % 7), "m" + std::to_string(i), "palabra");
    if (i % 100 == 0) CHECK(is_empty_soon());
  }
  CHECK(engine.call(ana, query("palabra"))["partial"] == true);
  // With the way free, all of it is found, when it tries again.
  disk.unmount();
  const auto found = engine.search(ana, [] {
    auto what = query("palabra", {Scope::messages});
    what.limit = 200;
    return what;
  }());
  CHECK(found["hits"].size() == 200);
  CHECK(!found["cursor"].is_null());  // there were 201
}

TEST_CASE("bad searches are answered at once, in words or with nothing") {
  SearchFixture engine;
  const auto ana = engine.agent("ana");
  for (const char* text : {"tag:", "status:", "before:", "before:ayer", "assignee: "})
    CHECK(engine.error(ana, query(text))["data"]["field"] == "query");
  for (const char* text : {"¿?", "\x01\x02", "de la que", "\"\"", "-x", "tag:x", "assignee:nobody"})
    CHECK(engine.call(ana, query(text))["hits"].empty());
}

TEST_CASE("searches of a client that come faster than they are answered are all answered") {
  SearchFixture engine;
  engine.create("Zoe");
  const auto ana = engine.agent("ana");
  CHECK(engine.contacts(ana, query("zo")).size() == 1);
  std::vector<actors::RequestTag> tags;
  for (int i = 0; i < 300; ++i) tags.push_back(engine.send(ana, query("zo")));
  std::size_t found = 0;
  for (const auto tag : tags) {
    const auto answer = engine.answer(tag);
    if (answer.contains("result")) {
      CHECK(answer["result"]["hits"].size() == 1);
      ++found;
    } else {
      CHECK(answer["error"]["data"]["reason"] == "unavailable");
    }
  }
  CHECK(found > 0);
  CHECK(engine.answer(tags.back()).contains("result"));  // the last one is never given up
}

}  // namespace inboxd::tests
