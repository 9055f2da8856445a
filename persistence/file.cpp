#include "persistence/file.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace inboxd::persistence {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* doing, const fs::path& path, int error = errno) {
  throw std::system_error(error, std::generic_category(), std::string(doing) + ' ' + path.string());
}

class PosixFile final : public File {
 public:
  PosixFile(fs::path path, int descriptor) : path_(std::move(path)), descriptor_(descriptor) {}
  ~PosixFile() override { ::close(descriptor_); }

  std::size_t write(std::uint64_t position, std::string_view bytes) override {
    for (;;) {
      const auto n =
          ::pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(position));
      if (n > 0) return static_cast<std::size_t>(n);
      if (n == 0) fail("cannot write to", path_, EIO);
      if (errno != EINTR) fail("cannot write to", path_);
    }
  }
  void sync() override {
    if (::fdatasync(descriptor_) != 0) fail("cannot sync", path_);
  }
  void allocate(std::uint64_t bytes) override {
    // Returns its error, unlike the others. File systems without it (and some overlays) just grow
    // the file.
    const int error = ::posix_fallocate(descriptor_, 0, static_cast<off_t>(bytes));
    if (error == EOPNOTSUPP || error == EINVAL) {
      if (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) fail("cannot grow", path_);
    } else if (error != 0) {
      fail("cannot reserve space for", path_, error);
    }
  }
  void truncate(std::uint64_t bytes) override {
    if (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0) fail("cannot cut", path_);
  }

 private:
  fs::path path_;
  int descriptor_;
};

class PosixFileSystem final : public FileSystem {
 public:
  std::unique_ptr<File> open(const fs::path& path) override {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) fail("cannot open", path);
    return std::make_unique<PosixFile>(path, descriptor);
  }

  std::string read(const fs::path& path) override {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) fail("cannot open", path);
    const PosixFile closes(path, descriptor);
    struct stat status {};
    if (::fstat(descriptor, &status) != 0) fail("cannot examine", path);
    std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
    std::size_t have = 0;
    while (have < bytes.size()) {
      const auto n =
          ::pread(descriptor, bytes.data() + have, bytes.size() - have, static_cast<off_t>(have));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail("cannot read", path);
      if (n == 0) break;
      have += static_cast<std::size_t>(n);
    }
    bytes.resize(have);
    return bytes;
  }

  std::vector<std::string> list(const fs::path& directory) override {
    std::vector<std::string> names;
    for (const auto& item : fs::directory_iterator(directory)) {
      names.push_back(item.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }
  bool exists(const fs::path& path) override { return fs::exists(path); }
  std::uint64_t size(const fs::path& path) override { return fs::file_size(path); }
  void make_directory(const fs::path& path) override {
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) fail("cannot make", path);
  }
  void rename(const fs::path& from, const fs::path& to) override { fs::rename(from, to); }
  void remove(const fs::path& path) override { fs::remove(path); }

  void sync_directory(const fs::path& directory) override {
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) fail("cannot open", directory);
    const int result = ::fsync(descriptor);
    const int error = errno;
    ::close(descriptor);
    if (result != 0) fail("cannot sync", directory, error);
  }
  std::uint64_t free_bytes(const fs::path& directory) override {
    struct statvfs status {};
    if (::statvfs(directory.c_str(), &status) != 0) fail("cannot examine", directory);
    return static_cast<std::uint64_t>(status.f_bavail) * status.f_frsize;
  }
};

}  // namespace

void write_all(File& file, std::uint64_t position, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto n = file.write(position, bytes);
    position += n;
    bytes.remove_prefix(n);
  }
}

FileSystem& posix_file_system() {
  static PosixFileSystem real;
  return real;
}

}  // namespace inboxd::persistence
