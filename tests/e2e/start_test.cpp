// What the real server answers while it starts.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/e2e/desk.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http.hpp"
#include "tests/support/programs.hpp"

using namespace inboxd::tests;
namespace fs = std::filesystem;
using Catch::Matchers::Contains;

namespace {

/// The next start waits when the journal is replayed, until `let_go`.
class HeldStart {
 public:
  explicit HeldStart(const fs::path& file) : file_(file) {
    ::setenv("INBOXD_HOLD_AT", ("recovery.replayed:" + file.string()).c_str(), 1);
  }
  ~HeldStart() { ::unsetenv("INBOXD_HOLD_AT"); }
  HeldStart(const HeldStart&) = delete;
  HeldStart& operator=(const HeldStart&) = delete;
  void let_go() const { std::ofstream{file_}; }

 private:
  fs::path file_;
};

std::uint16_t port_after(const Process& process, const std::string& announcement) {
  const auto text = process.output();
  const auto at = text.find(announcement);
  REQUIRE(at != std::string::npos);
  return static_cast<std::uint16_t>(std::stoul(text.substr(at + announcement.size())));
}

/// Until /readyz says so.
bool says(std::uint16_t port, const std::string& what) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (http_get(port, "/readyz").body.find(what) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("While it recovers it lives, is not ready, says how far it is, and serves nobody") {
  Server server;
  auto admin = server.admin();
  admin.must("channel.put", {{"id", "web"}, {"kind", "webchat"}, {"name", "Web"}});
  server.connector("web").must(
      "inbound.receive",
      {{"external_id", "c"}, {"provider_id", "m"}, {"type", "text"}, {"text", "before the crash"}});
  server.kill();

  TempDir scratch;
  const HeldStart held(scratch / "go");
  Process process(inboxd_program(), {"--data", server.data().string(), "--listen", "127.0.0.1:0"},
                  scratch / "log");
  const std::string starting = "starting on http://127.0.0.1:";
  REQUIRE(process.wait_line(
      [&](const std::string& line) { return line.find(starting) != std::string::npos; }));
  const auto port = port_after(process, starting);
  REQUIRE(says(port, "replaying the journal: 100 %"));
  CHECK(http_get(port, "/readyz").status == 503);
  CHECK(http_get(port, "/readyz").headers["retry-after"] == "1");
  CHECK(http_get(port, "/healthz").status == 200);
  CHECK(http_get(port, "/").status == 503);
  CHECK(http_get(port, "/metrics").status == 503);
  CHECK(http_rpc(port, "no token", "{}").status == 503);
  CHECK(http_request(port, "GET", "/ws", "",
                     {{"Connection", "Upgrade"},
                      {"Upgrade", "websocket"},
                      {"Sec-WebSocket-Version", "13"},
                      {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}})
            .status == 503);

  held.let_go();
  REQUIRE(process.wait_line(
      [](const std::string& line) { return line.find("listening on http") != std::string::npos; }));
  CHECK(http_get(port, "/readyz").status == 200);
  RpcClient after(port);
  after.must("session.open", {{"token", server.token({.sub = "root", .role = "admin"})}});
  const auto rows = after.must("view.subscribe", {{"view", "all"}})["rows"];
  REQUIRE(rows.size() == 1);
  CHECK(rows[0]["last_message"]["preview"] == "before the crash");
}
