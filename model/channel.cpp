// The two tables of PRODUCT.md §2, as data: what each kind of channel allows, and what it reports.
#include "model/channel.hpp"

namespace inboxd::model {
namespace {

constexpr Duration none{0};

constexpr StatusSet set_of(auto... statuses) {
  StatusSet set;
  ((set = set.with(statuses)), ...);
  return set;
}

using enum Status;
constexpr auto all_four = set_of(sent, delivered, read, failed);

// clang-format off
constexpr std::array<KindRules, channel_kinds> rules{{
    // kind                    window     tagged   templates  must have  sends per  reports
    //                                                        written    inbound
    {ChannelKind::whatsapp,  hours(24), none,    true,      false,     0,         all_four},
    {ChannelKind::messenger, hours(24), days(7), false,     false,     0,         all_four},
    {ChannelKind::instagram, hours(24), days(7), false,     false,     0,         set_of(sent, read, failed)},
    {ChannelKind::telegram,  none,      none,    false,     true,      0,         set_of(sent, failed)},
    {ChannelKind::line,      none,      none,    false,     true,      0,         set_of(sent, delivered, failed)},
    {ChannelKind::viber,     none,      none,    false,     true,      0,         set_of(delivered, read, failed)},
    {ChannelKind::wechat,    hours(48), none,    false,     false,     5,         set_of(sent, failed)},
    {ChannelKind::sms,       none,      none,    false,     false,     0,         set_of(sent, delivered, failed)},
    {ChannelKind::email,     none,      none,    false,     false,     0,         set_of(sent, failed)},
    {ChannelKind::webchat,   none,      none,    false,     false,     0,         all_four},
    {ChannelKind::custom,    none,      none,    false,     false,     0,         all_four},
}};
// clang-format on

constexpr bool in_order_of_the_enum() {
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].kind != static_cast<ChannelKind>(i)) return false;
  }
  return true;
}
static_assert(in_order_of_the_enum());

}  // namespace

const KindRules& rules_of(ChannelKind kind) {
  return rules.at(static_cast<std::size_t>(kind));
}

KindRules rules_of(const Channel& channel) {
  auto rules = rules_of(channel.kind);
  rules.window = channel.window_length();
  rules.reports = channel.reports();
  return rules;
}

}  // namespace inboxd::model
