// A journal on a simulated disk, with verbs: write, cut, flip a bit, reopen.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "persistence/journal.hpp"
#include "persistence/journal_reader.hpp"
#include "tests/support/simulated_disk.hpp"

namespace inboxd::tests {

struct JournalFixture {
  explicit JournalFixture(std::uint64_t seed = 1) : disk(seed) {}

  // A journal without a thread: `write` submits and pumps.
  void start(persistence::SyncPolicy sync = persistence::SyncPolicy::always,
             std::uint64_t segment_bytes = 64 * 1024) {
    persistence::JournalOptions options;
    options.directory = directory;
    options.epoch = "test";
    options.last = last;
    options.sync = sync;
    options.segment_bytes = segment_bytes;
    options.retention_bytes = retention_bytes;
    options.low_space_bytes = 1000;
    options.threaded = false;
    options.files = &disk;
    journal = std::make_unique<persistence::Journal>(
        options, persistence::JournalCallbacks{
                     [this](std::vector<persistence::Released>&& batch) {
                       for (auto& item : batch) released.push_back(std::move(item));
                     },
                     [this](const std::string& reason) { failures.push_back(reason); },
                     [this](bool low) { space.push_back(low); }});
  }
  void submit(const std::string& payload, std::int64_t at = 0) {
    journal->submit({payload, {at}, nullptr});
  }
  void write(const std::string& payload) {
    submit(payload);
    journal->pump();
  }

  /// Reads everything back; payloads in order. What stops it is in `damage`.
  std::vector<std::string> reopen() {
    journal.reset();
    std::vector<std::string> payloads;
    damage.clear();
    try {
      end = persistence::read_journal(disk, directory, {}, [&](const persistence::Frame& frame) {
        payloads.emplace_back(frame.payload);
      });
    } catch (const persistence::CorruptJournal& error) {
      damage = error.what();
    }
    last = {payloads.size()};
    return payloads;
  }

  std::vector<std::filesystem::path> segments() {
    std::vector<std::filesystem::path> paths;
    for (const auto& segment : persistence::list_segments(disk, directory)) {
      paths.push_back(segment.path);
    }
    return paths;
  }
  std::string& bytes(std::size_t segment = 0) { return disk.bytes(segments().at(segment)); }
  /// Cuts the file as a crash would that came before it grew.
  void cut(std::size_t position, std::size_t segment = 0) { bytes(segment).resize(position); }
  void flip(std::size_t position, std::size_t segment = 0) {
    auto& byte = bytes(segment).at(position);
    byte = static_cast<char>(byte ^ 0x10);
  }
  void zero(std::size_t begin, std::size_t end_, std::size_t segment = 0) {
    std::fill_n(bytes(segment).begin() + static_cast<std::ptrdiff_t>(begin), end_ - begin, '\0');
  }

  SimulatedDisk disk;
  const std::filesystem::path directory = "journal";
  model::Offset last;
  std::uint64_t retention_bytes = 0;
  std::unique_ptr<persistence::Journal> journal;
  std::vector<persistence::Released> released;
  std::vector<std::string> failures;
  std::vector<bool> space;
  persistence::JournalEnd end;
  std::string damage;
};

}  // namespace inboxd::tests
