// A data directory: who may use it (one process), what is where in it, and which version wrote it.
#pragma once

#include <filesystem>
#include <string>

namespace inboxd::persistence {

/// Holds the directory for this process as long as it lives. Throws std::runtime_error with a full
/// sentence: held by another process (names its pid), not writable, written by a later version, not
/// a data directory.
class DataDirectory {
 public:
  enum class Mode : std::uint8_t { create, existing };
  DataDirectory(std::filesystem::path path, Mode mode);
  ~DataDirectory();
  DataDirectory(const DataDirectory&) = delete;
  DataDirectory& operator=(const DataDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path journal() const { return path_ / "journal"; }
  std::filesystem::path store() const { return path_ / "store"; }

  static constexpr int version = 1;

 private:
  std::filesystem::path path_;
  int lock_ = -1;  // descriptor of LOCK
};

/// 16 random letters and digits: the life of a data directory (PROTOCOL.md `epoch`).
std::string make_epoch();

}  // namespace inboxd::persistence
