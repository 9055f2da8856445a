// The order of one list: keys in sequence, with ranks. A B+ tree whose inner nodes count what is
// below them (order statistics): insert, erase, rank and "from the nth on" are O(log n), and a key
// takes about 24 bytes, where a ranked node-based tree takes 64 or more and a cache miss a level.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "model/views/sort_key.hpp"

namespace inboxd::model {

class OrderIndex {
 public:
  OrderIndex();
  ~OrderIndex();
  OrderIndex(OrderIndex&& other) noexcept;
  OrderIndex& operator=(OrderIndex&& other) noexcept;
  OrderIndex(const OrderIndex&) = delete;
  OrderIndex& operator=(const OrderIndex&) = delete;

  /// False, and nothing changes, if the key is there already.
  bool insert(const SortKey& key);
  /// False, and nothing changes, if the key is not there.
  bool erase(const SortKey& key);

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool contains(const SortKey& key) const;
  /// How many keys are less than `key`, which need not be there.
  std::size_t rank(const SortKey& key) const;
  /// The key with `n` keys before it; n < size().
  SortKey nth(std::size_t n) const;

  /// Gives the keys greater than `*after` (all, if null) in order, while `each(key)` is true.
  template <class Each>
  void for_each_after(const SortKey* after, Each&& each) const {
    auto [leaf, at] = seek(after);
    for (; leaf != nullptr; leaf = leaf->next, at = 0) {
      for (; at < leaf->size; ++at) {
        if (!each(leaf->keys[at])) return;
      }
    }
  }

  /// Of the tree's nodes.
  std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::size_t leaf_keys = 64;
  static constexpr std::size_t inner_children = 64;

  struct Node {
    std::uint32_t size = 0;
  };
  struct Leaf : Node {
    Leaf* next = nullptr;
    std::array<SortKey, leaf_keys> keys;
  };
  struct Inner : Node {
    std::array<SortKey, inner_children> least;  // of each child; the first is never looked at
    std::array<Node*, inner_children> child;
    std::array<std::size_t, inner_children> count;  // keys below each child
  };
  struct Place {
    const Leaf* leaf;
    std::size_t at;
  };
  /// A new right sibling, made when a node was full.
  struct Split {
    Node* node = nullptr;
    SortKey least;
    std::size_t count = 0;
  };

  Place seek(const SortKey* after) const;
  static std::size_t child_of(const Inner& inner, const SortKey& key);
  static std::size_t total(const Inner& inner);

  bool insert(Node* node, unsigned height, bool leftmost, const SortKey& key, Split& split);
  bool insert_in_leaf(Leaf& leaf, bool leftmost, const SortKey& key, Split& split);
  void adopt(Inner& inner, std::size_t at, const Split& child, Split& split);
  bool erase(Node* node, unsigned height, const SortKey& key);
  void mend(Inner& inner, unsigned height, std::size_t at);
  void mend_leaves(Inner& inner, std::size_t left);
  void mend_inners(Inner& inner, std::size_t left);
  static void forget_child(Inner& inner, std::size_t at);

  Leaf* make_leaf();
  Inner* make_inner();
  void free_leaf(Leaf* leaf);
  void free_inner(Inner* inner);
  void free_tree(Node* node, unsigned height);

  Node* root_ = nullptr;
  unsigned height_ = 0;  // of inner levels above the leaves
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace inboxd::model
