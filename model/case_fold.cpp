#include "model/case_fold.hpp"

#include <cstdint>

namespace inboxd::model {
namespace {

// Simple case folding of Unicode's CaseFolding.txt for two-byte characters of the alphabets named
// in the header.
std::uint32_t fold(std::uint32_t c) {
  const auto within = [c](std::uint32_t first, std::uint32_t last) {
    return c >= first && c <= last;
  };
  if (within(0xC0, 0xDE) && c != 0xD7) return c + 0x20;  // Latin-1
  // Latin Extended-A and Additional: capital and small letter side by side, even first …
  if (within(0x100, 0x12F) || within(0x132, 0x137) || within(0x14A, 0x177)) return c | 1;
  // … or odd first.
  if (within(0x139, 0x148) || within(0x179, 0x17E)) return c + (c & 1);
  if (c == 0x178) return 0xFF;
  if (c == 0x386) return 0x3AC;  // Greek
  if (within(0x388, 0x38A)) return c + 37;
  if (c == 0x38C) return 0x3CC;
  if (c == 0x38E || c == 0x38F) return c + 63;
  if (within(0x391, 0x3AB) && c != 0x3A2) return c + 0x20;
  if (c == 0x3C2) return 0x3C3;             // final sigma
  if (within(0x400, 0x40F)) return c + 80;  // Cyrillic
  if (within(0x410, 0x42F)) return c + 0x20;
  if (within(0x460, 0x481) || within(0x48A, 0x4BF)) return c | 1;
  return c;
}

}  // namespace

std::string fold_case(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto lead = static_cast<unsigned char>(out[i]);
    if (lead < 0x80) {
      if (lead >= 'A' && lead <= 'Z') out[i] = static_cast<char>(lead + ('a' - 'A'));
      continue;
    }
    const bool two_bytes = (lead & 0xE0U) == 0xC0U && i + 1 < out.size();
    if (!two_bytes) continue;
    const auto next = static_cast<unsigned char>(out[i + 1]);
    const auto folded = fold((lead & 0x1FU) << 6 | (next & 0x3FU));
    out[i] = static_cast<char>(0xC0U | folded >> 6);
    out[i + 1] = static_cast<char>(0x80U | (folded & 0x3FU));
    ++i;
  }
  return out;
}

}  // namespace inboxd::model
