// inboxctl's tools for a data directory, and what a start does with a torn journal: the real
// programs on what the real server wrote.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/e2e/desk.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/programs.hpp"

using namespace inboxd::tests;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

std::string inboxctl(const std::vector<std::string>& arguments) {
  return run_program(inboxctl_program(), arguments);
}

std::vector<Json> lines_of(const std::string& output) {
  std::vector<Json> all;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) all.push_back(Json::parse(line));
  return all;
}

/// The number before a word of a tool's report.
std::uint64_t number_before(const std::string& text, const std::string& word) {
  const auto end = text.find(word);
  REQUIRE(end != std::string::npos);
  const auto begin = text.rfind(' ', end - 1);
  return std::stoull(text.substr(begin == std::string::npos ? 0 : begin + 1));
}

/// Messages one after the other, until told to end.
class Traffic {
 public:
  explicit Traffic(Server& server)
      : connector_(server.connector("wa")), thread_([this] {
          while (!ending_) receive(connector_, "busy", "b" + std::to_string(++sent_));
        }) {}
  ~Traffic() {
    ending_ = true;
    thread_.join();
  }
  Traffic(const Traffic&) = delete;
  Traffic& operator=(const Traffic&) = delete;

 private:
  RpcClient connector_;
  std::atomic<bool> ending_{false};
  int sent_ = 0;
  std::thread thread_;
};

}  // namespace

TEST_CASE(
    "A backup is made while the server works, brought up to date, and restored with a new epoch") {
  // Flushed all the time, so that there are files that a second backup need not copy.
  Desk desk({"--checkpoint-every-ms", "20", "--flush-every-ms", "50"});
  TempDir scratch;
  const auto copy = (scratch.path() / "copy").string(), data = desk.server.data().string();
  RpcClient connector = desk.server.connector("wa");
  RpcClient ana = desk.server.agent("ana");
  const std::string contact = new_contact(connector, "1");
  const Json followed = ana.must("contact.subscribe", {{"contact", contact}});
  {
    const Traffic traffic(desk.server);
    CHECK_THAT(inboxctl({"backup", "--data", data, "--to", copy}), Contains("backed up to offset"));
    const Json last = receive(connector, "1", "p2", "in the second backup");
    const auto said = inboxctl({"backup", "--data", data, "--to", copy});
    CHECK(number_before(said, ": ") >= last.at("offset").get<std::uint64_t>());
    CHECK(number_before(said, " kept from") > 0);
  }
  receive(connector, "1", "p3", "too late");
  CHECK(desk.server.terminate() == 0);

  const auto restored = scratch.path() / "restored";
  CHECK_THAT(inboxctl({"restore", "--from", copy, "--data", restored.string()}),
             Contains("with a new epoch"));
  CHECK_THAT(inboxctl({"verify", "--data", restored.string()}), Contains("all is well"));
  Server server({}, restored);
  RpcClient again = server.agent("ana");
  const Json resumed = again.must(
      "contact.subscribe",
      {{"contact", contact},
       {"resume", {{"epoch", followed.at("epoch")}, {"offset", followed.at("offset")}}}});
  CHECK(resumed.at("recovered") == false);
  CHECK(resumed.at("epoch") != followed.at("epoch"));
  CHECK(resumed.at("entries").back().at("text") == "in the second backup");
}

TEST_CASE(
    "replay shows a contact as it was at an offset and at a time, export and import move all") {
  Desk desk({"--journal-retention", "1G"});
  const auto data = desk.server.data().string();
  RpcClient connector = desk.server.connector("wa");
  RpcClient ana = desk.server.agent("ana");
  const std::string contact = new_contact(connector, "1");
  const Json before = receive(connector, "1", "p2", "before");
  next_millisecond();
  const auto then = now_ms();
  next_millisecond();
  ana.must("message.send", {{"contact", contact}, {"text", "after"}});
  const auto timeline = timeline_of(ana, contact);
  CHECK(desk.server.terminate() == 0);

  const auto as_it_was = [&](const std::string& option, const std::string& value) {
    return lines_of(inboxctl({"replay", "--data", data, "--contact", contact, option, value}));
  };
  const auto at_offset =
      as_it_was("--until", std::to_string(before.at("offset").get<std::uint64_t>()));
  REQUIRE(at_offset.size() == 4);  // state, opened, two messages
  CHECK(at_offset[0].at("last_seq") == 3);
  CHECK(at_offset[0].count("assignee") == 0);
  CHECK(std::vector<Json>(at_offset.begin() + 1, at_offset.end()) ==
        std::vector<Json>(timeline.begin(), timeline.begin() + 3));
  CHECK(as_it_was("--until-time", std::to_string(then)) == at_offset);

  TempDir scratch;
  const auto file = (scratch.path() / "all.ndjson").string();
  const auto imported = scratch.path() / "imported";
  inboxctl({"export", "--data", data, "--to", file});
  inboxctl({"import", "--data", imported.string(), "--from", file});
  CHECK_THAT(inboxctl({"verify", "--data", imported.string()}), Contains("all is well"));
  Server server({}, imported);
  RpcClient again = server.agent("ana");
  auto moved = timeline_of(again, contact);
  REQUIRE(moved.size() == timeline.size());
  for (std::size_t i = 0; i < moved.size(); ++i) {
    moved[i]["offset"] = timeline[i].at("offset");  // those are the new directory's own
    CHECK(moved[i] == timeline[i]);
  }
}

TEST_CASE("A torn end of the journal is cut and reported, and verify says so before") {
  Desk desk;
  const auto data = desk.server.data();
  RpcClient connector = desk.server.connector("wa");
  const std::string contact = new_contact(connector, "1");
  receive(connector, "1", "p2", "torn");
  desk.server.kill();
  fs::path last;
  for (const auto& file : fs::directory_iterator(data / "journal"))
    last = std::max(last, file.path());
  {
    std::ostringstream text;
    text << std::ifstream(last, std::ios::binary).rdbuf();
    const auto end = text.str().find_last_not_of('\0');
    std::fstream segment(last, std::ios::in | std::ios::out | std::ios::binary);
    segment.seekp(static_cast<std::streamoff>(end));
    segment.put('X');
  }
  CHECK_THAT(inboxctl({"verify", "--data", data.string()}),
             Contains("an interrupted write") && Contains("all is well"));
  desk.server.start();
  CHECK_THAT(desk.server.log(), Contains("Cut ") && Contains(last.filename().string()));
  RpcClient again = desk.server.connector("wa");
  RpcClient ana = desk.server.agent("ana");
  CHECK(contact_of(ana, contact).at("last_seq") == 2);
  CHECK(receive(again, "1", "p2", "once more").at("duplicate") == false);
}
