// The search index by itself (S43): what it finds on disk and in memory is what a scan over every
// document finds.
#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <xapian.h>

#include "persistence/search/index.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/temp_dir.hpp"

namespace inboxd::tests {
namespace {

/// A word as people write it, and as it compares: given by hand, so that the folding of the product
/// is not what it is compared with.
struct Spelling {
  const char* written;
  const char* plain;
};
constexpr std::array spellings{
    Spelling{"José", "jose"},
    Spelling{"JOSEFA", "josefa"},
    Spelling{"jo", "jo"},
    Spelling{"Ñandú", "nandu"},
    Spelling{"Müller", "muller"},
    Spelling{"Straße", "strasse"},
    Spelling{"Łódź", "lodz"},
    Spelling{"Ελένη", "ελενη"},
    Spelling{"Ана", "ана"},
    Spelling{"Анастасия", "анастасия"},
    Spelling{"😀", "😀"},
    Spelling{"🎉", "🎉"},
    Spelling{"a", "a"},
    Spelling{"al", "al"},
    Spelling{"alba", "alba"},
    Spelling{"albañil", "albanil"},
    Spelling{"albacete", "albacete"},
    Spelling{"albaceteño", "albaceteno"},
    Spelling{"Ærø", "aero"},
    Spelling{"ＡＢＣ", "abc"},
    Spelling{"9x", "9x"},
    Spelling{"pedido", "pedido"},
    Spelling{"Øre", "ore"},
};
/// Scripts without spaces: any part of a run is found.
constexpr std::array runs{"東京都庁", "京都", "李小龍", "さくら"};

using Words = std::vector<std::pair<std::string, bool>>;  // plain, and whether it is a run

struct Text {
  std::string written;
  Words words;
};

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::size_t below(std::size_t n) { return engine_() % n; }

  Text text(std::size_t words) {
    Text text;
    for (std::size_t i = 0; i < words; ++i) {
      static const std::array gaps{" ", ", ", " - ", ".  "};
      if (i > 0) text.written += gaps[below(gaps.size())];
      if (below(8) == 0) {
        const std::string run = runs[below(runs.size())];
        text.written += run;
        text.words.emplace_back(run, true);
      } else {
        const auto& spelling = spellings[below(spellings.size())];
        text.written += spelling.written;
        text.words.emplace_back(spelling.plain, false);
      }
    }
    return text;
  }
  std::string phone() { return "+3460" + std::to_string(1'000'000 + below(3'000) * 37); }

 private:
  std::mt19937_64 engine_;
};

std::vector<std::string> points_of(const std::string& text) {
  std::vector<std::string> points;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80U) points.emplace_back();
    points.back() += c;
  }
  return points;
}
std::string joined(const std::vector<std::string>& points, std::size_t first, std::size_t count) {
  std::string text;
  for (std::size_t i = first; i < first + count; ++i) text += points[i];
  return text;
}

struct Made {
  model::ContactId contact;
  model::Timestamp recency;
  Words words;
  std::string digits;
};
struct MadeEntry {
  model::ContactId contact;
  model::Seq seq;
  search::Document::Kind kind;
  Words words;
};

bool has_beginning(const Words& words, const std::string& begin) {
  return std::any_of(words.begin(), words.end(), [&](const auto& word) {
    return word.second ? word.first.find(begin) != std::string::npos
                       : word.first.starts_with(begin);
  });
}

/// The state that the index asks about: everything is visible.
class World final : public search::Judge {
 public:
  std::map<std::uint64_t, Made> contacts;
  std::map<std::uint64_t, search::Document> contact_documents;
  std::map<std::pair<std::uint64_t, std::uint64_t>, search::DocumentPtr> entry_documents;
  std::vector<MadeEntry> entries;  // oldest first
  std::set<std::uint64_t> hidden;

  std::optional<model::Timestamp> recency(model::ContactId contact) override {
    const auto known = contacts.find(contact.value);
    return known == contacts.end() ? std::nullopt : std::optional(known->second.recency);
  }
  bool admits(model::ContactId contact) override { return !hidden.contains(contact.value); }
  bool admits(const search::EntryValue& entry) override {
    return !hidden.contains(entry.contact.value);
  }
  search::Document document(model::ContactId contact, std::vector<std::string>) override {
    return contact_documents.at(contact.value);
  }
  search::DocumentPtr document(const search::EntryValue& entry) override {
    return entry_documents.at({entry.contact.value, entry.seq.value});
  }
};

search::Query query(const std::string& text) {
  return search::parse_query(text, {1'800'000'000'000}).value();
}

struct Fixture {
  explicit Fixture(std::uint64_t seed) : random(seed) { open(); }

  void open() {
    index.emplace(search::IndexOptions{
        .path = dir / "search", .epoch = "e1", .query_time_max = std::chrono::minutes(1)});
    index->open();
  }

  void put_contact(std::uint64_t id) {
    const auto name = random.text(1 + random.below(3));
    const auto tag = random.text(1);
    const auto phone = random.phone();
    const model::ContactId contact{id};
    std::vector<search::Field> fields{
        {"first_name", name.written}, {"phone", phone}, {"tags", tag.written}};
    Made made{.contact = contact, .recency = {static_cast<std::int64_t>(random.below(50))}};
    made.words = name.words;
    made.words.insert(made.words.end(), tag.words.begin(), tag.words.end());
    made.digits = phone.substr(1);
    world.contacts[id] = made;
    world.contact_documents[id] = search::contact_document(contact, fields);
    index->put(std::make_shared<const search::Document>(world.contact_documents[id]));
  }

  void put_entry(std::uint64_t contact, std::uint64_t seq) {
    const auto text = random.text(1 + random.below(8));
    model::Entry entry;
    entry.seq = {seq};
    entry.at = {static_cast<std::int64_t>(seq)};
    const bool comment = random.below(4) == 0;
    if (comment) {
      entry.body = model::Comment{.text = text.written};
    } else {
      model::Message message;
      message.content.text = text.written;
      entry.body = message;
    }
    auto document = search::entry_document({contact}, entry);
    world.entries.push_back({{contact}, {seq}, document->kind, text.words});
    world.entry_documents[{contact, seq}] = document;
    index->put(std::move(document));
  }

  void write() {
    index->write({1}, false, [] {});
  }

  std::vector<std::uint64_t> contacts(const std::string& text, std::size_t limit = 10'000) {
    std::vector<std::uint64_t> ids;
    for (const auto& hit : index->contacts(query(text), std::nullopt, limit, world).hits)
      ids.push_back(hit.contact.value);
    return ids;
  }
  std::vector<std::pair<std::uint64_t, std::uint64_t>> entries(const std::string& text,
                                                               search::Document::Kind kind) {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ids;
    for (const auto& hit : index->entries(query(text), kind, {}, 0, 10'000, world).hits)
      ids.emplace_back(hit.entry.contact.value, hit.entry.seq.value);
    return ids;
  }

  /// A beginning of some word that is somewhere, or a run of digits.
  std::pair<std::string, bool> needle() {
    if (random.below(6) == 0) {
      const auto digits = random.phone().substr(1);
      const auto first = random.below(digits.size() - 3);
      return {digits.substr(first, 2 + random.below(digits.size() - first - 1)), true};
    }
    if (random.below(8) == 0) {
      const auto points = points_of(runs[random.below(runs.size())]);
      const auto first = random.below(points.size());
      return {joined(points, first, 1 + random.below(points.size() - first)), false};
    }
    const auto points = points_of(spellings[random.below(spellings.size())].plain);
    return {joined(points, 0, 1 + random.below(points.size())), false};
  }

  TempDir dir;
  Random random;
  World world;
  std::optional<search::Index> index;
};

}  // namespace

TEST_CASE("S43: contacts found by beginnings of words and runs of digits are those of a scan") {
  const auto seed = GENERATE(1U, 2U, 3U);
  CAPTURE(seed);
  Fixture fixture(seed);
  for (std::uint64_t id = 1; id <= 300; ++id) fixture.put_contact(id);
  fixture.write();
  // Some again, in memory over their old selves on disk, and some only in memory.
  for (std::uint64_t id = 1; id <= 330; id += 7) fixture.put_contact(id);
  for (int i = 0; i < 250; ++i) {
    std::vector<std::pair<std::string, bool>> needles{fixture.needle()};
    if (fixture.random.below(2) == 0) needles.push_back(fixture.needle());
    std::string text;
    for (const auto& [needle, digits] : needles) text += needle + " ";
    std::set<std::uint64_t> expected;
    for (const auto& known : fixture.world.contacts) {
      const auto& made = known.second;  // a binding cannot be captured, says Clang 14
      const bool all = std::all_of(needles.begin(), needles.end(), [&](const auto& needle) {
        return has_beginning(made.words, needle.first) ||
               (needle.second && made.digits.find(needle.first) != std::string::npos);
      });
      if (all) expected.insert(known.first);
    }
    CAPTURE(text);
    const auto found = fixture.contacts(text);
    REQUIRE(std::set(found.begin(), found.end()) == expected);
    REQUIRE(found.size() == expected.size());
  }
}

TEST_CASE(
    "S43: messages and comments found are those of a scan, newest first, and share a stem at "
    "least") {
  const auto seed = GENERATE(1U, 2U, 3U);
  CAPTURE(seed);
  Fixture fixture(seed);
  for (std::uint64_t seq = 1; seq <= 600; ++seq) {
    fixture.put_entry(1 + seq % 40, seq);
    if (seq == 250 || seq == 500) fixture.write();
  }
  for (int i = 0; i < 250; ++i) {
    const auto one = fixture.needle().first, two = fixture.needle().first;
    const auto kind = fixture.random.below(2) == 0 ? search::Document::Kind::message
                                                   : search::Document::Kind::comment;
    const auto text = one + " " + two;
    CAPTURE(text);
    std::vector<std::pair<std::uint64_t, std::uint64_t>> expected, by_meaning;
    for (auto at = fixture.world.entries.rbegin(); at != fixture.world.entries.rend(); ++at) {
      if (at->kind != kind) continue;
      const std::pair id{at->contact.value, at->seq.value};
      if (has_beginning(at->words, one) && has_beginning(at->words, two)) expected.push_back(id);
      if (search::matches(query(text), *fixture.world.entry_documents.at(id)))
        by_meaning.push_back(id);
    }
    const auto found = fixture.entries(text, kind);
    REQUIRE(found == by_meaning);
    // Whatever begins so is there; the rest came by a stem.
    std::size_t missing = 0;
    for (const auto& id : expected)
      missing += std::find(found.begin(), found.end(), id) == found.end() ? 1 : 0;
    REQUIRE(missing == 0);
    if (one.size() < 4 && two.size() < 4) REQUIRE(found == expected);
  }
}

TEST_CASE(
    "pages of contacts follow each other without a gap or a repeat, names first, then by recency") {
  Fixture fixture(7);
  for (std::uint64_t id = 1; id <= 200; ++id) fixture.put_contact(id);
  fixture.write();
  for (std::uint64_t id = 201; id <= 240; ++id) fixture.put_contact(id);
  for (const char* text : {"a", "al", "j", "60"}) {
    const auto all = fixture.index->contacts(query(text), std::nullopt, 10'000, fixture.world).hits;
    CHECK(std::is_sorted(all.begin(), all.end(), search::better));
    std::vector<search::ContactHit> paged;
    for (std::optional<search::ContactHit> after;;) {
      const auto page = fixture.index->contacts(query(text), after, 7, fixture.world).hits;
      if (page.empty()) break;
      paged.insert(paged.end(), page.begin(), page.end());
      after = page.back();
    }
    REQUIRE(paged.size() == all.size());
    for (std::size_t i = 0; i < all.size(); ++i) CHECK(paged[i].contact == all[i].contact);
  }
}

TEST_CASE("phrases, negations, stems and unknown letters find what they say") {
  Fixture fixture(1);
  const auto put = [&](std::uint64_t seq, const std::string& text) {
    model::Entry entry;
    entry.seq = {seq};
    model::Message message;
    message.content.text = text;
    entry.body = message;
    auto document = search::entry_document({1}, entry);
    fixture.world.entry_documents[{1, seq}] = document;
    fixture.index->put(document);
  };
  put(1, "Buenos días, quiero pagar mi pedido");
  put(2, "días buenos");
  put(3, "Ya estoy pagando las facturas");
  put(4, "The parcels were delivered yesterday 🎉");
  put(5, "我在東京都庁前等你");
  put(6, "a cat and mice");
  put(7, "a catalog of mice");
  put(8, "recibo 20241");
  put(9, "recibo 20242");
  const auto found = [&](const std::string& text) {
    std::vector<std::uint64_t> seqs;
    for (const auto& [contact, seq] : fixture.entries(text, search::Document::Kind::message))
      seqs.push_back(seq);
    return seqs;
  };
  using Seqs = std::vector<std::uint64_t>;
  for (const bool on_disk : {false, true}) {
    CAPTURE(on_disk);
    CHECK(found("\"buenos dias\"") == Seqs{1});
    CHECK(found("\"buenos di") == Seqs{1});
    CHECK(found("buenos dias") == Seqs{2, 1});
    CHECK(found("buenos -pedido") == Seqs{2});
    CHECK(found("-\"buenos dias\" dias") == Seqs{2});
    CHECK(found("pagar factura") == Seqs{3});
    CHECK(found("delivering parcel") == Seqs{4});
    CHECK(found("cats") == Seqs{6});  // on disk `cat` stands with what begins so
    CHECK(found("mice -cats") == Seqs{7});
    CHECK(found("recibo -20241") == Seqs{9});  // without looking at the text
    CHECK(found("\"a cat\"") == Seqs{6});
    CHECK(found("🎉") == Seqs{4});
    CHECK(found("京都") == Seqs{5});
    CHECK(found("\"京都庁前\"") == Seqs{5});
    CHECK(found("京前").empty());
    CHECK(found("xyzzy").empty());
    if (!on_disk) fixture.write();
  }
}

TEST_CASE("an index is opened again as it was left, and one that cannot be used is begun anew") {
  Fixture fixture(3);
  for (std::uint64_t id = 1; id <= 20; ++id) {
    fixture.put_contact(id);
    fixture.index->set_stamp({id}, {.version = 2, .through = static_cast<std::uint32_t>(id)});
  }
  const auto before = fixture.contacts("a");
  fixture.write();
  fixture.put_contact(21);  // not written: gone with the process
  fixture.index->set_stamp({21}, {.version = 1, .through = 1});
  fixture.index.reset();
  fixture.world.contacts.erase(21);
  const auto path = fixture.dir / "search";

  SECTION("as it was") {
    fixture.open();
    CHECK(fixture.index->offset() == model::Offset{1});
    CHECK_FALSE(fixture.index->rebuilding());
    CHECK(fixture.index->stamp({7}) == search::Stamp{.version = 2, .through = 7});
    CHECK(fixture.index->stamp({21}) == search::Stamp{});
    CHECK(fixture.contacts("a") == before);
  }
  SECTION("of another data directory") {
    fixture.index.emplace(search::IndexOptions{.path = path, .epoch = "e2"});
    CHECK(fixture.index->open() == "it belongs to another data directory");
    CHECK(fixture.index->rebuilding());
    CHECK(fixture.contacts("a").empty());
  }
  SECTION("gone") {
    std::filesystem::remove_all(path);
    fixture.open();
    CHECK(fixture.index->rebuilding());
    CHECK(fixture.contacts("a").empty());
  }
  SECTION("its files overwritten") {
    for (const auto& file : std::filesystem::recursive_directory_iterator(path)) {
      if (file.path().filename() == "iamglass") std::ofstream(file.path()) << "nonsense";
    }
    fixture.open();
    CHECK(fixture.index->rebuilding());
    CHECK(fixture.contacts("a").empty());
  }
  SECTION("a rebuild that did not end") {
    fixture.open();
    fixture.index->recreate();
    fixture.put_contact(1);
    fixture.index->set_stamp({1}, {.version = 1, .through = 1});
    fixture.index->write({}, true, [] {});
    fixture.index.reset();
    fixture.open();
    CHECK(fixture.index->rebuilding());
    CHECK(fixture.index->stamp({1}) == search::Stamp{});
    CHECK(fixture.contacts("a").empty());
  }
}

TEST_CASE("damage that is met while searching is noticed, and answered with what is there") {
  Fixture fixture(4);
  for (std::uint64_t id = 1; id <= 400; ++id) fixture.put_contact(id);
  fixture.write();
  fixture.put_contact(401);
  // The tables' blocks, under the reader's feet.
  const auto table = fixture.dir / "search" / "contacts" / "postlist.glass";
  const auto size = std::filesystem::file_size(table);
  std::ofstream(table, std::ios::binary | std::ios::in) << std::string(size, '\xFF');
  for (const char* text : {"a", "j", "60"}) fixture.contacts(text);
  CHECK(fixture.index->is_damaged());
  fixture.index->recreate();
  CHECK_FALSE(fixture.index->is_damaged());
  CHECK(fixture.contacts("a").empty());
}

TEST_CASE("bad queries are refused in words, or find nothing") {
  const auto now = model::Timestamp{1'800'000'000'000};
  for (const char* text : {"tag:", "status:maybe", "before:soon", "after:2026-13", "assignee: x"}) {
    CAPTURE(text);
    const auto parsed = search::parse_query(text, now);
    REQUIRE_FALSE(parsed.has_value());
    CHECK(parsed.error().reason == model::Reason::invalid_params);
    CHECK(parsed.error().field == "query");
  }
  std::string long_text;
  for (int i = 0; i < 100; ++i) long_text += "word" + std::to_string(i) + " ";
  CHECK_FALSE(search::parse_query(long_text, now).has_value());
  for (const char* text : {"", "   ", "¿?!", "\x01\x02\t\n", "\"\"", "-", "«»"}) {
    CAPTURE(text);
    const auto parsed = search::parse_query(text, now);
    REQUIRE(parsed.has_value());
    CHECK(parsed->empty());
  }
}

TEST_CASE("before: and after: take a day, or so long before now") {
  const auto now = model::Timestamp{1'800'000'000'000};
  const auto at = [&](const std::string& text) {
    const auto parsed = search::parse_query(text, now);
    REQUIRE(parsed.has_value());
    REQUIRE(parsed->conditions.size() == 1);
    return parsed->conditions.front().at;
  };
  CHECK(at("after:7d") == now - model::days(7));
  CHECK(at("before:12h") == now - model::hours(12));
  CHECK(at("after:30m") == now - model::minutes(30));
  CHECK(at("after:2026-11-27") == model::Timestamp{1'795'737'600'000});
  for (const char* text : {"after:7", "after:d", "after:-7d", "after:7w", "after:12345678d"}) {
    CAPTURE(text);
    CHECK_FALSE(search::parse_query(text, now).has_value());
  }
}

TEST_CASE("letters that a decomposition leaves as they are fold to what people type for them") {
  for (const auto& [written, plain] : {std::pair("Œuvre", "oeuvre"),
                                       {"cœur", "coeur"},
                                       {"Þórður", "thordur"},
                                       {"Ħamrun", "hamrun"},
                                       {"ılıca", "ilica"},
                                       {"Đorđe", "dorde"},
                                       {"ÆON", "aeon"}}) {
    CAPTURE(written);
    CHECK(search::folded(written) == plain);
  }
}

TEST_CASE("what a contact's own fields, a place and a template say is searched") {
  model::Details details;
  details.fields[model::FieldId("n")] = 12.5;
  details.fields[model::FieldId("list")] = std::vector<std::string>{"oro", "plata"};
  details.fields[model::FieldId("yes")] = true;
  details.fields[model::FieldId("when")] = model::Timestamp{1};
  std::map<std::string, std::string> texts;
  for (const auto& field : search::fields_of(details, {}, {})) texts[field.name] = field.text;
  CHECK(texts ==
        std::map<std::string, std::string>{{"fields.n", "12.5"}, {"fields.list", "oro, plata"}});
  details.fields[model::FieldId("n")] = 3.0;
  for (const auto& field : search::fields_of(details, {}, {})) texts[field.name] = field.text;
  CHECK(texts["fields.n"] == "3");

  model::Message message;
  message.content.location.emplace();
  message.content.location->name = "Casa";
  message.content.location->address = "Calle Mayor 1";
  message.content.template_.emplace();
  message.content.template_->parameters = {"Ana", "12"};
  model::Entry entry;
  entry.body = message;
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& field : search::fields_of(entry)) found.emplace_back(field.name, field.text);
  CHECK(found == std::vector<std::pair<std::string, std::string>>{{"location", "Casa"},
                                                                  {"location", "Calle Mayor 1"},
                                                                  {"template", "Ana"},
                                                                  {"template", "12"}});
}

TEST_CASE("highlights are pieces of the text by turns, and join to it") {
  const auto parts = [](const std::string& asked, const std::string& text, bool contact = false) {
    return search::highlight(query(asked), {"text", text}, contact);
  };
  using Parts = std::vector<std::string>;
  CHECK(parts("jose", "Hola José García") == Parts{"Hola ", "José", " García"});
  CHECK(parts("gar", "<b>García</b>") == Parts{"<b>", "Gar", "cía</b>"});
  CHECK(parts("6001", "+34 600-123-456", true) == Parts{"+34 ", "600-1", "23-456"});
  CHECK(parts("pagando", "quiero pagar") == Parts{"quiero ", "pagar", ""});
  CHECK(parts("京都", "東京都庁") == Parts{"東", "京都", "庁"});
  CHECK(parts("x", "nada") == Parts{"nada"});
  const auto cut = parts("final", std::string(2'000, 'a') + " final " + std::string(2'000, 'b'));
  REQUIRE(cut.size() == 3);
  CHECK(cut[0].starts_with("…a"));
  CHECK(cut[1] == "final");
  CHECK(cut[2].ends_with("b…"));
}

}  // namespace inboxd::tests
