#include "model/views/order_index.hpp"

#include <utility>

namespace inboxd::model {
namespace {

// A node with fewer is filled up from its neighbour or joined to it.
constexpr std::size_t sparse(std::size_t capacity) {
  return capacity / 4;
}

/// Opens a gap at `at` in the first `size` items.
template <class Array>
void open(Array& items, std::size_t size, std::size_t at) {
  std::copy_backward(items.begin() + static_cast<std::ptrdiff_t>(at),
                     items.begin() + static_cast<std::ptrdiff_t>(size),
                     items.begin() + static_cast<std::ptrdiff_t>(size + 1));
}
/// Closes the gap left by the `n` items from `at` on.
template <class Array>
void close(Array& items, std::size_t size, std::size_t at, std::size_t n = 1) {
  std::copy(items.begin() + static_cast<std::ptrdiff_t>(at + n),
            items.begin() + static_cast<std::ptrdiff_t>(size),
            items.begin() + static_cast<std::ptrdiff_t>(at));
}
/// Copies `n` items from `from[first…]` to `to[at…]`.
template <class Array>
void copy(const Array& from, std::size_t first, std::size_t n, Array& to, std::size_t at) {
  std::copy_n(from.begin() + static_cast<std::ptrdiff_t>(first), n,
              to.begin() + static_cast<std::ptrdiff_t>(at));
}
/// Moves the first `size` items `n` places to the right.
template <class Array>
void shift(Array& items, std::size_t size, std::size_t n) {
  std::copy_backward(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(size),
                     items.begin() + static_cast<std::ptrdiff_t>(size + n));
}

template <class LeafType>
std::size_t lower(const LeafType& leaf, const SortKey& key) {
  const auto end = leaf.keys.begin() + leaf.size;
  return static_cast<std::size_t>(std::lower_bound(leaf.keys.begin(), end, key) -
                                  leaf.keys.begin());
}

}  // namespace

OrderIndex::OrderIndex() : root_(make_leaf()) {}

OrderIndex::~OrderIndex() {
  if (root_ != nullptr) free_tree(root_, height_);
}

OrderIndex::OrderIndex(OrderIndex&& other) noexcept {
  *this = std::move(other);
}

OrderIndex& OrderIndex::operator=(OrderIndex&& other) noexcept {
  std::swap(root_, other.root_);
  std::swap(height_, other.height_);
  std::swap(size_, other.size_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

// ── looking ──

std::size_t OrderIndex::child_of(const Inner& inner, const SortKey& key) {
  const auto begin = inner.least.begin();
  return static_cast<std::size_t>(std::upper_bound(begin + 1, begin + inner.size, key) - begin) - 1;
}

std::size_t OrderIndex::total(const Inner& inner) {
  std::size_t sum = 0;
  for (std::size_t i = 0; i < inner.size; ++i) sum += inner.count[i];
  return sum;
}

OrderIndex::Place OrderIndex::seek(const SortKey* after) const {
  const Node* node = root_;
  for (auto level = height_; level > 0; --level) {
    const auto& inner = *static_cast<const Inner*>(node);
    node = inner.child[after == nullptr ? 0 : child_of(inner, *after)];
  }
  const auto* leaf = static_cast<const Leaf*>(node);
  if (after == nullptr) return {leaf, 0};
  const auto end = leaf->keys.begin() + leaf->size;
  const auto at = std::upper_bound(leaf->keys.begin(), end, *after) - leaf->keys.begin();
  return {leaf, static_cast<std::size_t>(at)};
}

bool OrderIndex::contains(const SortKey& key) const {
  const Node* node = root_;
  for (auto level = height_; level > 0; --level) {
    const auto& inner = *static_cast<const Inner*>(node);
    node = inner.child[child_of(inner, key)];
  }
  const auto& leaf = *static_cast<const Leaf*>(node);
  const auto at = lower(leaf, key);
  return at < leaf.size && leaf.keys[at] == key;
}

std::size_t OrderIndex::rank(const SortKey& key) const {
  const Node* node = root_;
  std::size_t before = 0;
  for (auto level = height_; level > 0; --level) {
    const auto& inner = *static_cast<const Inner*>(node);
    const auto at = child_of(inner, key);
    for (std::size_t i = 0; i < at; ++i) before += inner.count[i];
    node = inner.child[at];
  }
  return before + lower(*static_cast<const Leaf*>(node), key);
}

SortKey OrderIndex::nth(std::size_t n) const {
  const Node* node = root_;
  for (auto level = height_; level > 0; --level) {
    const auto& inner = *static_cast<const Inner*>(node);
    std::size_t at = 0;
    for (; n >= inner.count[at]; ++at) n -= inner.count[at];
    node = inner.child[at];
  }
  return static_cast<const Leaf*>(node)->keys[n];
}

// ── inserting ──

bool OrderIndex::insert(const SortKey& key) {
  Split split;
  if (!insert(root_, height_, true, key, split)) return false;
  ++size_;
  if (split.node != nullptr) {
    auto* root = make_inner();
    root->size = 2;
    root->child = {root_, split.node};
    root->least[1] = split.least;
    root->count = {size_ - split.count, split.count};
    root_ = root;
    ++height_;
  }
  return true;
}

bool OrderIndex::insert(Node* node, unsigned height, bool leftmost, const SortKey& key,
                        Split& split) {
  if (height == 0) return insert_in_leaf(*static_cast<Leaf*>(node), leftmost, key, split);
  auto& inner = *static_cast<Inner*>(node);
  const auto at = child_of(inner, key);
  Split below;
  if (!insert(inner.child[at], height - 1, leftmost && at == 0, key, below)) return false;
  ++inner.count[at];
  if (below.node != nullptr) {
    inner.count[at] -= below.count;
    adopt(inner, at + 1, below, split);
  }
  return true;
}

bool OrderIndex::insert_in_leaf(Leaf& leaf, bool leftmost, const SortKey& key, Split& split) {
  auto at = lower(leaf, key);
  if (at < leaf.size && leaf.keys[at] == key) return false;
  auto* home = &leaf;
  if (leaf.size == leaf_keys) {
    // Lists grow at their ends (new contacts, newest first): there the full leaf stays full.
    std::size_t keep = leaf_keys / 2;
    if (at == leaf_keys && leaf.next == nullptr) keep = leaf_keys;
    if (at == 0 && leftmost) keep = 0;
    auto* right = make_leaf();
    right->next = std::exchange(leaf.next, right);
    right->size = static_cast<std::uint32_t>(leaf_keys - keep);
    copy(leaf.keys, keep, right->size, right->keys, 0);
    leaf.size = static_cast<std::uint32_t>(keep);
    if (at > keep || (at == keep && keep == leaf_keys)) {
      home = right;
      at -= keep;
    }
    split.node = right;
  }
  open(home->keys, home->size, at);
  home->keys[at] = key;
  ++home->size;
  if (split.node != nullptr) {
    const auto& right = *static_cast<Leaf*>(split.node);
    split.least = right.keys[0];
    split.count = right.size;
  }
  return true;
}

void OrderIndex::adopt(Inner& inner, std::size_t at, const Split& child, Split& split) {
  auto* home = &inner;
  if (inner.size == inner_children) {
    const auto keep = at == inner_children ? inner_children - 1 : inner_children / 2;
    auto* right = make_inner();
    right->size = static_cast<std::uint32_t>(inner_children - keep);
    copy(inner.least, keep, right->size, right->least, 0);
    copy(inner.child, keep, right->size, right->child, 0);
    copy(inner.count, keep, right->size, right->count, 0);
    inner.size = static_cast<std::uint32_t>(keep);
    split.node = right;
    split.least = right->least[0];
    if (at > keep) {
      home = right;
      at -= keep;
    }
  }
  open(home->least, home->size, at);
  open(home->child, home->size, at);
  open(home->count, home->size, at);
  home->least[at] = child.least;
  home->child[at] = child.node;
  home->count[at] = child.count;
  ++home->size;
  if (split.node != nullptr) split.count = total(*static_cast<Inner*>(split.node));
}

// ── erasing ──

bool OrderIndex::erase(const SortKey& key) {
  if (!erase(root_, height_, key)) return false;
  --size_;
  while (height_ > 0 && root_->size == 1) {
    auto* inner = static_cast<Inner*>(root_);
    root_ = inner->child[0];
    --height_;
    free_inner(inner);
  }
  return true;
}

bool OrderIndex::erase(Node* node, unsigned height, const SortKey& key) {
  if (height == 0) {
    auto& leaf = *static_cast<Leaf*>(node);
    const auto at = lower(leaf, key);
    if (at == leaf.size || leaf.keys[at] != key) return false;
    close(leaf.keys, leaf.size, at);
    --leaf.size;
    return true;
  }
  auto& inner = *static_cast<Inner*>(node);
  const auto at = child_of(inner, key);
  if (!erase(inner.child[at], height - 1, key)) return false;
  --inner.count[at];
  mend(inner, height, at);
  return true;
}

/// Keeps the child at `at` from running empty.
void OrderIndex::mend(Inner& inner, unsigned height, std::size_t at) {
  const auto capacity = height == 1 ? leaf_keys : inner_children;
  if (inner.child[at]->size >= sparse(capacity) || inner.size < 2) return;
  const auto left = at > 0 ? at - 1 : at;
  if (height == 1) {
    mend_leaves(inner, left);
  } else {
    mend_inners(inner, left);
  }
}

void OrderIndex::mend_leaves(Inner& inner, std::size_t left) {
  auto& a = *static_cast<Leaf*>(inner.child[left]);
  auto& b = *static_cast<Leaf*>(inner.child[left + 1]);
  const std::size_t both = a.size + b.size;
  if (both <= leaf_keys) {
    copy(b.keys, 0, b.size, a.keys, a.size);
    a.size = static_cast<std::uint32_t>(both);
    a.next = b.next;
    inner.count[left] = both;
    free_leaf(&b);
    forget_child(inner, left + 1);
    return;
  }
  const auto half = both / 2;
  if (a.size < half) {
    const auto n = half - a.size;
    copy(b.keys, 0, n, a.keys, a.size);
    close(b.keys, b.size, 0, n);
  } else {
    const auto n = a.size - half;
    shift(b.keys, b.size, n);
    copy(a.keys, half, n, b.keys, 0);
  }
  a.size = static_cast<std::uint32_t>(half);
  b.size = static_cast<std::uint32_t>(both - half);
  inner.count[left] = a.size;
  inner.count[left + 1] = b.size;
  inner.least[left + 1] = b.keys[0];
}

void OrderIndex::mend_inners(Inner& inner, std::size_t left) {
  auto& a = *static_cast<Inner*>(inner.child[left]);
  auto& b = *static_cast<Inner*>(inner.child[left + 1]);
  // The first child's bound is not kept up to date: here it becomes one that is looked at.
  b.least[0] = inner.least[left + 1];
  const std::size_t both = a.size + b.size;
  const auto move_to_a = [&](std::size_t n) {
    copy(b.least, 0, n, a.least, a.size);
    copy(b.child, 0, n, a.child, a.size);
    copy(b.count, 0, n, a.count, a.size);
  };
  if (both <= inner_children) {
    move_to_a(b.size);
    a.size = static_cast<std::uint32_t>(both);
    inner.count[left] += inner.count[left + 1];
    free_inner(&b);
    forget_child(inner, left + 1);
    return;
  }
  const auto half = both / 2;
  if (a.size < half) {
    const auto n = half - a.size;
    move_to_a(n);
    close(b.least, b.size, 0, n);
    close(b.child, b.size, 0, n);
    close(b.count, b.size, 0, n);
  } else {
    const auto n = a.size - half;
    shift(b.least, b.size, n);
    shift(b.child, b.size, n);
    shift(b.count, b.size, n);
    copy(a.least, half, n, b.least, 0);
    copy(a.child, half, n, b.child, 0);
    copy(a.count, half, n, b.count, 0);
  }
  a.size = static_cast<std::uint32_t>(half);
  b.size = static_cast<std::uint32_t>(both - half);
  inner.count[left] = total(a);
  inner.count[left + 1] = total(b);
  inner.least[left + 1] = b.least[0];
}

void OrderIndex::forget_child(Inner& inner, std::size_t at) {
  close(inner.least, inner.size, at);
  close(inner.child, inner.size, at);
  close(inner.count, inner.size, at);
  --inner.size;
}

// ── nodes ──

OrderIndex::Leaf* OrderIndex::make_leaf() {
  bytes_ += sizeof(Leaf);
  return new Leaf;
}
OrderIndex::Inner* OrderIndex::make_inner() {
  bytes_ += sizeof(Inner);
  return new Inner;
}
void OrderIndex::free_leaf(Leaf* leaf) {
  bytes_ -= sizeof(Leaf);
  delete leaf;
}
void OrderIndex::free_inner(Inner* inner) {
  bytes_ -= sizeof(Inner);
  delete inner;
}

void OrderIndex::free_tree(Node* node, unsigned height) {
  if (height == 0) {
    free_leaf(static_cast<Leaf*>(node));
    return;
  }
  auto* inner = static_cast<Inner*>(node);
  for (std::size_t i = 0; i < inner->size; ++i) free_tree(inner->child[i], height - 1);
  free_inner(inner);
}

}  // namespace inboxd::model
