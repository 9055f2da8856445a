// The workspace's records, and what is said but not kept: presence, typing, viewing.
#include <algorithm>

#include "net/kinds.hpp"
#include "net/methods.hpp"

namespace inboxd::net {
namespace {

using namespace kinds;
using actors::Request;
using model::Result;
namespace request = actors::request;

struct NoParams {};

template <class R>
Method plain(std::string_view name, std::string_view doc, std::string_view schema) {
  return Define<NoParams>(name, access::people, doc)
      .result(schema, "")
      .make([](NoParams&&, In&) -> Result<Call> { return Request(R{}); });
}

Method put_agent() {
  using P = model::Agent;
  return Define<P>("agent.put", access::admins, "Makes or replaces an agent's record (S15, S24).")
      .required<&P::id, Chosen<model::AgentId>>("id", "The `sub` of its tokens.")
      .required<&P::name, Name>("name", "Its name for people.")
      .optional<&P::email, Detail>("email", "Its address.")
      .required<&P::role, RoleName>("role", "What it is; a session's role is its token's.")
      .optional<&P::visibility, VisibilityName>("visibility",
                                                "What it sees; `all` if absent (S25).")
      .optional<&P::teams, List<Ref<model::TeamId>, limits::tags_max>>("teams", "Its teams.")
      .result(INBOXD_SCHEMA("AgentChanged"), "The record.")
      .make([](P&& p, In&) -> Result<Call> {
        std::sort(p.teams.begin(), p.teams.end());
        p.teams.erase(std::unique(p.teams.begin(), p.teams.end()), p.teams.end());
        return Request(request::OnWorkspace{model::PutAgent{std::move(p)}});
      });
}

Method remove_agent() {
  using P = model::RemoveAgent;
  return Define<P>("agent.remove", access::admins,
                   "Removes an agent: its contacts are unassigned, its sessions closed (S24).")
      .required<&P::id, Ref<model::AgentId>>("id", "Which.")
      .result(INBOXD_SCHEMA("At"), "When.")
      .make([](P&& p, In&) -> Result<Call> { return Request(request::OnWorkspace{p}); });
}

Method put_team() {
  using P = model::Team;
  return Define<P>("team.put", access::admins, "Makes or replaces a team.")
      .required<&P::id, Chosen<model::TeamId>>("id", "Its id.")
      .required<&P::name, Name>("name", "Its name for people.")
      .result(INBOXD_SCHEMA("TeamChanged"), "The record.")
      .make([](P&& p, In&) -> Result<Call> {
        return Request(request::OnWorkspace{model::PutTeam{std::move(p)}});
      });
}

/// The statuses that a platform can report.
struct ReportedStatuses {
  using type = model::StatusSet;
  static std::vector<std::string_view> names() { return {"sent", "delivered", "read", "failed"}; }
  static bool read(In& in, Value& value, model::StatusSet& out) {
    return read_list(in, value, names().size(), [&](In& at, Value& item) {
      std::string_view name;
      if (!read_enum_name(at, item, name)) return false;
      const auto status = model::status_of(name);
      if (!status || *status == model::Status::pending) return no_such_name(at, names());
      out = out.with(*status);
      return true;
    });
  }
  static std::string schema() { return list_schema(enum_schema(names()), names().size()); }
};

/// How many messages: 1 to `max`.
template <std::uint32_t max>
struct Count {
  using type = std::uint32_t;
  static bool read(In& in, Value& value, std::uint32_t& out) {
    std::int64_t number = 0;
    if (!read_integer(in, value, number, 1, max)) return false;
    out = static_cast<std::uint32_t>(number);
    return true;
  }
  static std::string schema() { return integer_schema(1, max); }
};
using MessageCount = Count<limits::throughput_count_max>;

const std::vector<Param>& throughput_members() {
  using T = model::Throughput;
  static const std::vector<Param> members{
      param<&T::count, MessageCount>("count", true, "So many messages …"),
      param<&T::per, Length>("per_ms", true, "… in so long, evenly."),
      param<&T::burst, MessageCount>("burst", false, "So many at once after a silence; 1."),
  };
  return members;
}
using ThroughputObject = Object<model::Throughput, throughput_members>;

const std::vector<Param>& retry_members() {
  using R = model::Redelivery;
  static const std::vector<Param> members{
      param<&R::attempts, Count<limits::attempts_max>>("attempts", false,
                                                       "Then it is `failed`; 8."),
      param<&R::delay, Length>("delay_ms", false, "Before the second, doubled each time; 2,000."),
      param<&R::delay_max, Length>("delay_max_ms", false, "At most; 600,000."),
      param<&R::ack_timeout, Length>("ack_timeout_ms", false,
                                     "For a connector to report on a delivery; 120,000."),
  };
  return members;
}
using RetryObject = Object<model::Redelivery, retry_members>;
using Origins = List<Text<limits::name_bytes_max, 1>, limits::origins_max>;

Method put_channel() {
  using P = model::Channel;
  return Define<P>("channel.put", access::admins, "Makes or replaces a channel; its kind stays.")
      .required<&P::id, Chosen<model::ChannelId>>("id", "Its id.")
      .required<&P::kind, ChannelKindName>("kind", "The platform.")
      .required<&P::name, Name>("name", "Its name for people.")
      .optional<&P::window, Length>("window_ms", "Overrides the platform's window; 0: none (S28).")
      .optional<&P::statuses, ReportedStatuses>("statuses", "Overrides what the platform reports.")
      .optional<&P::rate, ThroughputObject>("rate", "What may go out on the channel.")
      .optional<&P::customer_rate, ThroughputObject>("customer_rate",
                                                     "What may go out to each customer.")
      .optional<&P::retry, RetryObject>("retry", "How failed deliveries are tried again.")
      .optional<&P::paused, Flag>("paused", "Nothing is given to connectors.")
      .optional<&P::origins, Origins>("origins",
                                      "Present: inboxd itself serves this webchat, to pages of "
                                      "these origins and its own.")
      .result(INBOXD_SCHEMA("ChannelChanged"), "The record.")
      .make([](P&& p, In&) -> Result<Call> {
        return Request(request::OnWorkspace{model::PutChannel{std::move(p)}});
      });
}

template <bool paused>
Method pause_channel(std::string_view name, std::string_view doc) {
  using P = request::PauseChannel;
  return Define<P>(name, access::admins, doc)
      .template required<&P::channel, Ref<model::ChannelId>>("channel", "Which.")
      .result(INBOXD_SCHEMA("ChannelChanged"), "The record.")
      .make([](P&& p, In&) -> Result<Call> {
        p.paused = paused;
        return Request(p);
      });
}

Method put_field() {
  using P = model::CustomField;
  return Define<P>("field.put", access::admins, "Makes or replaces a custom field.")
      .required<&P::id, Chosen<model::FieldId>>("id", "Its id.")
      .required<&P::name, Name>("name", "Its name for people.")
      .required<&P::type, FieldTypeName>("type", "What it holds.")
      .optional<&P::options, List<Name, limits::field_options_max>>(
          "options", "The values allowed, if not any.")
      .result(INBOXD_SCHEMA("FieldChanged"), "The record.")
      .make([](P&& p, In&) -> Result<Call> {
        return Request(request::OnWorkspace{model::PutField{std::move(p)}});
      });
}

Method set_policy() {
  using P = model::SetPolicy;
  return Define<P>("policy.set", access::admins, "Changes the policy: only the keys given (S20).")
      .optional<&P::unassign_on_done, Flag>("unassign_on_done", "R3 clears the assignee.")
      .optional<&P::assign_on_reply, Flag>("assign_on_reply", "R2 and R7 assign.")
      .optional<&P::reopen_on_inbound, Flag>("reopen_on_inbound", "R1 reopens.")
      .optional<&P::wake_on_inbound, Flag>("wake_on_inbound", "R6 wakes.")
      .result(INBOXD_SCHEMA("PolicyChanged"), "The whole policy.")
      .make([](P&& p, In&) -> Result<Call> { return Request(request::OnWorkspace{p}); });
}

struct PresenceName {
  using type = request::Presence;
  static bool read(In& in, Value& value, request::Presence& out) {
    const std::vector<std::string_view> names{"online", "busy", "offline"};
    std::string_view name;
    if (!read_enum_name(in, value, name)) return false;
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return no_such_name(in, names);
    out = static_cast<request::Presence>(found - names.begin());
    return true;
  }
  static std::string schema() { return enum_schema({"online", "busy", "offline"}); }
};

Method set_presence() {
  using P = request::SetPresence;
  return Define<P>("presence.set", access::people, "Says whether the agent is there (S41).")
      .required<&P::status, PresenceName>("status", "What the others see.")
      .result(INBOXD_SCHEMA("Empty"), "")
      .make([](P&& p, In&) -> Result<Call> { return Request(p); });
}

template <class P>
Method set_on(std::string_view name, std::string_view doc) {
  return Define<P>(name, access::people, doc)
      .template required<&P::contact, ContactRef>("contact", "The contact.")
      .template required<&P::on, Flag>("on", "Begins or ends.")
      .result(INBOXD_SCHEMA("Empty"), "")
      .make([](P&& p, In&) -> Result<Call> { return Request(p); });
}

}  // namespace

std::vector<Method> workspace_methods() {
  std::vector<Method> m;
  m.push_back(plain<request::ListAgents>("agent.list", "The agents that the caller may see.",
                                         INBOXD_SCHEMA("AgentList")));
  m.push_back(plain<request::ListTeams>("team.list", "The teams.", INBOXD_SCHEMA("TeamList")));
  m.push_back(
      plain<request::ListChannels>("channel.list", "The channels.", INBOXD_SCHEMA("ChannelList")));
  m.push_back(
      plain<request::ListFields>("field.list", "The custom fields.", INBOXD_SCHEMA("FieldList")));
  m.push_back(set_presence());
  m.push_back(set_on<request::SetTyping>("typing.set",
                                         "Tells the contact's subscribers that the "
                                         "caller is typing."));
  m.push_back(set_on<request::SetViewing>(
      "viewing.set", "Tells the contact's subscribers that the caller looks at it."));
  m.push_back(put_agent());
  m.push_back(remove_agent());
  m.push_back(put_team());
  m.push_back(put_channel());
  m.push_back(pause_channel<true>(
      "channel.pause", "Nothing is given to the channel's connectors until it is resumed."));
  m.push_back(pause_channel<false>("channel.resume", "What waits goes out again, in order."));
  m.push_back(put_field());
  m.push_back(plain<request::GetPolicy>("policy.get", "The workspace's policy.",
                                        INBOXD_SCHEMA("PolicyAt")));
  m.push_back(set_policy());
  return m;
}

}  // namespace inboxd::net
