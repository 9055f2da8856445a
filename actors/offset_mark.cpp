#include "actors/offset_mark.hpp"

#include <array>
#include <charconv>

namespace inboxd::actors {

void place_offset(std::string& text, model::Offset offset) {
  auto mark = text.find(offset_mark);
  if (mark == std::string::npos) return;
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), offset.value).ptr;
  const auto size = static_cast<std::size_t>(end - digits.data());
  // From the front: a text holds two or three marks, and each replacement moves only what follows
  // it.
  while (mark != std::string::npos) {
    text.replace(mark, 1, digits.data(), size);
    mark = text.find(offset_mark, mark + size);
  }
}

}  // namespace inboxd::actors
