#include "persistence/search/postings.hpp"

#include <algorithm>
#include <utility>

namespace inboxd::search {
namespace {

class OfTerm final : public Postings {
 public:
  OfTerm(const Xapian::Database& database, const std::string& term, std::uint64_t size)
      : at_(database.postlist_begin(term)), end_(database.postlist_end(term)), size_(size) {
    read();
  }
  DocId at() const override { return id_; }
  void next() override {
    ++at_;
    read();
  }
  void skip_to(DocId id) override {
    if (id_ >= id) return;
    at_.skip_to(id);
    read();
  }
  std::uint64_t size() const override { return size_; }

 private:
  void read() { id_ = at_ == end_ ? no_document : *at_; }

  Xapian::PostingIterator at_, end_;
  std::uint64_t size_;
  DocId id_ = no_document;
};

/// A heap of lists, the one that stands first on top.
class AnyOf final : public Postings {
 public:
  explicit AnyOf(std::vector<PostingsPtr> lists) : lists_(std::move(lists)) {
    for (const auto& list : lists_) size_ += list->size();
    drop_ended();
    std::make_heap(lists_.begin(), lists_.end(), later);
  }
  DocId at() const override { return lists_.empty() ? no_document : lists_.front()->at(); }
  void next() override { skip_to(at() + 1); }
  void skip_to(DocId id) override {
    while (!lists_.empty() && lists_.front()->at() < id) {
      std::pop_heap(lists_.begin(), lists_.end(), later);
      lists_.back()->skip_to(id);
      if (lists_.back()->at() == no_document) {
        lists_.pop_back();
      } else {
        std::push_heap(lists_.begin(), lists_.end(), later);
      }
    }
  }
  std::uint64_t size() const override { return size_; }

 private:
  static bool later(const PostingsPtr& a, const PostingsPtr& b) { return a->at() > b->at(); }
  void drop_ended() {
    std::erase_if(lists_, [](const PostingsPtr& list) { return list->at() == no_document; });
  }

  std::vector<PostingsPtr> lists_;
  std::uint64_t size_ = 0;
};

/// Rarest first: each of the others skips to where that one stands.
class AllOf final : public Postings {
 public:
  explicit AllOf(std::vector<PostingsPtr> lists) : lists_(std::move(lists)) {
    std::sort(lists_.begin(), lists_.end(),
              [](const auto& a, const auto& b) { return a->size() < b->size(); });
    agree();
  }
  DocId at() const override { return lists_.front()->at(); }
  void next() override {
    lists_.front()->next();
    agree();
  }
  void skip_to(DocId id) override {
    lists_.front()->skip_to(id);
    agree();
  }
  std::uint64_t size() const override { return lists_.front()->size(); }

 private:
  void agree() {
    for (std::size_t i = 1; i < lists_.size() && at() != no_document;) {
      lists_[i]->skip_to(at());
      if (lists_[i]->at() == at()) {
        ++i;
      } else {
        lists_.front()->skip_to(lists_[i]->at());
        i = 1;
      }
    }
  }

  std::vector<PostingsPtr> lists_;
};

}  // namespace

PostingsPtr postings_of(const Xapian::Database& database, const std::string& term) {
  const auto size = term.empty() ? database.get_doccount() : database.get_termfreq(term);
  return size == 0 ? nullptr : std::make_unique<OfTerm>(database, term, size);
}

PostingsPtr any_of(std::vector<PostingsPtr> lists) {
  std::erase(lists, nullptr);
  if (lists.empty()) return nullptr;
  if (lists.size() == 1) return std::move(lists.front());
  return std::make_unique<AnyOf>(std::move(lists));
}

PostingsPtr all_of(std::vector<PostingsPtr> lists) {
  if (lists.empty() || std::find(lists.begin(), lists.end(), nullptr) != lists.end())
    return nullptr;
  if (lists.size() == 1) return std::move(lists.front());
  return std::make_unique<AllOf>(std::move(lists));
}

}  // namespace inboxd::search
