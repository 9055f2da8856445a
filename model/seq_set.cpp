#include "model/seq_set.hpp"

#include <algorithm>

namespace inboxd::model {

void SeqSet::insert(Seq seq) {
  const auto index = seq.value / block_bits;
  const auto bit = std::uint64_t{1} << seq.value % block_bits;
  if (blocks_.empty() || blocks_.back().index < index) {
    blocks_.push_back({index, bit});
    ++size_;
    return;
  }
  const auto place = std::lower_bound(
      blocks_.begin(), blocks_.end(), index,
      [](const Block& block, std::uint64_t wanted) { return block.index < wanted; });
  if (place->index != index) {
    blocks_.insert(place, {index, bit});
    ++size_;
  } else if ((place->bits & bit) == 0) {
    place->bits |= bit;
    ++size_;
  }
}

bool SeqSet::append(const Block& block) {
  const bool follows = blocks_.empty() || blocks_.back().index < block.index;
  if (!follows || block.bits == 0) return false;
  blocks_.push_back(block);
  size_ += static_cast<std::size_t>(std::popcount(block.bits));
  return true;
}

void SeqSet::drop_up_to(Seq seq) {
  const auto index = seq.value / block_bits;
  auto kept = blocks_.begin();
  for (; kept != blocks_.end() && kept->index < index; ++kept)
    size_ -= static_cast<std::size_t>(std::popcount(kept->bits));
  if (kept != blocks_.end() && kept->index == index) {
    const auto dropped = ~std::uint64_t{0} >> (block_bits - 1 - seq.value % block_bits);
    size_ -= static_cast<std::size_t>(std::popcount(kept->bits & dropped));
    kept->bits &= ~dropped;
    if (kept->bits == 0) ++kept;
  }
  blocks_.erase(blocks_.begin(), kept);
}

}  // namespace inboxd::model
