#include "bench/inbox_bench/texts.hpp"

#include <array>

namespace inboxd::bench {
namespace {

constexpr std::size_t text_bytes_max = std::size_t{16} * 1024;
constexpr std::size_t pool_bytes = std::size_t{256} * 1024;
constexpr std::array<std::string_view, 40> words{
    "hola",     "pedido",  "order",   "please",  "gracias", "when",    "cuando",  "llega",
    "arrive",   "the",     "package", "factura", "invoice", "number",  "tengo",   "una",
    "pregunta", "about",   "my",      "account", "cambio",  "talla",   "size",    "color",
    "still",    "waiting", "desde",   "ayer",    "refund",  "payment", "tarjeta", "card",
    "thanks",   "for",     "your",    "help",    "buenos",  "dias",    "and",     "no"};

}  // namespace

Texts::Texts(std::uint64_t seed) : random_(static_cast<std::minstd_rand::result_type>(seed | 1)) {
  while (pool_.size() < pool_bytes + text_bytes_max) {
    pool_ += words[random_() % words.size()];
    pool_ += ' ';
  }
}

std::string_view Texts::next(std::size_t bytes) {
  return std::string_view(pool_).substr(random_() % pool_bytes, bytes);
}

}  // namespace inboxd::bench
