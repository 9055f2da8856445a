#include "bench/inbox_bench/plain_work.hpp"

namespace inboxd::bench {

std::optional<std::uint64_t> PlainWork::read(std::string_view text) {
  simdjson::dom::element message;
  std::uint64_t id = 0;
  if (parser_.parse(text.data(), text.size()).get(message) != simdjson::SUCCESS ||
      message["id"].get(id) != simdjson::SUCCESS) {
    failures_.add("not an answer: " + std::string(text));
    return std::nullopt;
  }
  if (message["result"].error() != simdjson::SUCCESS)
    failures_.add("refused: " + std::string(text));
  return id;
}

}  // namespace inboxd::bench
