// Customers and messages to search among: names, telephone numbers and words as frequent as in real
// life (few common, many rare), some accented; the same for the same seed.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace inboxd::bench {

class SearchCorpus {
 public:
  explicit SearchCorpus(std::uint64_t seed);

  /// Of customer `n`: always the same.
  std::string first_name(std::uint32_t n) const;
  std::string last_name(std::uint32_t n) const;
  std::string name(std::uint32_t n) const { return first_name(n) + " " + last_name(n); }
  std::string phone(std::uint32_t n) const;  // no two are alike
  std::string email(std::uint32_t n) const;

  /// A message of three to twenty words.
  std::string text();
  /// A word: common ones come often.
  const std::string& word();
  const std::string& rare_word() {
    return words_[words_.size() / 2 + random_() % (words_.size() / 2)];
  }
  const std::string& common_word() { return words_[random_() % 20]; }
  std::uint64_t random() { return random_(); }

 private:
  std::uint64_t seed_;
  std::mt19937_64 random_;
  std::vector<std::string> words_;  // most common first
  std::vector<double> cumulative_;  // share of the words up to each
};

}  // namespace inboxd::bench
