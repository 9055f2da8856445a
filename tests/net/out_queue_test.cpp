#include "net/out_queue.hpp"

#include <memory>
#include <random>

#include "tests/support/catch.hpp"

using inboxd::net::OutQueue;
using inboxd::net::OutWrite;

namespace {

std::string text_of(std::mt19937& random, std::size_t longest) {
  std::string text(random() % (longest + 1), ' ');
  for (auto& c : text) c = static_cast<char>('a' + random() % 26);
  return text;
}

/// Takes what one system call is offered, or a part of it.
std::string take(OutWrite& write, std::mt19937& random) {
  std::string offered;
  for (const auto& piece : write.rest())
    offered.append(static_cast<const char*>(piece.data()), piece.size());
  offered.resize(random() % 3 == 0 ? offered.size() : 1 + random() % offered.size());
  write.written(offered.size());
  return offered;
}

}  // namespace

TEST_CASE("What is queued is written in order, whatever the socket takes at a time") {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    OutQueue queue;
    OutWrite write;
    std::string expected;
    std::string written;
    for (int go = 0; go < 4; ++go) {
      for (auto n = random() % 200; n > 0; --n) {
        const auto text = text_of(random, 40);
        expected += text;
        if (random() % 2 == 0) {
          queue.own() += text;
        } else {
          queue.share(std::make_shared<const std::string>(text));
        }
      }
      const auto bytes = queue.bytes();
      write.begin(queue);
      CHECK(queue.empty());
      REQUIRE(write.bytes() == bytes);
      queue.own() += "meanwhile";  // waits for the next go
      while (write.bytes() > 0) written += take(write, random);
      expected += "meanwhile";
    }
    write.begin(queue);
    while (write.bytes() > 0) written += take(write, random);
    REQUIRE(written == expected);
  }
}

TEST_CASE("A shared text is let go of when it is written, or the queue is cleared") {
  const auto text = std::make_shared<const std::string>("for all");
  OutQueue queue;
  OutWrite write;
  queue.share(text);
  CHECK(text.use_count() == 2);
  write.begin(queue);
  write.written(3);
  CHECK(text.use_count() == 2);
  CHECK(write.bytes() == 4);
  write.written(4);
  CHECK(text.use_count() == 1);
  queue.share(text);
  queue.clear();
  CHECK(text.use_count() == 1);
  CHECK(queue.empty());
}
