// Customers and their messages to search among, written through the engine's own rules and state
// store: minutes of clients' work in seconds.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "bench/inbox_bench/search_corpus.hpp"

namespace inboxd::bench {

/// Makes the directory `data` and fills the workspace `default`: on channel `bench`, customers 0 …
/// `contacts`-1 of the corpus, who wrote `messages` in all, at least one each, with the provider
/// ids "0", "1", … `progress` is told messages.
void make_search_past(const std::filesystem::path& data, SearchCorpus& corpus,
                      std::uint32_t contacts, std::uint64_t messages,
                      const std::function<void(std::uint64_t done)>& progress);

}  // namespace inboxd::bench
