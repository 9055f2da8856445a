#include "persistence/data_directory.hpp"

#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <random>
#include <stdexcept>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

#include "persistence/file.hpp"

namespace inboxd::persistence {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const fs::path& path, const std::string& what) {
  throw std::runtime_error("The data directory " + path.string() + ' ' + what);
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path);
  std::string text;
  std::getline(in, text);
  return text;
}

std::string because() {
  return std::generic_category().message(errno);
}

/// The lock is the kernel's: it goes with the process, however that ends. The pid in the file is
/// for people.
int take_lock(const fs::path& directory) {
  const auto path = directory / "LOCK";
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) fail(directory, "cannot be written: " + because() + ".");
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    const bool held = errno == EWOULDBLOCK;
    const auto why = because();
    ::close(descriptor);
    if (!held) fail(directory, "cannot be locked: " + why + ".");
    const auto pid = read_text(path);
    fail(directory, "is in use by another process" + (pid.empty() ? "" : " (pid " + pid + ")") +
                        ": stop that one first.");
  }
  const auto pid = std::to_string(::getpid()) + '\n';
  if (::ftruncate(descriptor, 0) != 0 ||
      ::pwrite(descriptor, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    const auto why = because();
    ::close(descriptor);
    fail(directory, "cannot be written: " + why + ".");
  }
  return descriptor;
}

void check_version(const fs::path& directory) {
  const auto text = read_text(directory / "VERSION");
  const auto expected = std::to_string(DataDirectory::version);
  if (text == expected) return;
  if (text.empty() || text.find_first_not_of("0123456789") != std::string::npos) {
    fail(directory, "has a VERSION file that says \"" + text + "\": it is damaged.");
  }
  fail(directory, "was written by another version of inboxd (format " + text + ", this one reads " +
                      expected + "): start that version, or restore a backup that this one made.");
}

void write_version(const fs::path& directory) {
  auto& files = posix_file_system();
  const auto path = directory / "VERSION", unfinished = directory / "VERSION.tmp";
  const auto file = files.open(unfinished);
  write_all(*file, 0, std::to_string(DataDirectory::version) + '\n');
  file->sync();
  files.rename(unfinished, path);
  files.sync_directory(directory);
}

}  // namespace

DataDirectory::DataDirectory(fs::path path, Mode mode) : path_(std::move(path)) {
  if (mode == Mode::create) {
    std::error_code error;
    if (path_.has_parent_path()) fs::create_directories(path_.parent_path(), error);
    if (!error && ::mkdir(path_.c_str(), 0700) != 0 && errno != EEXIST) {
      error = {errno, std::generic_category()};
    }
    if (error) fail(path_, "cannot be made: " + error.message() + ".");
  }
  if (!fs::is_directory(path_)) fail(path_, "does not exist.");
  if (mode == Mode::existing && !fs::exists(path_ / "VERSION")) {
    fail(path_, "is not one: there is no VERSION file in it.");
  }
  lock_ = take_lock(path_);
  try {
    if (fs::exists(path_ / "VERSION")) {
      check_version(path_);
    } else {
      if (fs::exists(store()) || fs::exists(journal())) {
        fail(path_, "has no VERSION file, but a journal or a store: it is damaged.");
      }
      write_version(path_);
    }
    posix_file_system().make_directory(journal());
    posix_file_system().sync_directory(path_);
  } catch (...) {
    ::close(lock_);
    throw;
  }
}

DataDirectory::~DataDirectory() {
  ::close(lock_);
}

std::string make_epoch() {
  constexpr std::string_view letters = "abcdefghijkmnpqrstuvwxyz23456789";
  std::random_device random;
  std::string epoch;
  for (int i = 0; i < 16; ++i) epoch += letters[random() % letters.size()];
  return epoch;
}

}  // namespace inboxd::persistence
