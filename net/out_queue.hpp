// What waits to be written to one socket. A delta that goes to a thousand sessions is one text:
// each session has its few bytes before and after it, and the text is sent from where it is.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/buffer.hpp>

#include "actors/outlet.hpp"

namespace inboxd::net {

/// Not thread-safe.
class OutQueue {
 public:
  /// The socket's own bytes; what is appended here comes behind all that is queued.
  std::string& own() { return own_; }
  /// Not copied, and not changed by anybody until it is written.
  void share(actors::SharedText text) {
    shared_bytes_ += text->size();
    shared_.push_back({.at = own_.size(), .text = std::move(text)});
  }

  std::size_t bytes() const { return own_.size() + shared_bytes_; }
  bool empty() const { return bytes() == 0; }
  /// Keeps a little memory for what comes next.
  void clear() {
    own_.clear();
    if (own_.capacity() > kept_max) std::string().swap(own_);
    shared_.clear();
    shared_bytes_ = 0;
  }

 private:
  friend class OutWrite;
  static constexpr std::size_t kept_max = std::size_t{16} * 1024;

  struct Shared {
    std::size_t at;  // so many bytes of `own_` come before it
    actors::SharedText text;
  };
  std::string own_;
  std::vector<Shared> shared_;
  std::size_t shared_bytes_ = 0;
};

/// A queue on its way to the socket.
class OutWrite {
 public:
  /// Takes all that `queue` holds; nothing is on its way.
  void begin(OutQueue& queue) {
    std::swap(taken_, queue);
    std::size_t from = 0;
    for (const auto& shared : taken_.shared_) {
      add(std::string_view(taken_.own_).substr(from, shared.at - from));
      add(*shared.text);
      from = shared.at;
    }
    add(std::string_view(taken_.own_).substr(from));
    left_ = taken_.bytes();
  }

  /// For the next system call.
  std::span<const boost::asio::const_buffer> rest() const {
    return {pieces_.data() + next_, std::min(pieces_.size() - next_, pieces_max)};
  }
  void written(std::size_t bytes) {
    left_ -= bytes;
    while (next_ < pieces_.size() && bytes >= pieces_[next_].size())
      bytes -= pieces_[next_++].size();
    if (bytes > 0) pieces_[next_] += bytes;
    if (left_ == 0) clear();
  }
  std::size_t bytes() const { return left_; }

  void clear() {
    taken_.clear();
    pieces_.clear();
    next_ = left_ = 0;
  }

 private:
  static constexpr std::size_t pieces_max = 64;  // Asio passes on no more at a time

  void add(std::string_view piece) {
    if (!piece.empty()) pieces_.emplace_back(piece.data(), piece.size());
  }

  OutQueue taken_;
  std::vector<boost::asio::const_buffer> pieces_;
  std::size_t next_ = 0, left_ = 0;
};

}  // namespace inboxd::net
