// A data directory with a past: contacts with the conversations that they could have had, made by
// the engine's own rules and written through its own state store, in seconds instead of the hours
// that clients would take.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

namespace inboxd::bench {

struct PastOptions {
  std::uint32_t contacts = 100'000;
  unsigned agents = 100;  // "agent-0", …
  std::size_t text_bytes = 120;
  std::uint64_t seed = 1;
};

struct Past {
  std::uint64_t contacts = 0, entries = 0, commits = 0;
};

/// Makes the directory `data` and fills the workspace `default`: channel `bench`, whose customers
/// are those of `InboundFrame` with the same seed. Each wrote one to eight times and was answered
/// mostly; some are done, snoozed, tagged, commented on, blocked. `progress` is told contacts.
Past make_past(const std::filesystem::path& data, const PastOptions& options,
               const std::function<void(std::uint64_t done)>& progress);

}  // namespace inboxd::bench
