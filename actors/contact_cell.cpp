#include "actors/contact_cell.hpp"

#include <algorithm>
#include <utility>

#include "actors/answer.hpp"
#include "actors/offset_mark.hpp"
#include "model/overload.hpp"
#include "model/shared_details.hpp"

namespace inboxd::actors {
namespace {

const model::Principal timer{
    .kind = model::PrincipalKind::system, .id = {}, .role = model::Role::admin, .channel = {}};

/// The identities that a command sets aside in the directory before it is decided.
std::vector<model::ExternalIdentity> pairs_of(const model::Command& command) {
  if (const auto* create = std::get_if<model::CreateContact>(&command)) return create->channels;
  if (const auto* update = std::get_if<model::UpdateContact>(&command)) return update->channels_add;
  return {};
}

}  // namespace

ContactCell::ContactCell(model::ContactId id, const Services& services, ContactHost& host,
                         const model::Workspace& workspace)
    : services_(services), host_(host), timeline_(id, services.store) {
  if (auto stored = services.store.contact(id)) {
    contact_ = std::make_shared<model::Contact>(std::move(stored->contact));
    row_ = std::make_shared<const model::Row>(model::make_row(*contact_, workspace.channels));
  } else {
    contact_ = std::make_shared<model::Contact>();
    contact_->details = model::no_details();
  }
  contact_->id = id;
}

ContactCell::ContactCell(const RestingContact& resting, const Services& services, ContactHost& host)
    : services_(services),
      host_(host),
      contact_(std::make_shared<model::Contact>(resting.contact())),
      row_(resting.row()),
      timeline_(contact_->id, services.store) {}

void ContactCell::handle(ContactTask task) {
  workspace_ = std::move(task.workspace);
  timeline_.forget_saved(services_.store.applied_offset());
  std::visit(model::overload{
                 [&](task::Perform& t) { perform(std::move(t)); },
                 [&](task::Report& t) { report(std::move(t)); },
                 [&](task::Get& t) { get(t); },
                 [&](task::Page& t) { page(t); },
                 [&](task::Subscribe& t) { subscribe(t); },
                 [&](task::Viewing& t) { viewing(t); },
                 [&](task::Typing& t) { typing(t); },
                 [&](task::CustomerTyping& t) { customer_typing(t); },
                 [&](task::Leave& t) { leave(t); },
                 [&](task::WakeDue&) { wake_if_due(); },
                 [&](task::Recheck&) {
                   std::vector<Outgoing> out;
                   end_unseen(out);
                   deliver(std::move(out));
                 },
                 [&](task::HandOver& t) { hand_over(t); },
                 [&](task::TakeBack& t) { take_back(t); },
                 [&](task::Merge& t) { merge(std::move(t)); },
             },
             task.body);
}

bool ContactCell::idle(model::Offset saved) const {
  return subscribers_.empty() && onlookers_.empty() && contact_->changed_at <= saved;
}

RestingContact ContactCell::rest() const {
  return row_ ? RestingContact(*contact_, row_) : RestingContact();
}

void ContactCell::perform(task::Perform perform) {
  const auto* inbound = std::get_if<model::ReceiveInbound>(&perform.command);
  const auto repeated = repeated_by(perform);
  if (inbound != nullptr && perform.routed_by_provider_id && !repeated) {
    host_.bounce(std::move(perform));
    return;
  }
  wake_if_due();
  const model::Context context{.now = services_.now(),
                               .by = perform.origin.by,
                               .workspace = *workspace_,
                               .expect_version = perform.expect_version,
                               .repeated = repeated.get(),
                               .subject = nullptr};
  auto decision = model::decide(*contact_, perform.command, context);
  if (!decision) {
    refuse(perform, decision.error());
    return;
  }
  if (perform.taken_by) {
    model::Error taken{.reason = model::Reason::conflict,
                       .message = "Another contact has this channel account already.",
                       .contact = perform.taken_by};
    refuse(perform.origin, taken);
    return;
  }
  if (decision->events.empty()) {
    if (const auto pairs = pairs_of(perform.command); !pairs.empty())
      host_.not_linked(contact_->id, pairs);
    answer(perform.origin,
           answer_without_change(answer_shape(perform.command, *decision), *decision, *contact_,
                                 repeated.get(), *workspace_, services_.now()));
    return;
  }
  commit(std::move(decision->events), perform.origin, answer_shape(perform.command, *decision));
}

void ContactCell::refuse(const task::Perform& perform, const model::Error& error) {
  if (const auto pairs = pairs_of(perform.command); !pairs.empty())
    host_.not_linked(contact_->id, pairs);
  refuse(perform.origin, error);
}

void ContactCell::report(task::Report report) {
  auto seq = report.seq;
  if (!seq)
    seq = timeline_.by_provider_id(workspace_->id, report.channel, model::Direction::out,
                                   report.report.provider_id);
  const auto subject = seq ? timeline_.find(*seq) : nullptr;
  wake_if_due();
  report.report.seq = seq.value_or(model::Seq{});
  const model::Command command = std::move(report.report);
  const model::Context context{.now = services_.now(),
                               .by = report.origin.by,
                               .workspace = *workspace_,
                               .expect_version = std::nullopt,
                               .repeated = nullptr,
                               .subject = subject.get()};
  auto decision = model::decide(*contact_, command, context);
  if (!decision) {
    refuse(report.origin, decision.error());
  } else if (decision->events.empty()) {
    answer(report.origin,
           answer_without_change(answer_shape(command, *decision), *decision, *contact_,
                                 subject.get(), *workspace_, context.now));
  } else {
    commit(std::move(decision->events), report.origin, answer_shape(command, *decision));
  }
}

void ContactCell::wake_if_due() {
  const auto now = services_.now();
  if (!contact_->exists() || !model::wake_is_due(*contact_, now)) return;
  const model::Context context{.now = now, .by = timer, .workspace = *workspace_};
  auto decision = model::decide(*contact_, model::WakeDue{}, context);
  if (decision && !decision->events.empty())
    commit(std::move(decision->events), {.client = {}, .by = timer}, {});
}

std::shared_ptr<const model::Entry> ContactCell::repeated_by(const task::Perform& perform) const {
  const auto& command = perform.command;
  const auto& by = perform.origin.by;
  std::optional<model::Seq> seq;
  if (const auto* send = std::get_if<model::SendMessage>(&command);
      send != nullptr && !send->client_id.empty()) {
    seq = timeline_.by_client_id(by, send->client_id);
  } else if (const auto* add = std::get_if<model::AddComment>(&command);
             add != nullptr && !add->client_id.empty()) {
    seq = timeline_.by_client_id(by, add->client_id);
  } else if (const auto* inbound = std::get_if<model::ReceiveInbound>(&command)) {
    // The directory has looked in the store. What it did not find there can only be here, unsaved.
    seq = perform.routed_by_provider_id
              ? timeline_.by_provider_id(workspace_->id, inbound->channel, model::Direction::in,
                                         inbound->provider_id)
              : timeline_.by_unsaved_provider_id(inbound->channel, model::Direction::in,
                                                 inbound->provider_id);
  }
  return seq ? timeline_.find(*seq) : nullptr;
}

void ContactCell::hand_over(const task::HandOver& request) {
  if (!may_see(request.origin.by)) {
    refuse(request.origin, model::not_found("from", "There is no contact with this id."));
    host_.handed_over(contact_->id, nullptr);
    return;
  }
  wake_if_due();
  auto all = std::make_shared<HandedOver>();
  all->contact = *contact_;
  all->subscribers = std::move(subscribers_);
  all->row = row_;
  all->timeline = std::make_shared<const Timeline>(std::move(timeline_));
  timeline_ = Timeline(contact_->id, services_.store);
  subscribers_.clear();
  onlookers_.clear();
  customer_typists_.clear();
  host_.handed_over(contact_->id, std::move(all));
}

void ContactCell::take_back(const task::TakeBack& task) {
  subscribers_ = task.kept->subscribers;
  timeline_ = *task.kept->timeline;
  tell_presence();  // who looked on is to say so again
}

void ContactCell::merge(task::Merge merge) {
  wake_if_due();
  const auto& secondary = merge.secondary->contact;
  // What was read there counts as unread again if something is unread here (S13, S23).
  if (!contact_->unread.empty() && merge.looked_up_to < secondary.read_seq) {
    look_through(merge);
    host_.go_on(contact_->id, std::move(merge));
    return;
  }
  const model::Command command =
      model::MergeContact{.secondary = secondary, .read_inbound = std::move(merge.read_inbound)};
  const model::Context context{.now = services_.now(),
                               .by = merge.origin.by,
                               .workspace = *workspace_,
                               .expect_version = merge.expect_version};
  auto decision = model::decide(*contact_, command, context);
  if (!decision) {
    refuse(merge.origin, decision.error());
    host_.merged(contact_->id, secondary.id, std::nullopt);
    return;
  }
  const auto base = contact_->last_seq;
  const auto from = secondary.id;
  commit(std::move(decision->events), merge.origin, answer_shape(command, *decision),
         merge.secondary.get());
  host_.merged(contact_->id, from, base);
}

/// One slice of the secondary's timeline, however long that is: others' commands go between.
void ContactCell::look_through(task::Merge& merge) {
  constexpr std::uint64_t entries_max = 1000;
  const auto& secondary = *merge.secondary;
  const auto last = std::min(merge.looked_up_to + entries_max, secondary.contact.read_seq);
  for (const auto& entry : secondary.timeline->entries(merge.looked_up_to + 1, last)) {
    const auto* message = entry->message();
    if (message != nullptr && message->direction == model::Direction::in)
      merge.read_inbound.insert(entry->seq);
  }
  merge.looked_up_to = last;
}

void ContactCell::answer(const Origin& origin, std::string body) {
  if (!origin.client) return;
  std::vector<Outgoing> out;
  out.emplace_back(Answer{.client = origin.client, .tag = origin.tag, .body = std::move(body)});
  deliver(std::move(out));
}

void ContactCell::refuse(const Origin& origin, const model::Error& error) {
  answer(origin, error_answer(error));
}

void ContactCell::deliver(std::vector<Outgoing> out,
                          std::vector<std::shared_ptr<std::string>> unplaced) {
  if (out.empty()) return;
  auto commit = std::make_unique<Commit>();
  commit->workspace = workspace_->id;
  commit->out = std::move(out);
  commit->unplaced = std::move(unplaced);
  // What was seen may not be on disk yet: then the answer waits behind it. Otherwise it leaves at
  // once.
  if (const auto released = services_.log.released(); contact_->changed_at <= released) {
    commit->offset = released;
    place_offsets(*commit);
    services_.outlet.deliver(std::move(commit->out));
  } else {
    services_.log.pass(std::move(commit));
  }
}

}  // namespace inboxd::actors
