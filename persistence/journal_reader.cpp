#include "persistence/journal_reader.hpp"

#include <algorithm>
#include <limits>

#include "persistence/format_error.hpp"

namespace inboxd::persistence {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view advice =
    " Nothing was changed. Run `inboxctl verify` to see the extent of the damage; then put the "
    "segment back from a copy, or `inboxctl restore` a backup.";

[[noreturn]] void corrupt(const fs::path& segment, std::size_t position, const std::string& why) {
  throw CorruptJournal("The journal is damaged: segment " + segment.string() + ", byte " +
                       std::to_string(position) + ": " + why + "." + std::string(advice));
}

[[noreturn]] void missing(const fs::path& segment, model::Offset first, model::Offset last) {
  throw CorruptJournal("The journal is not complete: records " + std::to_string(first.value) +
                       " to " + std::to_string(last.value) + " are missing before segment " +
                       segment.string() + "." + std::string(advice));
}

class Reading {
 public:
  Reading(FileSystem& files, const ReadOptions& options,
          const std::function<void(const Frame&)>& visit)
      : files_(files), options_(options), visit_(visit) {
    end_.last = options.after;
  }

  JournalEnd run(const std::vector<SegmentInfo>& segments) {
    for (const auto& segment : segments) total_ += segment.bytes;
    for (std::size_t i = 0; i < segments.size() && !stopped_; ++i) {
      const bool last = i + 1 == segments.size();
      const bool needed =
          last || options_.all_segments || segments[i + 1].first.value > options_.after.value + 1;
      if (needed) {
        read_segment(segments[i], last);
      }
      done_ += segments[i].bytes;
      if (options_.progress) options_.progress(done_, total_);
    }
    return end_;
  }

 private:
  void read_segment(const SegmentInfo& segment, bool last) {
    const auto bytes = files_.read(segment.path);
    std::string why;
    const auto header = decode_header(bytes, why);
    if (!header) corrupt(segment.path, 0, why);
    if (header->first != segment.first) {
      corrupt(segment.path, 0,
              "its header says that it begins with record " + std::to_string(header->first.value));
    }
    check_join(segment);
    SegmentReader reader(bytes, segment.first);
    SegmentReader scout(bytes, segment.first);
    std::size_t announced = 0;
    while (const auto frame = reader.next()) {
      if (announced == 0) {
        if (options_.progress) options_.progress(done_ + frame->position, total_);
        announced = announce(scout);
      }
      --announced;
      if (is_past(*frame)) {
        stopped_ = true;
        return;
      }
      take(segment, *frame);
    }
    const bool torn_inside = reader.end() == SegmentReader::End::torn && !last;
    if (reader.end() == SegmentReader::End::corrupt || torn_inside) {
      corrupt(segment.path, reader.position(), reader.why());
    }
    next_ = reader.expected();
    end_.segment = segment.path;
    end_.end = reader.expected() - 1;
    end_.position = reader.position();
    end_.torn_bytes = reader.end() == SegmentReader::End::torn ? reader.garbage_bytes() : 0;
  }

  /// How many records `ahead` was told of; at least one, which the caller has found already.
  std::size_t announce(SegmentReader& scout) {
    if (!options_.ahead) return std::numeric_limits<std::size_t>::max();
    std::vector<Frame> frames;
    while (frames.size() < ahead_records) {
      const auto frame = scout.next();
      if (!frame) break;
      frames.push_back(*frame);
    }
    const auto needed = std::ranges::find_if(
        frames, [&](const Frame& frame) { return frame.offset > options_.after; });
    options_.ahead({needed, frames.end()});
    return frames.size();
  }

  /// A segment begins where the one before ended. What lies below `after` may be missing: it is in
  /// the store.
  void check_join(const SegmentInfo& segment) const {
    const auto expected = std::max(next_.value_or(model::Offset{1}), options_.after + 1);
    if (segment.first > expected) missing(segment.path, expected, segment.first - 1);
    if (next_ && segment.first < *next_) {
      corrupt(segment.path, 0,
              "it begins with record " + std::to_string(segment.first.value) +
                  ", which the segment before holds too");
    }
    if (next_ && options_.all_segments && segment.first > *next_) {
      missing(segment.path, *next_, segment.first - 1);
    }
  }

  bool is_past(const Frame& frame) const {
    return (options_.until && frame.offset > *options_.until) ||
           (options_.until_at && frame.at > *options_.until_at);
  }

  void take(const SegmentInfo& segment, const Frame& frame) {
    if (frame.offset <= options_.after && !options_.all_segments) return;
    try {
      visit_(frame);
    } catch (const FormatError& error) {
      corrupt(segment.path, frame.position,
              "record " + std::to_string(frame.offset.value) + " does not read: " + error.what());
    }
    end_.last = std::max(end_.last, frame.offset);
    end_.at = frame.at;
    ++end_.records;
  }

  FileSystem& files_;
  const ReadOptions& options_;
  const std::function<void(const Frame&)>& visit_;
  std::optional<model::Offset> next_;  // what the next segment must begin with
  std::uint64_t done_ = 0, total_ = 0;
  bool stopped_ = false;
  JournalEnd end_;
};

}  // namespace

std::vector<SegmentInfo> list_segments(FileSystem& files, const fs::path& journal) {
  std::vector<SegmentInfo> segments;
  for (const auto& name : files.list(journal)) {
    if (const auto first = segment_first(name)) {
      segments.push_back({*first, journal / name, files.size(journal / name)});
    }
  }
  return segments;
}

JournalEnd read_journal(FileSystem& files, const fs::path& journal, const ReadOptions& options,
                        const std::function<void(const Frame&)>& visit) {
  return Reading(files, options, visit).run(list_segments(files, journal));
}

}  // namespace inboxd::persistence
