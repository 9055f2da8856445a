// The file that signs the directory's own tokens.
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "net/token.hpp"

namespace inboxd::net {
namespace {

constexpr std::size_t key_bytes = 32;  // as long as the hash (RFC 7518 §3.2)

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw std::runtime_error("The signing key " + path.string() + " " + what + ".");
}

struct File {
  int fd = -1;
  ~File() {
    if (fd >= 0) ::close(fd);
  }
};

std::string read_key(const std::filesystem::path& path, int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) fail(path, "cannot be read: " + std::string(std::strerror(errno)));
  if ((info.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    fail(path, "may be read by others: set its mode to 0600");
  }
  std::string key(key_bytes, '\0');
  if (info.st_size != static_cast<off_t>(key_bytes) ||
      ::read(fd, key.data(), key.size()) != static_cast<ssize_t>(key.size())) {
    fail(path, "does not hold 32 bytes");
  }
  return key;
}

/// Written aside and renamed: a crash leaves no half key.
std::string make_key(const std::filesystem::path& path) {
  std::string key(key_bytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(key.data()), static_cast<int>(key.size())) != 1) {
    fail(path, "cannot be made: there is no randomness");
  }
  auto aside = path;
  aside += ".new";
  const File file{::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
  const bool written =
      file.fd >= 0 &&
      ::write(file.fd, key.data(), key.size()) == static_cast<ssize_t>(key.size()) &&
      ::fsync(file.fd) == 0 && ::rename(aside.c_str(), path.c_str()) == 0;
  if (!written) fail(path, "cannot be made: " + std::string(std::strerror(errno)));
  return key;
}

}  // namespace

std::string load_or_make_signing_key(const std::filesystem::path& data_directory) {
  const auto path = data_directory / "signing.key";
  const File file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd >= 0) return read_key(path, file.fd);
  if (errno != ENOENT) fail(path, "cannot be opened: " + std::string(std::strerror(errno)));
  return make_key(path);
}

}  // namespace inboxd::net
