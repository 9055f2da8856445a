#include "bench/inbox_bench/search_past.hpp"

#include <chrono>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "model/decide.hpp"
#include "persistence/data_directory.hpp"
#include "persistence/journal.hpp"
#include "persistence/recovery.hpp"
#include "persistence/store.hpp"

namespace inboxd::bench {
namespace {

using namespace model;  // the whole file is about its types

class Writer {
 public:
  Writer(persistence::StateStore& store, SearchCorpus& corpus)
      : store_(store), corpus_(corpus), last_(store.applied_offset()) {
    workspace_.id = WorkspaceId("default");
  }

  void write(std::uint32_t contacts, std::uint64_t messages,
             const std::function<void(std::uint64_t)>& progress) {
    set_up();
    constexpr std::int64_t days_ms = std::int64_t{90} * 24 * 3600 * 1000;
    const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    for (std::uint32_t i = 0; i < contacts; ++i) {
      // As many each as are left for those who are left, so that it comes out even.
      const auto count = (messages - sent_) / (contacts - i);
      const auto step = days_ms / static_cast<std::int64_t>(count + 1);
      now_ = {now - days_ms + static_cast<std::int64_t>(corpus_.random() % step)};
      contact_ = Contact{};
      for (std::uint64_t n = 0; n < count; ++n, now_ = now_ + Duration{step}) receive(i, n == 0);
      changes_.back().contacts.push_back(std::make_shared<const Contact>(std::move(contact_)));
      if (changes_.size() < batch_commits) continue;
      flush();
      progress(sent_);
    }
    flush();
    store_.flush();
  }

 private:
  static constexpr std::size_t batch_commits = 50'000;

  void set_up() {
    auto created = next();
    created.workspace_created = true;
    changes_.push_back(std::move(created));
    WorkspaceEvent channel =
        PutChannel{{ChannelId("bench"), ChannelKind::webchat, "Bench", std::nullopt, std::nullopt}};
    model::apply(workspace_, channel);
    auto put = next();
    put.workspace_events.push_back(std::move(channel));
    changes_.push_back(std::move(put));
  }

  persistence::Change next() {
    persistence::Change change;
    change.offset = ++last_;
    change.at = now_;
    change.workspace = workspace_.id;
    return change;
  }

  void receive(std::uint32_t customer, bool first) {
    ReceiveInbound in;
    in.id = {customer + 1};
    in.channel = ChannelId("bench");
    in.external_id = corpus_.phone(customer);
    in.provider_id = std::to_string(sent_++);
    in.content.text = corpus_.text();
    if (first) {
      Details details;
      details.first_name = corpus_.first_name(customer);
      details.last_name = corpus_.last_name(customer);
      details.phone = corpus_.phone(customer);
      details.email = corpus_.email(customer);
      in.profile = std::move(details);
    }
    const auto decision = decide(contact_, Command(std::move(in)),
                                 {.now = now_, .by = connector_, .workspace = workspace_});
    if (!decision) throw std::runtime_error("a message was refused: " + decision.error().message);
    auto change = next();
    model::apply(contact_, decision->events, change.offset);
    for (const auto& event : decision->events) {
      const auto* appended = std::get_if<EntryAppended>(&event);
      if (appended == nullptr) continue;
      auto entry = std::make_shared<Entry>(appended->entry);
      entry->offset = change.offset;
      change.entries.push_back({contact_.id, std::move(entry), nullptr, true});
    }
    changes_.push_back(std::move(change));
  }

  void flush() {
    store_.write(changes_);
    changes_.clear();
  }

  persistence::StateStore& store_;
  SearchCorpus& corpus_;
  Workspace workspace_;
  const Principal connector_{PrincipalKind::connector, "connector-0", Role::agent,
                             ChannelId("bench")};
  Timestamp now_;
  Offset last_;
  std::uint64_t sent_ = 0;
  Contact contact_;  // who writes
  std::vector<persistence::Change> changes_;
};

}  // namespace

void make_search_past(const std::filesystem::path& data, SearchCorpus& corpus,
                      std::uint32_t contacts, std::uint64_t messages,
                      const std::function<void(std::uint64_t done)>& progress) {
  const persistence::DataDirectory directory(data, persistence::DataDirectory::Mode::create);
  persistence::StateStore store({.path = directory.store()});
  const auto recovered = persistence::recover(directory, store, {});
  if (recovered.last.value > 0)
    throw std::runtime_error("There is something in " + data.string() + " already.");
  Writer(store, corpus).write(contacts, messages, progress);
  // The journal goes on where the store ends.
  persistence::JournalOptions journal;
  journal.directory = directory.journal();
  journal.epoch = recovered.epoch;
  journal.last = store.applied_offset();
  journal.last_at = store.applied().at;
  journal.threaded = false;
  persistence::Journal(journal, {});
}

}  // namespace inboxd::bench
