// A journal segment's bytes: header, frames, and how to tell a torn tail from corruption.
// docs/JOURNAL.md is the specification.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "model/ids.hpp"
#include "model/time.hpp"
#include "persistence/journal.hpp"

namespace inboxd::persistence {

namespace segment {
inline constexpr std::string_view magic = "inboxdJ1";
inline constexpr std::uint16_t version = 1;
inline constexpr std::size_t header_bytes = 64;
inline constexpr std::size_t frame_header_bytes = 32;
inline constexpr std::size_t alignment = 8;  // of frames
inline constexpr std::size_t epoch_bytes = 16;
inline constexpr std::uint32_t payload_bytes_max = 256U << 20;
}  // namespace segment

struct SegmentHeader {
  model::Offset first;
  SyncPolicy sync = SyncPolicy::always;
  std::string epoch;  // at most 16 bytes
};
std::string encode_header(const SegmentHeader& header);
/// Nothing: these bytes do not begin a segment that this version reads; `why` says what is wrong.
std::optional<SegmentHeader> decode_header(std::string_view bytes, std::string& why);

/// `00000000000000000001.journal`, so that names sort as offsets do.
std::string segment_name(model::Offset first);
/// The first offset, nothing if the name is not a segment's.
std::optional<model::Offset> segment_first(std::string_view name);

/// One record as it stands in a segment.
struct Frame {
  model::Offset offset;
  model::Timestamp at;
  std::uint32_t behind =
      0;  // offset − behind was the last one surely on disk when this was written
  std::string_view payload;
  std::size_t position = 0;  // in the segment
};
void append_frame(std::string& out, model::Offset offset, model::Timestamp at, std::uint32_t behind,
                  std::string_view payload);
constexpr std::size_t framed_bytes(std::size_t payload_bytes) {
  return (segment::frame_header_bytes + payload_bytes + segment::alignment - 1) /
         segment::alignment * segment::alignment;
}

/// Walks the frames of a segment held in memory.
class SegmentReader {
 public:
  enum class End : std::uint8_t {
    clean,    // nothing but zeros, or nothing, after the last frame
    torn,     // an interrupted write, which nobody was told about
    corrupt,  // bytes that were on disk for sure have changed
  };

  /// `bytes` with the header; the first frame is expected to have `first`.
  SegmentReader(std::string_view bytes, model::Offset first);

  /// The next frame; nothing at the end, and then `end` says which.
  std::optional<Frame> next();

  End end() const { return end_; }
  /// What is wrong, where, for people. Empty if clean.
  const std::string& why() const { return why_; }
  /// Where the good frames end.
  std::size_t position() const { return position_; }
  /// The offset that would come next.
  model::Offset expected() const { return expected_; }
  /// Bytes after `position` that are not zero-filled space.
  std::size_t garbage_bytes() const;

 private:
  std::optional<Frame> stop(std::string why);

  std::string_view bytes_;
  std::size_t position_ = segment::header_bytes;
  model::Offset expected_;
  End end_ = End::clean;
  std::string why_;
};

}  // namespace inboxd::persistence
