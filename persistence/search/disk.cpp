#include "persistence/search/disk.hpp"

#include <algorithm>
#include <charconv>
#include <fcntl.h>
#include <stdexcept>
#include <unistd.h>
#include <utility>

#include "persistence/search/terms.hpp"

namespace inboxd::search {
namespace {

constexpr const char* format = "2";
constexpr Xapian::valueno entry_slot = 0;

std::string contacts_path(const std::filesystem::path& path) {
  return (path / "contacts").string();
}
std::string entries_path(const std::filesystem::path& path) {
  return (path / "entries").string();
}

void put_number(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}

/// False at the end of the text.
bool get_number(std::string_view& in, std::uint64_t& value) {
  value = 0;
  for (int shift = 0; !in.empty() && shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

std::uint64_t number_of(const std::string& text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::string block_key(std::size_t block) {
  return "stamps " + std::to_string(block);
}

void write_block(Xapian::WritableDatabase& database, std::size_t block,
                 const std::vector<Stamp>& stamps, std::uint32_t Stamp::*member) {
  std::string text;
  const auto first = block * DiskWriter::block_contacts;
  const auto last = std::min(stamps.size(), first + DiskWriter::block_contacts);
  for (auto i = first; i < last; ++i) put_number(text, stamps[i].*member);
  database.set_metadata(block_key(block), text);
}

void read_blocks(const Xapian::Database& database, std::vector<Stamp>& stamps,
                 std::uint32_t Stamp::*member) {
  const std::string prefix = "stamps ";
  for (auto key = database.metadata_keys_begin(prefix); key != database.metadata_keys_end(prefix);
       ++key) {
    auto at = number_of((*key).substr(prefix.size())) * DiskWriter::block_contacts;
    const auto text = database.get_metadata(*key);
    std::string_view rest = text;
    for (std::uint64_t value = 0; get_number(rest, value); ++at) {
      if (stamps.size() <= at) stamps.resize(at + 1);
      stamps[at].*member = static_cast<std::uint32_t>(value);
    }
  }
}

std::string write_value(const Document& document) {
  std::string text(1, document.kind == Document::Kind::comment ? 'c' : 'm');
  put_number(text, document.contact.value);
  put_number(text, document.seq.value);
  put_number(text, static_cast<std::uint64_t>(document.at.ms));
  return text;
}

std::optional<EntryValue> read_value(const std::string& text) {
  if (text.empty()) return std::nullopt;
  std::string_view rest = text;
  rest.remove_prefix(1);
  std::uint64_t contact = 0, seq = 0, at = 0;
  if (!get_number(rest, contact) || !get_number(rest, seq) || !get_number(rest, at))
    return std::nullopt;
  return EntryValue{.kind = text.front() == 'c' ? Document::Kind::comment : Document::Kind::message,
                    .contact = {contact},
                    .seq = {seq},
                    .at = {static_cast<std::int64_t>(at)}};
}

void mark(Xapian::WritableDatabase& database, const std::string& epoch) {
  database.set_metadata("format", format);
  database.set_metadata("epoch", epoch);
}

bool is_ours(const Xapian::Database& database, const std::string& epoch, std::string& why) {
  if (database.get_metadata("format") != format) why = "it was written by another version";
  if (database.get_metadata("epoch") != epoch) why = "it belongs to another data directory";
  return why.empty();
}

void sync_files(const std::filesystem::path& path) {
  for (const auto& file : std::filesystem::recursive_directory_iterator(path)) {
    if (!file.is_regular_file()) continue;
    const int descriptor = ::open(file.path().c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) continue;
    const int failed = ::fsync(descriptor);
    ::close(descriptor);
    if (failed != 0) throw std::runtime_error(file.path().string() + " cannot be synced.");
  }
}

Xapian::Document with_terms(const Document& document) {
  Xapian::Document out;
  for (const auto& term : terms::of(document)) out.add_boolean_term(term);
  return out;
}

}  // namespace

DiskWriter::DiskWriter(std::filesystem::path path, std::string epoch)
    : path_(std::move(path)), epoch_(std::move(epoch)) {}

bool DiskWriter::open(std::string& why) {
  if (!std::filesystem::exists(contacts_path(path_)) ||
      !std::filesystem::exists(entries_path(path_))) {
    why = "there is none";
    return false;
  }
  open_both(Xapian::DB_OPEN, Xapian::DB_OPEN | Xapian::DB_NO_TERMLIST);
  if (!is_ours(*contacts_, epoch_, why) || !is_ours(*entries_, epoch_, why)) return false;
  offset_ = {std::min(number_of(contacts_->get_metadata("offset")),
                      number_of(entries_->get_metadata("offset")))};
  rebuilding_ = entries_->get_metadata("rebuilding") == "1";
  const auto front = number_of(entries_->get_metadata("front"));
  const auto back = number_of(entries_->get_metadata("back"));
  if (front == 0 || front > middle || back < middle) {
    why = "it is not whole";
    return false;
  }
  front_ = static_cast<DocId>(front);
  back_ = static_cast<DocId>(back);
  return true;
}

void DiskWriter::create() {
  contacts_.reset();
  entries_.reset();
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
  // Not synced until it is whole: an unfinished one is thrown away. Entries are never replaced, so
  // nothing is needed to find a document's terms by.
  constexpr int flags =
      Xapian::DB_CREATE_OR_OVERWRITE | Xapian::DB_BACKEND_GLASS | Xapian::DB_NO_SYNC;
  front_ = back_ = middle;
  open_both(flags, flags | Xapian::DB_NO_TERMLIST);
  commit({}, {}, {}, true);
}

void DiskWriter::open_both(int flags, int entries_flags) {
  contacts_.emplace(contacts_path(path_), flags);
  entries_.emplace(entries_path(path_), entries_flags);
  contacts_->begin_transaction();
  entries_->begin_transaction();
}

std::vector<Stamp> DiskWriter::stamps() const {
  std::vector<Stamp> stamps;
  read_blocks(*contacts_, stamps, &Stamp::version);
  read_blocks(*entries_, stamps, &Stamp::through);
  return stamps;
}

void DiskWriter::put_contact(const Document& document) {
  auto out = with_terms(document);
  std::string data;
  for (const auto& id : document.external_ids) data += id + '\n';
  out.set_data(data);
  contacts_->replace_document(static_cast<DocId>(document.contact.value), out);
}

void DiskWriter::put_entry(const Document& document, DocId number) {
  auto out = with_terms(document);
  out.add_value(entry_slot, write_value(document));
  entries_->replace_document(number, out);
}

void DiskWriter::commit(const std::vector<Stamp>& stamps, const std::vector<std::size_t>& blocks,
                        model::Offset offset, bool rebuilding) {
  for (const auto block : blocks) {
    write_block(*contacts_, block, stamps, &Stamp::version);
    // Until a rebuild of the entries is done, nothing in it counts.
    if (!rebuilding) write_block(*entries_, block, stamps, &Stamp::through);
  }
  for (auto* database : {&*contacts_, &*entries_}) {
    mark(*database, epoch_);
    database->set_metadata("offset", std::to_string(offset.value));
  }
  entries_->set_metadata("front", std::to_string(front_));
  entries_->set_metadata("back", std::to_string(back_));
  // The last word of a rebuild is only said when all before it is on disk.
  const bool finishes = rebuilding_ && !rebuilding;
  entries_->set_metadata("rebuilding", rebuilding || finishes ? "1" : "");
  contacts_->commit_transaction();
  entries_->commit_transaction();
  offset_ = offset;
  rebuilding_ = rebuilding;
  if (!finishes) {
    contacts_->begin_transaction();
    entries_->begin_transaction();
    return;
  }
  contacts_.reset();
  entries_.reset();
  sync_files(path_);
  open_both(Xapian::DB_OPEN,
            Xapian::DB_OPEN | Xapian::DB_NO_TERMLIST);  // each commit syncs from here on
  contacts_->commit_transaction();
  entries_->set_metadata("rebuilding", "");
  entries_->commit_transaction();
  contacts_->begin_transaction();
  entries_->begin_transaction();
}

std::uint64_t DiskWriter::bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& file : std::filesystem::recursive_directory_iterator(path_)) {
    if (file.is_regular_file()) bytes += file.file_size();
  }
  return bytes;
}

bool DiskReader::refresh() {
  if (is_open()) {
    contacts_->reopen();
    entries_->reopen();
    return true;
  }
  if (!std::filesystem::exists(entries_path(path_))) return false;
  contacts_.emplace(contacts_path(path_));
  entries_.emplace(entries_path(path_));
  return true;
}

void DiskReader::close() {
  contacts_.reset();
  entries_.reset();
}

std::vector<std::string> DiskReader::external_ids(model::ContactId contact) const {
  std::vector<std::string> ids;
  std::string data;
  try {
    data = contacts_->get_document(static_cast<DocId>(contact.value)).get_data();
  } catch (const Xapian::DocNotFoundError&) {
    return ids;
  }
  for (std::size_t at = 0; at < data.size();) {
    const auto end = data.find('\n', at);
    ids.push_back(data.substr(at, end - at));
    at = end == std::string::npos ? data.size() : end + 1;
  }
  return ids;
}

DiskReader::Values::Values(const Xapian::Database& entries)
    : at_(entries.valuestream_begin(entry_slot)), end_(entries.valuestream_end(entry_slot)) {}

std::optional<EntryValue> DiskReader::Values::at(DocId number) {
  if (at_ == end_) return std::nullopt;
  at_.skip_to(number);
  if (at_ == end_ || at_.get_docid() != number) return std::nullopt;
  return read_value(*at_);
}

}  // namespace inboxd::search
