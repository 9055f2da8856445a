// Inside `decide`: one function a command, by subject, and what they share. Each checks in the
// order of S6: params · the contact and other ids · repeats · expectations · blocked · state and
// window.
#pragma once

#include <optional>
#include <utility>

#include "model/checks.hpp"
#include "model/decide.hpp"

namespace inboxd::model {

/// Collects a commit: events in order, entries numbered after the timeline's last.
class Draft {
 public:
  Draft(const Contact& contact, const Context& context)
      : context_(context), last_(contact.last_seq) {}

  void add(Event event) { decision_.events.push_back(std::move(event)); }
  /// Starts numbering after `seq` (a merge brought entries).
  void skip_to(Seq seq) { last_ = seq; }
  Seq append(Author author, std::variant<Message, Comment, TimelineEvent> body) {
    ++last_;
    add(EntryAppended{Entry{.seq = last_,
                            .offset = {},
                            .at = context_.now,
                            .author = std::move(author),
                            .body = std::move(body)}});
    return last_;
  }
  Seq event(Author author, Cause cause, EventData data) {
    return append(std::move(author), TimelineEvent{.cause = cause, .data = std::move(data)});
  }
  /// By who gave the command.
  Seq event(Cause cause, EventData data);
  Seq last() const { return last_; }

  Decision finish() && { return std::move(decision_); }
  /// The answer names this entry.
  Decision finish(Seq entry) && {
    decision_.entry = entry;
    return std::move(decision_);
  }

 private:
  const Context& context_;
  Seq last_;
  Decision decision_;
};

Author author_of(const Principal& by);
inline Author author_of(ContactId contact) {
  return {.kind = AuthorKind::contact, .id = contact.str()};
}
inline Author system_author() {
  return {.kind = AuthorKind::system, .id = {}};
}

/// S4: nothing changes.
inline Decision nothing() {
  return {};
}
/// R9, R10.
Decision duplicate_of(const Entry& entry);

/// The contact exists and this principal sees it.
Checked check_seen(const Contact& contact, const Context& context);
/// R13.
Checked check_expected(const Contact& contact, const Context& context,
                       std::optional<Seq> expect_seq = std::nullopt);
/// Both, for commands with nothing between them.
Checked check_usual(const Contact& contact, const Context& context);
/// With both current values (S6).
Error conflict(const Contact& contact, std::string message);

/// window.cpp: may this be sent now (S28)?
Checked check_window(const Identity& identity, const Channel& channel, const SendMessage& message,
                     Timestamp now);

// decide_message.cpp
Result<Decision> decide_on(const Contact&, const SendMessage&, const Context&);
Result<Decision> decide_on(const Contact&, const AddComment&, const Context&);
// decide_inbound.cpp
Result<Decision> decide_on(const Contact&, const ReceiveInbound&, const Context&);
Result<Decision> decide_on(const Contact&, const ReportStatus&, const Context&);
// decide_lifecycle.cpp
Result<Decision> decide_on(const Contact&, const AssignContact&, const Context&);
Result<Decision> decide_on(const Contact&, const UnassignRemoved&, const Context&);
Result<Decision> decide_on(const Contact&, const MarkDone&, const Context&);
Result<Decision> decide_on(const Contact&, const ReopenContact&, const Context&);
Result<Decision> decide_on(const Contact&, const SnoozeContact&, const Context&);
Result<Decision> decide_on(const Contact&, const WakeContact&, const Context&);
Result<Decision> decide_on(const Contact&, const WakeDue&, const Context&);
Result<Decision> decide_on(const Contact&, const BlockContact&, const Context&);
Result<Decision> decide_on(const Contact&, const UnblockContact&, const Context&);
// decide_read.cpp
Result<Decision> decide_on(const Contact&, const MarkRead&, const Context&);
Result<Decision> decide_on(const Contact&, const MarkUnread&, const Context&);
// decide_details.cpp
Result<Decision> decide_on(const Contact&, const CreateContact&, const Context&);
Result<Decision> decide_on(const Contact&, const UpdateContact&, const Context&);
// decide_merge.cpp
Result<Decision> decide_on(const Contact&, const MergeContact&, const Context&);

}  // namespace inboxd::model
