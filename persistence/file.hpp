// The seam to the disk: what the journal needs of files, so that tests can put a faulty or a
// simulated disk in its place. Every failure is a std::system_error whose text names the file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace inboxd::persistence {

/// A file being written. Used by one thread at a time.
class File {
 public:
  virtual ~File() = default;
  /// Writes at `position` (bytes from the start); returns how many bytes were taken, at least one.
  /// Use `write_all`.
  virtual std::size_t write(std::uint64_t position, std::string_view bytes) = 0;
  /// Returns when the data, and what is needed to read it again, are on disk.
  virtual void sync() = 0;
  /// Makes the file `bytes` long, with disk space behind it; what was not written reads as zeros.
  virtual void allocate(std::uint64_t bytes) = 0;
  /// Cuts the file to `bytes`.
  virtual void truncate(std::uint64_t bytes) = 0;
};

void write_all(File& file, std::uint64_t position, std::string_view bytes);

/// Thread-safe.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  /// Opens for writing, without emptying; makes the file if it is missing.
  virtual std::unique_ptr<File> open(const std::filesystem::path& path) = 0;
  virtual std::string read(const std::filesystem::path& path) = 0;
  /// Names (not paths) in a directory, sorted.
  virtual std::vector<std::string> list(const std::filesystem::path& directory) = 0;
  virtual bool exists(const std::filesystem::path& path) = 0;
  virtual std::uint64_t size(const std::filesystem::path& path) = 0;
  virtual void make_directory(const std::filesystem::path& path) = 0;
  virtual void rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  virtual void remove(const std::filesystem::path& path) = 0;
  /// Makes renames, new and removed files of a directory durable.
  virtual void sync_directory(const std::filesystem::path& directory) = 0;
  virtual std::uint64_t free_bytes(const std::filesystem::path& directory) = 0;
};

/// The real disk.
FileSystem& posix_file_system();

}  // namespace inboxd::persistence
