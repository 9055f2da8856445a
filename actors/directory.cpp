#include "actors/directory.hpp"

#include <algorithm>
#include <utility>

#include "actors/answer.hpp"
#include "actors/offset_mark.hpp"
#include "model/overload.hpp"

namespace inboxd::actors {
namespace {

std::string provider_key(const model::ChannelId& channel, model::Direction direction,
                         std::string_view provider_id) {
  std::string key = channel.str();
  key += direction == model::Direction::in ? '\1' : '\2';
  key += provider_id;
  return key;
}

Origin origin_of(const Submission& submission) {
  Origin origin{
      .client = submission.client, .tag = submission.tag, .by = submission.client->principal()};
  origin.by.role = submission.role;
  return origin;
}

/// How many provider ids are remembered before the older half is looked at for what the store has
/// by now.
constexpr std::size_t provider_generation_size = 1 << 16;

}  // namespace

std::string Directory::identity_key(const model::ChannelId& channel, std::string_view external_id) {
  std::string key = channel.str();
  key += '\0';
  key += external_id;
  return key;
}

void Directory::learn(const std::vector<KnownContact>& contacts) {
  contacts_.reserve(contacts.size());
  by_identity_.reserve(contacts.size());
  for (const auto& contact : contacts) {
    contacts_.insert(contact.id);
    if (contact.merged_into) {
      merged_into_.emplace(contact.id,
                           MergedTo{.primary = *contact.merged_into, .base = contact.merged_base});
    }
    for (const auto& identity : contact.identities) {
      by_identity_.insert_or_assign(identity_key(identity.channel, identity.external_id),
                                    contact.id);
    }
  }
}

void Directory::submit(Submission submission) {
  const auto origin = origin_of(submission);
  std::visit(model::overload{
                 [&](request::OnContact& r) { on_contact(origin, std::move(r)); },
                 [&](request::CreateContact& r) { create(origin, std::move(r.command)); },
                 [&](request::MergeContact& r) { merge(origin, r); },
                 [&](request::GetContact& r) {
                   if (const auto id = resolve(origin, r.contact, "contact"))
                     give(*id, task::Get{origin});
                 },
                 [&](request::PageTimeline& r) {
                   if (const auto id = resolve(origin, r.contact, "contact")) {
                     give(*id,
                          task::Page{.origin = origin, .before = r.before_seq, .limit = r.limit});
                   }
                 },
                 [&](request::SubscribeContact& r) {
                   const auto id = resolve(origin, r.contact, "contact");
                   if (!id) return;
                   attach(origin.client, *id, r.sub);
                   // Who followed what has been merged meanwhile knows another timeline (S23).
                   const bool resumable = r.resume && *id == r.contact &&
                                          r.resume->epoch == services_.store.epoch() &&
                                          r.resume->offset <= services_.log.released();
                   give(*id, task::Subscribe{.origin = origin,
                                             .sub = r.sub,
                                             .limit = r.limit,
                                             .resume = r.resume,
                                             .resumable = resumable});
                 },
                 [&](request::SubscribeCustomer& r) { subscribe_customer(origin, r); },
                 [&](request::Unsubscribe& r) {
                   const auto client = clients_.find(origin.client);
                   if (client == clients_.end()) return;
                   const auto sub = client->second.subs.find(r.sub);
                   if (sub == client->second.subs.end()) return;
                   give(sub->second, task::Leave{.client = origin.client, .sub = r.sub});
                   client->second.subs.erase(sub);
                 },
                 [&](request::SetTyping& r) {
                   const auto id = resolve(origin, r.contact, "contact");
                   if (!id) return;
                   attach(origin.client, *id, std::nullopt);
                   give(*id, task::Typing{.origin = origin, .on = r.on});
                 },
                 [&](request::SetViewing& r) {
                   const auto id = resolve(origin, r.contact, "contact");
                   if (!id) return;
                   attach(origin.client, *id, std::nullopt);
                   give(*id, task::Viewing{.origin = origin, .on = r.on});
                 },
                 [&](request::ReceiveInbound& r) { receive(origin, std::move(r.command)); },
                 [&](request::ReportStatus& r) { report(origin, r); },
                 [&](request::ReportSent& r) { report_sent(origin, r); },
                 [&](request::ReportFailed& r) { report_failed(origin, r); },
                 [&](request::PauseChannel& r) { pause_channel(origin, r); },
                 [&](request::InboundTyping& r) { customer_typing(origin, r); },
                 [&](request::OnWorkspace& r) { on_workspace(origin, std::move(r)); },
                 [&](request::UpdateView& r) { update_view(origin, r); },
                 [&](auto&) { answer(origin, list(submission.request)); },
             },
             submission.request);
}

void Directory::give(model::ContactId contact, ContactTaskBody body) {
  if (const auto merging = merging_.find(contact); merging != merging_.end()) {
    merging->second.held.push_back(std::move(body));
    return;
  }
  host_.give(contact, {.workspace = workspace_, .body = std::move(body)});
}

model::ContactId Directory::primary_of(model::ContactId id) const {
  for (auto merged = merged_into_.find(id); merged != merged_into_.end();
       merged = merged_into_.find(id)) {
    id = merged->second.primary;
  }
  return id;
}

void Directory::map_merged(model::ContactId named, model::ContactId primary,
                           std::optional<model::Seq>& seq) const {
  for (auto id = named; seq && id != primary;) {
    const auto& merged = merged_into_.at(id);
    seq = merged.base + seq->value;
    id = merged.primary;
  }
}

std::optional<model::ContactId> Directory::resolve(const Origin& origin, model::ContactId id,
                                                   std::string_view field) {
  id = primary_of(id);
  if (contacts_.contains(id)) return id;
  refuse(origin, model::not_found(std::string(field), "There is no contact with this id."));
  return std::nullopt;
}

void Directory::on_contact(const Origin& origin, request::OnContact request) {
  const auto id = resolve(origin, request.contact, "contact");
  if (!id) return;
  task::Perform perform{.origin = origin,
                        .command = std::move(request.command),
                        .expect_version = request.expect_version};
  if (const auto* update = std::get_if<model::UpdateContact>(&perform.command)) {
    perform.taken_by = set_aside(*id, update->channels_add);
  }
  give(*id, std::move(perform));
}

std::optional<model::ContactId> Directory::set_aside(
    model::ContactId contact, const std::vector<model::ExternalIdentity>& pairs) {
  for (const auto& pair : pairs) {
    const auto known = by_identity_.find(identity_key(pair.channel, pair.external_id));
    if (known != by_identity_.end() && known->second != contact) return known->second;
  }
  for (const auto& pair : pairs)
    by_identity_.emplace(identity_key(pair.channel, pair.external_id), contact);
  return std::nullopt;
}

void Directory::not_linked(model::ContactId contact,
                           const std::vector<model::ExternalIdentity>& pairs) {
  for (const auto& pair : pairs) {
    const auto known = by_identity_.find(identity_key(pair.channel, pair.external_id));
    if (known != by_identity_.end() && known->second == contact) by_identity_.erase(known);
  }
}

void Directory::create(const Origin& origin, model::CreateContact command) {
  const auto id = ids_.take();
  command.id = id;
  const auto taken_by = set_aside(id, command.channels);
  contacts_.insert(id);
  give(id, task::Perform{.origin = origin, .command = std::move(command), .taken_by = taken_by});
}

void Directory::receive(const Origin& origin, model::ReceiveInbound command) {
  command.channel = origin.by.channel.value_or(model::ChannelId{});
  if (workspace_->channel(command.channel) == nullptr) {
    refuse(origin, model::not_found("channel",
                                    "There is no channel with the id of this connector's token."));
    return;
  }
  const auto earlier = find_provider(command.channel, model::Direction::in, command.provider_id);
  task::Perform perform{.origin = origin,
                        .command = std::move(command),
                        .routed_by_provider_id = earlier.has_value()};
  if (earlier) {
    give(*earlier, std::move(perform));
  } else {
    route_inbound(std::move(perform));
  }
}

void Directory::bounced(task::Perform perform) {
  perform.routed_by_provider_id = false;
  route_inbound(std::move(perform));
}

void Directory::route_inbound(task::Perform perform) {
  auto& command = std::get<model::ReceiveInbound>(perform.command);
  const auto [place, fresh] = by_identity_.try_emplace(
      identity_key(command.channel, command.external_id), model::ContactId{});
  // R8: the pair leads to one contact from its first mention on, whether or not the first message
  // is on disk yet.
  if (fresh) {
    place->second = ids_.take();
    contacts_.insert(place->second);
  }
  const auto id = place->second;
  command.id = id;
  note_provider(command.channel, model::Direction::in, command.provider_id, id);
  give(id, std::move(perform));
}

std::optional<model::ContactId> Directory::find_provider(const model::ChannelId& channel,
                                                         model::Direction direction,
                                                         const std::string& provider_id) {
  const auto key = provider_key(channel, direction, provider_id);
  for (const auto* generation : {&by_provider_id_.young, &by_provider_id_.old}) {
    if (const auto known = generation->find(key); known != generation->end())
      return primary_of(known->second);
  }
  const auto stored = services_.store.find(persistence::ProviderKey{.workspace = workspace_->id,
                                                                    .channel = channel,
                                                                    .direction = direction,
                                                                    .provider_id = provider_id});
  if (!stored) return std::nullopt;
  return primary_of(stored->contact);
}

void Directory::note_provider(const model::ChannelId& channel, model::Direction direction,
                              const std::string& provider_id, model::ContactId contact) {
  auto& known = by_provider_id_;
  // The older generation goes when the store has everything that was committed while it grew: its
  // last commits lie before the offset that was current when the younger one, begun later, was half
  // full.
  if (known.young.size() >= provider_generation_size &&
      services_.store.applied_offset() >= known.old_until) {
    known.old = std::move(known.young);
    known.young.clear();
    known.old_until = {};
  }
  if (known.young.size() == provider_generation_size / 2)
    known.old_until = services_.log.released();
  known.young.insert_or_assign(provider_key(channel, direction, provider_id), contact);
}

void Directory::report(const Origin& origin, const request::ReportStatus& request) {
  task::Report task{.origin = origin,
                    .seq = request.seq,
                    .channel = origin.by.channel.value_or(model::ChannelId{})};
  task.report.status = request.status;
  task.report.at = request.at;
  task.report.error = request.error;
  if (request.contact) {
    auto id = resolve(origin, *request.contact, "contact");
    if (!id) return;
    map_merged(*request.contact, *id, task.seq);
    give(*id, std::move(task));
    return;
  }
  task.report.provider_id = request.provider_id.value_or("");
  const auto id = find_provider(task.channel, model::Direction::out, task.report.provider_id);
  if (!id) {
    refuse(origin, model::not_found("provider_id",
                                    "No message with this provider_id was sent on this channel."));
    return;
  }
  give(*id, std::move(task));
}

void Directory::report_sent(const Origin& origin, const request::ReportSent& request) {
  const auto id = resolve(origin, request.contact, "contact");
  if (!id) return;
  task::Report task{.origin = origin,
                    .seq = request.seq,
                    .channel = origin.by.channel.value_or(model::ChannelId{})};
  task.report.status = model::Status::sent;
  task.report.provider_id = request.provider_id;
  task.report.from_outbox = true;
  map_merged(request.contact, *id, task.seq);
  note_provider(task.channel, model::Direction::out, request.provider_id, *id);
  give(*id, std::move(task));
}

void Directory::report_failed(const Origin& origin, const request::ReportFailed& request) {
  const auto id = resolve(origin, request.contact, "contact");
  if (!id) return;
  std::optional<model::Seq> seq = request.seq;
  map_merged(request.contact, *id, seq);
  if (request.retry) {
    host_.postpone(origin, {.contact = *id, .seq = *seq},
                   {.contact = request.contact, .seq = request.seq},
                   {.error = request.error, .retry_after = request.retry_after});
    return;
  }
  task::Report task{
      .origin = origin, .seq = seq, .channel = origin.by.channel.value_or(model::ChannelId{})};
  task.report.status = model::Status::failed;
  task.report.error = request.error;
  task.report.from_outbox = true;
  give(*id, std::move(task));
}

void Directory::give_up(const Outbox::GivenUp& message) {
  const auto id = primary_of(message.place.contact);
  task::Report task{.origin = {}, .seq = message.place.seq, .channel = message.channel};
  task.origin.by.channel = message.channel;
  task.report.status = model::Status::failed;
  task.report.error = message.error;
  task.report.from_outbox = true;
  map_merged(message.place.contact, id, task.seq);
  give(id, std::move(task));
}

void Directory::subscribe_customer(const Origin& origin,
                                   const request::SubscribeCustomer& request) {
  const auto known = by_identity_.find(
      identity_key(origin.by.channel.value_or(model::ChannelId{}), request.external_id));
  if (known == by_identity_.end()) {
    refuse(origin, model::not_found("external_id",
                                    "Nobody with this external_id has written on this channel."));
    return;
  }
  const auto contact = known->second;
  attach(origin.client, contact, request.sub);
  give(contact, task::Subscribe{.origin = origin,
                                .sub = request.sub,
                                .limit = request.limit,
                                .resume = std::nullopt,
                                .resumable = false});
}

void Directory::customer_typing(const Origin& origin, const request::InboundTyping& request) {
  const auto known = by_identity_.find(
      identity_key(origin.by.channel.value_or(model::ChannelId{}), request.external_id));
  if (known == by_identity_.end()) {
    refuse(origin, model::not_found("external_id",
                                    "Nobody with this external_id has written on this channel."));
    return;
  }
  attach(origin.client, known->second, std::nullopt);
  give(known->second, task::CustomerTyping{.origin = origin, .on = request.on});
}

void Directory::wake(model::ContactId contact) {
  if (!merged_into_.contains(contact)) give(contact, task::WakeDue{});
}

void Directory::assigned(const model::AgentId& agent,
                         const std::vector<model::ContactId>& contacts) {
  const Origin engine{.client = {},
                      .tag = 0,
                      .by = {.kind = model::PrincipalKind::system,
                             .id = {},
                             .role = model::Role::admin,
                             .channel = {}}};
  for (const auto contact : contacts) {
    // One that was merged meanwhile: the primary may have its assignee (R14).
    give(primary_of(contact),
         task::Perform{.origin = engine, .command = model::UnassignRemoved{agent}});
  }
}

void Directory::attach(const ClientPtr& client, model::ContactId contact,
                       std::optional<SubId> sub) {
  auto& attachment = clients_[client];
  attachment.contacts.insert(contact);
  if (sub) attachment.subs.emplace(*sub, contact);
}

void Directory::close(const ClientPtr& client) {
  const auto known = clients_.find(client);
  if (known == clients_.end()) return;
  for (const auto contact : known->second.contacts) {
    give(primary_of(contact), task::Leave{.client = client, .sub = std::nullopt});
  }
  clients_.erase(known);
}

}  // namespace inboxd::actors
