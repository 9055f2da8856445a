#include "bench/inbox_bench/views_inbox.hpp"

#include <string>
#include <utility>

namespace inboxd::bench {
namespace {

using namespace inboxd::model;

constexpr std::size_t tags = 1000, agents = 500, plans = 200;  // that contacts have

std::string numbered(const char* name, std::size_t i) {
  return name + std::to_string(i);
}

Row contact(std::size_t i) {
  const bool vip = i % ViewsInbox::vip_every == 0;
  Row row;
  row.id = {i + 1};
  row.version = {1};
  row.name = numbered("Customer ", i);
  row.sort_at = Timestamp{static_cast<std::int64_t>(i * 7919 % 1'000'000'007)};
  row.unread = i % 5 == 0 ? 1 : 0;
  row.status = vip || i % 10 < 4 ? ContactStatus::open : ContactStatus::done;
  if (!vip && row.status == ContactStatus::open && i % 2 == 0) {
    row.assignment.assignee = AgentId(numbered("agent", i % agents));
  }
  row.channel = ChannelId("whatsapp-main");
  row.channel_kind = ChannelKind::whatsapp;
  row.last_inbound_at = row.sort_at;
  row.last_message = LastMessage{.seq = {1},
                                 .at = row.sort_at,
                                 .direction = Direction::in,
                                 .type = MessageType::text,
                                 .preview = "Good morning, where is my order " + numbered("#", i)};
  row.tags = {Tag(vip ? "vip" : numbered("tag", i % tags))};
  Details details;
  details.first_name = "Customer";
  details.last_name = std::to_string(i);
  details.phone = "+34" + std::to_string(600'000'000 + i);
  details.language = i % 2 == 0 ? "es" : "en";
  details.country = "ES";
  if (!vip) details.fields[FieldId("plan")] = numbered("plan", i % plans);
  details.fields[FieldId("score")] = static_cast<double>(i % 100);
  row.details = std::make_shared<const Details>(std::move(details));
  return row;
}

Filter leaf(FilterField field, Operator op, FilterValue value) {
  Filter filter;
  filter.kind = Filter::Kind::leaf;
  filter.field = field;
  filter.op = op;
  filter.value = std::move(value);
  return filter;
}

Filter custom(const char* field, Operator op, FilterValue value) {
  auto filter = leaf(FilterField::custom, op, std::move(value));
  filter.custom = FieldId(field);
  return filter;
}

Filter open_and(Filter other) {
  Filter both;
  both.children = {leaf(FilterField::status, Operator::eq, std::string("open")), std::move(other)};
  return both;
}

ViewDefinition shared(std::string id, Filter filter) {
  ViewDefinition view;
  view.id = ViewId(id);
  view.name = std::move(id);
  view.filter = std::move(filter);
  view.visibility = Sharing::workspace;
  view.owner.id = "admin";
  return view;
}

Filter idle_filter(std::size_t i) {
  if (i % 100 == 49) {
    return open_and(leaf(FilterField::name, Operator::contains, numbered("nobody", i)));
  }
  if (i % 100 == 99) return custom("score", Operator::gt, static_cast<double>(100 + i));
  switch (i % 3) {
    case 0:
      return open_and(
          leaf(FilterField::tags, Operator::has_any, std::vector<std::string>{numbered("tag", i)}));
    case 1: return open_and(leaf(FilterField::assignee, Operator::eq, numbered("agent", i)));
    default: return custom("plan", Operator::eq, numbered("plan", i));
  }
}

}  // namespace

ViewsInbox::ViewsInbox(std::size_t contacts, std::uint64_t seed) : random_(seed) {
  rows_.reserve(contacts);
  for (std::size_t i = 0; i < contacts; ++i) {
    rows_.push_back(std::make_shared<const Row>(contact(i)));
  }
}

std::vector<ViewsInbox::Change> ViewsInbox::changes(std::size_t count) {
  std::vector<Change> changes;
  changes.reserve(count);
  const auto vips = (rows_.size() + vip_every - 1) / vip_every;
  for (std::size_t n = 0; n < count; ++n) {
    auto& slot = rows_[random_() % vips * vip_every];
    auto row = *slot;
    now_ = now_ + Duration{1};
    ++row.unread;
    row.sort_at = now_;
    row.last_inbound_at = now_;
    ++row.last_message->seq;
    row.last_message->at = now_;
    auto before = std::exchange(slot, std::make_shared<const Row>(std::move(row)));
    changes.push_back({now_, std::move(before), {slot->id, slot}});
  }
  return changes;
}

Workspace views_workspace() {
  Workspace workspace;
  workspace.fields[FieldId("plan")] = {FieldId("plan"), "Plan", FieldType::text, {}};
  workspace.fields[FieldId("score")] = {FieldId("score"), "Score", FieldType::number, {}};
  return workspace;
}

ViewDefinition idle_view(std::size_t i) {
  return shared(numbered("idle", i), idle_filter(i));
}

ViewDefinition matching_view(std::size_t i) {
  return shared(numbered("match", i),
                open_and(leaf(FilterField::tags, Operator::has_any,
                              std::vector<std::string>{"vip", numbered("also", i)})));
}

}  // namespace inboxd::bench
