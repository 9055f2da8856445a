#include "persistence/search/index.hpp"

#include <algorithm>
#include <utility>

namespace inboxd::search {
namespace {

constexpr std::size_t documents_between_pauses = 64;

}  // namespace

Index::Index(IndexOptions options)
    : options_(std::move(options)), disk_(options_.path, options_.epoch), reader_(options_.path) {}

std::string Index::open() {
  std::string why;
  try {
    if (!disk_.open(why)) {
      recreate();
      return why;
    }
    if (disk_.rebuilding()) {
      why = "it was not finished";
      recreate();
      return why;
    }
    stamps_ = disk_.stamps();
    saved_ = opened_ = stamps_;
  } catch (const Xapian::Error& error) {
    why = error.get_description();
    recreate();
    return why;
  }
  const std::lock_guard lock(mutex_);
  ++generation_;
  return why;
}

void Index::recreate() {
  const std::lock_guard lock(mutex_);
  reader_.close();
  reader_usable_ = false;
  disk_.create();
  stamps_.clear();
  opened_.clear();
  saved_.clear();
  touched_.clear();
  bulk_.clear();
  recent_.clear();
  recent_contacts_.clear();
  ++generation_;
  damaged_ = false;
}

Stamp Index::stamp(model::ContactId contact) const {
  return contact.value < stamps_.size() ? stamps_[contact.value] : Stamp{};
}

void Index::set_stamp(model::ContactId contact, Stamp stamp) {
  if (stamps_.size() <= contact.value) stamps_.resize(contact.value + 1);
  if (stamps_[contact.value] == stamp) return;
  stamps_[contact.value] = stamp;
  touched_[contact.value] = stamp;
}

void Index::put(DocumentPtr document) {
  Recent recent{.document = std::move(document)};
  ++put_;
  if (!is_contact(*recent.document)) recent.number = disk_.number_next();
  const std::lock_guard lock(mutex_);
  if (recent_.empty()) oldest_ = std::chrono::steady_clock::now();
  if (is_contact(*recent.document))
    recent_contacts_[recent.document->contact.value] = recent.document;
  recent_.push_back(std::move(recent));
  stats_.recent = recent_.size();
}

void Index::put_in_bulk(DocumentPtr document) {
  Recent one{.document = std::move(document)};
  ++put_;
  if (!is_contact(*one.document)) one.number = disk_.number_older();
  bulk_.push_back(std::move(one));
}

bool Index::has_room() const {
  const std::lock_guard lock(mutex_);
  return recent_.size() < 2 * options_.recent_max;
}

bool Index::write_is_due() const {
  if (bulk_.size() >= options_.recent_max) return true;
  const std::lock_guard lock(mutex_);
  return recent_.size() >= options_.recent_max ||
         (!recent_.empty() && std::chrono::steady_clock::now() - oldest_ >= options_.write_every);
}

bool Index::has_something_to_write() const {
  const std::lock_guard lock(mutex_);
  return !bulk_.empty() || !recent_.empty() || !touched_.empty();
}

void Index::write(model::Offset offset, bool rebuilding, const std::function<void()>& pause) {
  // What comes while this goes on is for the next time: documents, and the stamps that go with
  // them.
  const auto touched = std::exchange(touched_, {});
  const auto bulk = std::exchange(bulk_, {});
  std::vector<Recent> batch;
  {
    const std::lock_guard lock(mutex_);
    batch.assign(recent_.begin(), recent_.end());
  }
  const auto from_memory = batch.size();
  // Bulk first: a contact's newer version is the one in memory.
  batch.insert(batch.begin(), bulk.begin(), bulk.end());
  std::size_t count = 0;
  for (const auto& [document, number] : batch) {
    if (is_contact(*document)) {
      disk_.put_contact(*document);
    } else {
      disk_.put_entry(*document, number);
    }
    if (++count % documents_between_pauses == 0) pause();
  }
  std::vector<std::size_t> blocks;
  for (const auto& [contact, stamp] : touched) {
    if (saved_.size() <= contact) saved_.resize(contact + 1);
    saved_[contact] = stamp;
    blocks.push_back(contact / DiskWriter::block_contacts);
  }
  if (disk_.rebuilding() && !rebuilding) {
    // Only now do the stamps of the entries count, all of them.
    blocks.clear();
    for (std::size_t first = 0; first < saved_.size(); first += DiskWriter::block_contacts)
      blocks.push_back(first / DiskWriter::block_contacts);
  }
  std::sort(blocks.begin(), blocks.end());
  blocks.erase(std::unique(blocks.begin(), blocks.end()), blocks.end());
  disk_.commit(saved_, blocks, offset, rebuilding);

  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < from_memory; ++i) {
    const auto& document = recent_.front().document;
    if (is_contact(*document)) {
      const auto latest = recent_contacts_.find(document->contact.value);
      if (latest != recent_contacts_.end() && latest->second == document)
        recent_contacts_.erase(latest);
    }
    recent_.pop_front();
  }
  oldest_ = std::chrono::steady_clock::now();
  ++generation_;
  ++stats_.writes;
  stats_.recent = recent_.size();
  stats_.contacts = disk_.contacts();
  stats_.entries = disk_.entries();
  stats_.bytes = disk_.bytes();
}

bool Index::refresh() {
  if (damaged_) return false;
  if (reader_generation_ == generation_) return reader_usable_;
  reader_usable_ = reader_.refresh();
  reader_generation_ = generation_;
  return reader_usable_;
}

void Index::fail_reading(const std::string&) {
  reader_.close();
  reader_usable_ = false;
  damaged_ = true;
}

std::vector<std::string> Index::external_ids(model::ContactId contact) {
  const std::lock_guard lock(mutex_);
  const auto recent = recent_contacts_.find(contact.value);
  if (recent != recent_contacts_.end()) return recent->second->external_ids;
  try {
    if (refresh()) return reader_.external_ids(contact);
  } catch (const Xapian::Error& error) {
    fail_reading(error.get_description());
  }
  return {};
}

IndexStats Index::stats() const {
  const std::lock_guard lock(mutex_);
  return stats_;
}

}  // namespace inboxd::search
