#include "bench/inbox_bench/search_corpus.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace inboxd::bench {
namespace {

constexpr std::size_t vocabulary = 60'000;

constexpr std::array<std::string_view, 40> first_names{
    "María", "José",   "Ana",   "Luis",    "Carmen", "Jorge",  "Lucía",  "Pedro",
    "Sofía", "Miguel", "Elena", "Andrés",  "Paula",  "Javier", "Laura",  "Raúl",
    "Marta", "Iván",   "Sara",  "Álvaro",  "Noemí",  "Víctor", "Irene",  "Óscar",
    "Julia", "Adrián", "Rocío", "Hugo",    "Nuria",  "Daniel", "Olga",   "Tomás",
    "Emma",  "Oliver", "Grace", "William", "Zoë",    "Chloé",  "Jürgen", "Łukasz"};
constexpr std::array<std::string_view, 20> beginnings{"gar", "fer", "lo", "mar", "san", "pe", "ro",
                                                      "go",  "ji",  "ru", "al",  "be",  "ca", "do",
                                                      "her", "mo",  "na", "or",  "va",  "zu"};
constexpr std::array<std::string_view, 20> middles{"cí",  "nán", "pe", "tí",  "ché", "re", "drí",
                                                   "me",  "mé",  "bi", "var", "ni",  "sa", "mi",
                                                   "rre", "ra",  "vi", "te",  "ga",  "lo"};
constexpr std::array<std::string_view, 16> ends{"a", "dez", "z",  "nez", "ro",  "do", "guez", "rez",
                                                "s", "no",  "ra", "co",  "sca", "te", "quez", "l"};
constexpr std::array<std::string_view, 32> syllables{
    "pa",  "co",  "re", "ti",  "ma",  "no",  "ción", "des", "lle", "gar", "fac",
    "tu",  "ra",  "pe", "di",  "do",  "en",  "ví",   "ar",  "mos", "ca",  "ble",
    "son", "tra", "ño", "que", "per", "men", "te",   "in",  "lo",  "sa"};
constexpr std::array<std::string_view, 20> common{
    "hola",    "el",     "de",    "pedido", "gracias", "no",     "mi",   "por",  "buenos", "días",
    "factura", "cuando", "llega", "the",    "order",   "please", "help", "está", "quiero", "ya"};

std::string plain(std::string_view name) {
  std::string text;
  for (const char c : name) {
    if (c >= 'a' && c <= 'z') text += c;
    if (c >= 'A' && c <= 'Z') text += static_cast<char>(c + 32);
  }
  return text;
}

std::uint64_t mixed(std::uint64_t n) {
  n = (n ^ (n >> 30)) * 0xBF58476D1CE4E5B9U;
  n = (n ^ (n >> 27)) * 0x94D049BB133111EBU;
  return n ^ (n >> 31);
}

}  // namespace

SearchCorpus::SearchCorpus(std::uint64_t seed) : seed_(seed), random_(seed) {
  for (const auto word : common) words_.emplace_back(word);
  while (words_.size() < vocabulary) {
    std::string word;
    for (std::size_t i = 2 + random_() % 4; i > 0; --i)
      word += syllables[random_() % syllables.size()];
    words_.push_back(std::move(word));
  }
  double sum = 0;  // Zipf's law
  for (std::size_t i = 0; i < words_.size(); ++i)
    cumulative_.push_back(sum += 1.0 / static_cast<double>(i + 4));
  for (auto& share : cumulative_) share /= sum;
}

std::string SearchCorpus::first_name(std::uint32_t n) const {
  return std::string(first_names[mixed(seed_ + n) % first_names.size()]);
}
std::string SearchCorpus::last_name(std::uint32_t n) const {
  const auto random = mixed(seed_ * 7 + n);
  std::string name(beginnings[random % beginnings.size()]);
  name.front() = static_cast<char>(name.front() - 32);
  name += middles[random / 20 % middles.size()];
  name += middles[random / 400 % middles.size()];
  return name.append(ends[random / 8'000 % ends.size()]);
}
std::string SearchCorpus::phone(std::uint32_t n) const {
  // A step that shares no factor with the range goes round it without a repeat.
  constexpr std::uint64_t range = 100'000'000, step = 38'196'601;
  const auto digits = std::to_string(range + (seed_ + n * step) % range);
  return "+346" + digits.substr(1);
}
std::string SearchCorpus::email(std::uint32_t n) const {
  static const std::array domains{"gmail.com", "hotmail.es", "example.org", "correo.mx",
                                  "empresa.es"};
  return plain(first_name(n)) + "." + plain(last_name(n)) + std::to_string(n % 1'000) + "@" +
         domains[n % domains.size()];
}

const std::string& SearchCorpus::word() {
  const double at = static_cast<double>(random_() >> 11) * 0x1.0p-53;
  const auto found = std::lower_bound(cumulative_.begin(), cumulative_.end(), at);
  return words_[std::min(words_.size() - 1, static_cast<std::size_t>(found - cumulative_.begin()))];
}

std::string SearchCorpus::text() {
  std::string text;
  for (std::size_t i = 3 + random_() % 18; i > 0; --i) {
    if (!text.empty()) text += ' ';
    text += word();
  }
  return text;
}

}  // namespace inboxd::bench
