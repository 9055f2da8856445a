// The journal's reader. The input is taken twice: as the bytes of a segment, whatever they are; and
// as a story, from which a good segment is made that is then damaged: what comes back is a prefix
// of what was written, and damage to bytes that were surely on disk is never taken for a torn tail.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "persistence/segment.hpp"

namespace {

using namespace inboxd;
using persistence::Frame;
using persistence::SegmentReader;

constexpr model::Offset first{7};

void require(bool holds) {
  if (!holds) std::abort();
}

/// Frames come in order, lie in the segment, and the end is where the reader says.
std::vector<Frame> read_all(std::string_view bytes, SegmentReader& reader) {
  std::vector<Frame> frames;
  while (const auto frame = reader.next()) {
    require(frame->offset.value == first.value + frames.size());
    require(frame->payload.data() >= bytes.data() &&
            frame->payload.data() + frame->payload.size() <= bytes.data() + bytes.size());
    frames.push_back(*frame);
  }
  require(reader.position() <= std::max(bytes.size(), persistence::segment::header_bytes));
  require(reader.garbage_bytes() <= bytes.size());
  require((reader.end() == SegmentReader::End::clean) == reader.why().empty());
  require(!reader.next());
  return frames;
}

void read_raw(std::string_view bytes) {
  std::string why;
  const auto header = persistence::decode_header(bytes, why);
  require(header.has_value() == why.empty());
  SegmentReader reader(bytes, first);
  read_all(bytes, reader);
}

/// What is done to a good segment, from the first bytes of the input.
struct Damage {
  enum Kind : std::uint8_t { none, flip, cut, zero } kind = none;
  std::size_t at = 0;  // in the segment, modulo its size
  unsigned char bits = 1;
  bool each_synced = false;  // every record was written when all before it were surely on disk
};

void tell(const Damage& damage, std::string_view story) {
  // Records of up to 64 bytes each.
  constexpr std::size_t piece_max = 64;
  std::string bytes =
      persistence::encode_header({.first = first, .sync = {}, .epoch = "0123456789abcdef"});
  std::vector<std::string> written;
  std::vector<std::size_t> ends;
  while (!story.empty()) {
    const auto size =
        std::min<std::size_t>(static_cast<unsigned char>(story[0]) % piece_max + 1, story.size());
    written.emplace_back(story.substr(0, size));
    const auto behind = static_cast<std::uint32_t>(damage.each_synced ? 1 : written.size());
    persistence::append_frame(bytes, {first.value + written.size() - 1}, {1'700'000'000'000},
                              behind, written.back());
    ends.push_back(bytes.size());
    story.remove_prefix(size);
  }
  const auto place = persistence::segment::header_bytes +
                     damage.at % (bytes.size() - persistence::segment::header_bytes + 1);
  const bool hits = damage.kind != Damage::none && place < bytes.size();
  if (hits && damage.kind == Damage::flip) bytes[place] ^= static_cast<char>(damage.bits);
  if (hits && damage.kind == Damage::cut) bytes.resize(place);
  if (hits && damage.kind == Damage::zero) bytes[place] = 0;

  SegmentReader reader(bytes, first);
  const auto frames = read_all(bytes, reader);
  require(frames.size() <= written.size());
  for (std::size_t i = 0; i < frames.size(); ++i) require(frames[i].payload == written[i]);
  // Everything that ends before the damage is there.
  const auto whole = hits ? static_cast<std::size_t>(
                                std::ranges::count_if(ends, [&](auto end) { return end <= place; }))
                          : written.size();
  require(frames.size() >= whole);
  if (!hits) require(reader.end() == SegmentReader::End::clean);
  // Lost in the middle, and a later record stands that was written when the lost one was safe.
  const bool lost = frames.size() + 1 < written.size() && damage.kind != Damage::cut;
  if (lost && damage.each_synced) require(reader.end() == SegmentReader::End::corrupt);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  read_raw(input);
  constexpr std::size_t head_bytes = 4;
  if (input.size() < head_bytes) return 0;
  Damage damage;
  damage.kind = static_cast<Damage::Kind>(data[0] % 4);
  damage.each_synced = (data[0] & 4U) != 0;
  damage.at = data[1] | static_cast<std::size_t>(data[2]) << 8;
  damage.bits = data[3] == 0 ? 1 : data[3];
  tell(damage, input.substr(head_bytes));
  return 0;
}
