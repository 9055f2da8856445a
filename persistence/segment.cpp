#include "persistence/segment.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "persistence/checksum.hpp"

namespace inboxd::persistence {
namespace {

// Frame: crc32c u32 | length u32 | offset u64 | at i64 | behind u32 | version u16 | 0 u16 | payload
// | zeros to 8
constexpr std::size_t length_at = 4, offset_at = 8, time_at = 16, behind_at = 24, version_at = 28;
// Header: magic 8 | version u16 | sync u8 | 0 u8 | crc32c u32 | first u64 | epoch 16 | 0 … 64
constexpr std::size_t header_version_at = 8, header_sync_at = 10, header_crc_at = 12,
                      header_first_at = 16, header_epoch_at = 24;

template <class Int>
void put(char* to, Int value) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    to[i] = static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xFF);
  }
}
template <class Int>
Int get(std::string_view bytes, std::size_t at) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < sizeof(Int); ++i) {
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[at + i])) << (8 * i);
  }
  return static_cast<Int>(value);
}

/// Of a header with zeros where the checksum stands.
std::uint32_t header_crc(std::string_view bytes) {
  constexpr std::string_view zeros("\0\0\0\0", 4);
  auto crc = crc32c(bytes.substr(0, header_crc_at));
  crc = crc32c(zeros, crc);
  return crc32c(bytes.substr(header_crc_at + 4, segment::header_bytes - header_crc_at - 4), crc);
}

enum class Fault : std::uint8_t { none, empty, short_frame, checksum, version };

/// A frame at `position`, whatever its offset.
Fault decode_frame(std::string_view bytes, std::size_t position, Frame& frame) {
  if (bytes.size() - position < segment::frame_header_bytes) return Fault::short_frame;
  const auto header = bytes.substr(position, segment::frame_header_bytes);
  if (std::all_of(header.begin(), header.end(), [](char c) { return c == 0; })) {
    return Fault::empty;
  }
  const auto length = get<std::uint32_t>(header, length_at);
  if (length > segment::payload_bytes_max ||
      length > bytes.size() - position - segment::frame_header_bytes) {
    return Fault::short_frame;
  }
  const auto summed =
      bytes.substr(position + length_at, segment::frame_header_bytes - length_at + length);
  if (crc32c(summed) != get<std::uint32_t>(header, 0)) return Fault::checksum;
  if (get<std::uint16_t>(header, version_at) != segment::version) return Fault::version;
  frame.offset = {get<std::uint64_t>(header, offset_at)};
  frame.at = {get<std::int64_t>(header, time_at)};
  frame.behind = get<std::uint32_t>(header, behind_at);
  frame.payload = bytes.substr(position + segment::frame_header_bytes, length);
  frame.position = position;
  return Fault::none;
}

std::string_view text_of(Fault fault) {
  switch (fault) {
    case Fault::empty: return "zeros stand where a record should, and records follow";
    case Fault::short_frame: return "a record's length leads past the end of the segment";
    case Fault::checksum: return "a record's checksum does not match";
    case Fault::version: return "a record was written by a later version of inboxd";
    case Fault::none: break;
  }
  return "a record's offset is out of order";
}

/// Looks behind a bad place for a frame that was written when `lost` was already on disk for sure:
/// then the bad place is no interrupted write.
std::optional<Frame> find_witness(std::string_view bytes, std::size_t position,
                                  model::Offset lost) {
  Frame frame;
  for (auto at = position + segment::alignment; at + segment::frame_header_bytes <= bytes.size();
       at += segment::alignment) {
    const auto header = bytes.substr(at, segment::frame_header_bytes);
    // Cheap looks before the checksum.
    if (get<std::uint16_t>(header, version_at) != segment::version) continue;
    if (get<std::uint64_t>(header, offset_at) <= lost.value) continue;
    if (decode_frame(bytes, at, frame) != Fault::none) continue;
    if (frame.offset.value - std::min<std::uint64_t>(frame.offset.value, frame.behind) >=
        lost.value) {
      return frame;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string encode_header(const SegmentHeader& header) {
  std::string bytes(segment::header_bytes, '\0');
  bytes.replace(0, segment::magic.size(), segment::magic);
  put(bytes.data() + header_version_at, segment::version);
  bytes[header_sync_at] = static_cast<char>(header.sync);
  put(bytes.data() + header_first_at, header.first.value);
  const auto epoch = std::string_view(header.epoch).substr(0, segment::epoch_bytes);
  bytes.replace(header_epoch_at, epoch.size(), epoch);
  put(bytes.data() + header_crc_at, header_crc(bytes));
  return bytes;
}

std::optional<SegmentHeader> decode_header(std::string_view bytes, std::string& why) {
  if (bytes.size() < segment::header_bytes || !bytes.starts_with(segment::magic)) {
    why = "it does not begin as a journal segment does";
    return std::nullopt;
  }
  if (header_crc(bytes) != get<std::uint32_t>(bytes, header_crc_at)) {
    why = "its header's checksum does not match";
    return std::nullopt;
  }
  if (get<std::uint16_t>(bytes, header_version_at) != segment::version) {
    why = "it was written by a later version of inboxd (segment version " +
          std::to_string(get<std::uint16_t>(bytes, header_version_at)) + ")";
    return std::nullopt;
  }
  const auto epoch = bytes.substr(header_epoch_at, segment::epoch_bytes);
  return SegmentHeader{
      .first = {get<std::uint64_t>(bytes, header_first_at)},
      .sync = static_cast<SyncPolicy>(bytes[header_sync_at]),
      .epoch = std::string(epoch.substr(0, epoch.find('\0'))),
  };
}

std::string segment_name(model::Offset first) {
  auto digits = std::to_string(first.value);
  return std::string(20 - digits.size(), '0') + digits + ".journal";
}

std::optional<model::Offset> segment_first(std::string_view name) {
  if (name.size() != 28 || !name.ends_with(".journal")) return std::nullopt;
  std::uint64_t first = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + 20, first);
  if (error != std::errc{} || end != name.data() + 20) return std::nullopt;
  return model::Offset{first};
}

void append_frame(std::string& out, model::Offset offset, model::Timestamp at, std::uint32_t behind,
                  std::string_view payload) {
  const auto start = out.size();
  out.resize(start + segment::frame_header_bytes);
  char* header = out.data() + start;
  put(header + length_at, static_cast<std::uint32_t>(payload.size()));
  put(header + offset_at, offset.value);
  put(header + time_at, at.ms);
  put(header + behind_at, behind);
  put(header + version_at, segment::version);
  const auto crc =
      crc32c(payload, crc32c({header + length_at, segment::frame_header_bytes - length_at}));
  put(header, crc);
  out += payload;
  out.resize(start + framed_bytes(payload.size()));
}

SegmentReader::SegmentReader(std::string_view bytes, model::Offset first)
    : bytes_(bytes), expected_(first) {}

std::optional<Frame> SegmentReader::next() {
  if (!why_.empty() || position_ >= bytes_.size()) return std::nullopt;
  Frame frame;
  const auto fault = decode_frame(bytes_, position_, frame);
  const bool nothing = fault == Fault::empty || fault == Fault::short_frame;
  if (nothing && garbage_bytes() == 0) return std::nullopt;
  if (fault == Fault::version) {
    auto found = stop(std::string(text_of(fault)));
    end_ = End::corrupt;  // nothing of ours to cut
    return found;
  }
  if (fault != Fault::none) return stop(std::string(text_of(fault)));
  if (frame.offset != expected_) {
    stop("a record has offset " + std::to_string(frame.offset.value) + " where " +
         std::to_string(expected_.value) + " should stand");
    end_ = End::corrupt;  // a whole record: no write was interrupted here
    return std::nullopt;
  }
  position_ = std::min(bytes_.size(), position_ + framed_bytes(frame.payload.size()));
  ++expected_;
  return frame;
}

std::optional<Frame> SegmentReader::stop(std::string why) {
  why_ = std::move(why);
  if (const auto witness = find_witness(bytes_, position_, expected_)) {
    end_ = End::corrupt;
    why_ += "; record " + std::to_string(witness->offset.value) + " at byte " +
            std::to_string(witness->position) + " shows that it was whole once";
  } else {
    end_ = End::torn;
  }
  return std::nullopt;
}

std::size_t SegmentReader::garbage_bytes() const {
  const auto rest = bytes_.substr(std::min(position_, bytes_.size()));
  const auto last = std::find_if(rest.rbegin(), rest.rend(), [](char c) { return c != 0; });
  return static_cast<std::size_t>(rest.rend() - last);
}

}  // namespace inboxd::persistence
