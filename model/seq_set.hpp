// A set of seqs that lie close together: a bit for each, so that a contact with a million unread
// messages is a quarter of a megabyte and not eight.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "model/ids.hpp"

namespace inboxd::model {

class SeqSet {
 public:
  SeqSet() = default;
  SeqSet(std::initializer_list<Seq> seqs) {
    for (const auto seq : seqs) insert(seq);
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  /// Cheap for seqs at the end.
  void insert(Seq seq);
  /// Takes out all up to and with `seq`.
  void drop_up_to(Seq seq);
  void clear() {
    blocks_.clear();
    size_ = 0;
  }

  /// Ascending.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& block : blocks_) {
      for (auto bits = block.bits; bits != 0; bits &= bits - 1)
        visit(Seq{block.index * block_bits + static_cast<unsigned>(std::countr_zero(bits))});
    }
  }
  struct Block {
    std::uint64_t index = 0;  // its bit 0 is seq index · 64
    std::uint64_t bits = 0;   // never 0
    friend bool operator==(const Block&, const Block&) = default;
  };
  /// Ascending.
  const std::vector<Block>& blocks() const { return blocks_; }
  /// False, and nothing is done, unless it stands after the others and is not empty.
  bool append(const Block& block);

  friend bool operator==(const SeqSet&, const SeqSet&) = default;

 private:
  static constexpr std::uint64_t block_bits = 64;

  std::vector<Block> blocks_;
  std::size_t size_ = 0;
};

}  // namespace inboxd::model
