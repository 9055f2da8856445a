#include <algorithm>
#include <unordered_map>

#include <xapian.h>

#include "persistence/search/document.hpp"

namespace inboxd::search {
namespace {

constexpr std::size_t letters_min = 4;
constexpr std::size_t kept_max = 50'000;  // words whose stems are remembered

bool is_plain(const std::string& word) {
  return word.size() >= letters_min &&
         std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

class Stems::Impl {
 public:
  Xapian::Stem spanish{"es"}, english{"en"};
  std::unordered_map<std::string, std::vector<std::string>> kept;
};

Stems::Stems() : impl_(std::make_unique<Impl>()) {}
Stems::~Stems() = default;

const std::vector<std::string>& Stems::of(const std::string& word) {
  static const std::vector<std::string> none;
  if (!is_plain(word)) return none;
  if (const auto known = impl_->kept.find(word); known != impl_->kept.end()) return known->second;
  if (impl_->kept.size() >= kept_max) impl_->kept.clear();
  auto& stems = impl_->kept[word];
  for (const auto* stemmer : {&impl_->spanish, &impl_->english}) {
    auto stem = (*stemmer)(word);
    if (stem != word && std::find(stems.begin(), stems.end(), stem) == stems.end())
      stems.push_back(std::move(stem));
  }
  return stems;
}

Stems& Stems::here() {
  thread_local Stems stems;
  return stems;
}

}  // namespace inboxd::search
