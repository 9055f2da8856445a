// What the real server does when the disk, the directory or another process is in its way (DESIGN
// 11): a clear message, nothing acknowledged is lost, and where it can go on it does by itself.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/e2e/desk.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/programs.hpp"

using namespace inboxd::tests;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

std::string read_file(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

struct End {
  int code = 0;
  std::string log;
};

/// A start that is expected to fail.
End failed_start(const fs::path& data, const fs::path& scratch) {
  Process process(inboxd_program(), {"--data", data.string(), "--listen", "127.0.0.1:0"},
                  scratch / "failed.log");
  const int code = process.wait();
  return {code, read_file(scratch / "failed.log")};
}

/// A file system of its own, if this process may mount one.
class SmallDisk {
 public:
  explicit SmallDisk(const std::string& size) {
    mounted_ = ::mount("tmpfs", path().c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
  }
  ~SmallDisk() {
    if (mounted_) ::umount2(path().c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;

  bool mounted() const { return mounted_; }
  const fs::path& path() const { return dir_.path(); }
  bool make_read_only() const {
    return ::mount("tmpfs", path().c_str(), "tmpfs", MS_REMOUNT | MS_RDONLY, nullptr) == 0;
  }

 private:
  TempDir dir_;
  bool mounted_ = false;
};

/// Asks until the answer is as wanted: the server looks at the disk once a second.
template <class Wanted>
bool send_until(RpcClient& client, Wanted wanted) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (wanted(client)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("A full disk: commands get unavailable, reads go on, and it resumes by itself") {
  SmallDisk disk("64m");
  if (!disk.mounted()) {
    WARN("only refusals are tested: this process may not mount a file system that it could fill");
    Server server({"--low-space", std::to_string(std::uint64_t{1} << 60)});
    auto admin = server.admin();
    CHECK(send_until(admin, [](RpcClient& client) {
      return client.call("team.put", {{"id", "t"}, {"name", "T"}}).reason() == "unavailable";
    }));
    CHECK(admin.call("team.list").ok());
    return;
  }
  Server server({"--low-space", "16M", "--journal-segment", "1M"}, disk.path() / "data");
  auto admin = server.admin();
  admin.must("channel.put", {{"id", "web"}, {"kind", "webchat"}, {"name", "Web"}});
  auto connector = server.connector("web");
  const auto contact = new_contact(connector, "customer");

  const auto ballast = disk.path() / "ballast";
  {
    std::ofstream file(ballast);
    const std::string block(1 << 20, 'x');
    while (fs::space(disk.path()).available > (8U << 20)) file << block << std::flush;
  }
  const auto comment = [&](RpcClient& client) {
    return client.call("comment.add", {{"contact", contact}, {"text", "well?"}});
  };
  REQUIRE(send_until(admin, [&](RpcClient& client) { return !comment(client).ok(); }));
  const auto refused = comment(admin);
  REQUIRE(!refused.ok());
  CHECK(refused.reason() == "unavailable");
  CHECK(refused.error.at("data").contains("retry_after_ms"));
  CHECK(contact_of(admin, contact).at("id") == contact);
  CHECK(!timeline_of(admin, contact).empty());

  fs::remove(ballast);
  CHECK(send_until(admin, [&](RpcClient& client) { return comment(client).ok(); }));
  CHECK(server.terminate() == 0);
}

TEST_CASE(
    "A write error ends the server with 1 and its reason; what was acknowledged is there after") {
  Server server;
  auto admin = server.admin();
  admin.must("channel.put", {{"id", "web"}, {"kind", "webchat"}, {"name", "Web"}});
  auto connector = server.connector("web");
  const auto contact = new_contact(connector, "customer");
  const std::string text(4000, 'x');
  // Writes beyond this fail from now on; the log stays below it.
  constexpr rlim_t file_bytes_max = 1 << 20;
  const rlimit limit{file_bytes_max, file_bytes_max};
  REQUIRE(::prlimit(server.process().pid(), RLIMIT_FSIZE, &limit, nullptr) == 0);
  std::size_t acknowledged = 0;
  constexpr int more_than_fits = 2000;
  try {
    for (int i = 0; i < more_than_fits; ++i) {
      if (!admin.call("comment.add", {{"contact", contact}, {"text", text}}).ok()) break;
      ++acknowledged;
    }
  } catch (const std::runtime_error&) {
    // The server is gone.
  }
  CHECK(acknowledged > 100);
  CHECK(acknowledged < more_than_fits);
  CHECK(server.process().wait() == 1);
  CHECK_THAT(server.log(), Contains("cannot write to") && Contains("File too large"));
  server.start();
  auto again = server.admin();
  const auto last_seq = contact_of(again, contact).at("last_seq").get<std::size_t>();
  CHECK(last_seq >= 2 + acknowledged);  // opened, the first message
}

TEST_CASE("A read-only directory: the start fails with 1 and says so") {
  TempDir scratch;
  End end;
  if (::geteuid() == 0) {
    SmallDisk disk("16m");
    if (!disk.mounted() || !disk.make_read_only()) {
      WARN("not tested: root writes everywhere, and this process may not mount a file system");
      return;
    }
    end = failed_start(disk.path() / "data", scratch.path());
  } else {
    const auto closed = scratch.path() / "closed";
    fs::create_directory(closed);
    fs::permissions(closed, fs::perms::owner_read | fs::perms::owner_exec);
    end = failed_start(closed / "data", scratch.path());
    fs::permissions(closed, fs::perms::owner_all);
  }
  CHECK(end.code == 1);
  CHECK_THAT(end.log, Contains("data directory") && Contains("cannot be made"));
}

TEST_CASE("A directory in use, and one of a later version, are refused with the reason") {
  Server server;
  TempDir scratch;
  const auto held = failed_start(server.data(), scratch.path());
  CHECK(held.code == 1);
  CHECK_THAT(held.log, Contains("is in use by another process (pid " +
                                std::to_string(server.process().pid()) + ")"));
  CHECK(server.terminate() == 0);

  std::ofstream(server.data() / "VERSION") << "99\n";
  const auto later = failed_start(server.data(), scratch.path());
  CHECK(later.code == 1);
  CHECK_THAT(later.log, Contains("was written by another version of inboxd (format 99"));
}

TEST_CASE("A damaged journal stops the start, with segment, byte and what to do") {
  Server server;
  TempDir scratch;
  auto admin = server.admin();
  admin.must("team.put", {{"id", "support"}, {"name", "Support"}});
  server.kill();
  for (const auto& file : fs::directory_iterator(server.data() / "journal")) {
    std::fstream segment(file.path(), std::ios::in | std::ios::out | std::ios::binary);
    segment.seekp(3);
    segment.put('X');
  }
  const auto end = failed_start(server.data(), scratch.path());
  CHECK(end.code == 1);
  CHECK_THAT(end.log, Contains("The journal is damaged") && Contains("byte 0") &&
                          Contains("inboxctl verify") && Contains("inboxctl restore"));
}

TEST_CASE("The start says what the sync policy can lose") {
  const std::vector<std::pair<std::string, std::string>> policies{
      {"always", "sync always: what is acknowledged is on disk"},
      {"interval", "a crash of the machine up to the last 100 ms"},
      {"none", "a crash of the machine whatever the kernel had not written yet"}};
  for (const auto& known : policies) {
    const auto& said = known.second;  // a binding cannot be captured, says Clang 14
    Server server({"--sync", known.first});
    CHECK(server.process().wait_line(
        [&](const std::string& line) { return line.find(said) != std::string::npos; }));
    // A crash of the process alone takes nothing, whatever the policy.
    auto admin = server.admin();
    admin.must("team.put", {{"id", "support"}, {"name", "Support"}});
    server.restart();
    auto again = server.admin();
    CHECK(again.must("team.list", Json::object()).at("teams").size() == 1);
  }
}

TEST_CASE("inboxctl replay --view shows a list as it was at an earlier offset, in its order") {
  Server server({"--journal-retention", "1G"});
  auto admin = server.admin();
  admin.must("channel.put", {{"id", "web"}, {"kind", "webchat"}, {"name", "Web"}});
  auto connector = server.connector("web");
  const auto first = new_contact(connector, "first");
  const auto second = new_contact(connector, "second");
  const auto then = admin.must("view.subscribe", {{"view", "unassigned"}});
  admin.must("contact.assign", {{"contact", first}, {"assignee", "root"}});
  admin.must("contact.done", {{"contact", second}});
  CHECK(server.terminate() == 0);

  const auto list = [&](const std::vector<std::string>& more) {
    std::vector<std::string> arguments{"replay", "--data", server.data().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::istringstream lines(run_program(inboxctl_program(), arguments));
    Json rows = Json::array();
    for (std::string line; std::getline(lines, line);) rows.push_back(Json::parse(line));
    return rows;
  };
  const auto until = std::to_string(then.at("offset").get<std::int64_t>());
  CHECK(list({"--view", "unassigned", "--until", until}) == then.at("rows"));
  CHECK(list({"--view", "unassigned"}).empty());
  const auto mine = list({"--view", "mine", "--agent", "root"});
  REQUIRE(mine.size() == 1);
  CHECK(mine.at(0).at("id") == first);
}
