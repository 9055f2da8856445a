// Live things: a snapshot and the stream after it, as one step.
#include "net/kinds.hpp"
#include "net/methods.hpp"

namespace inboxd::net {
namespace {

using namespace kinds;
using actors::Request;
using model::Result;
namespace request = actors::request;

constexpr std::size_t cursor_bytes_max = 1024;
using Cursor = Text<cursor_bytes_max, 1>;

struct ViewParams {
  model::ViewId view;
  std::optional<model::Sort> sort;
  std::optional<std::string> after;
  std::size_t limit = limits::page_rows_default;
  std::optional<actors::StreamPosition> resume;
};

Method view() {
  using P = ViewParams;
  return Define<P>("view.subscribe", access::people,
                   "A live list: the first `limit` rows after `after`, kept exact by deltas.")
      .required<&P::view, ViewRef>("view",
                                   "`all`, `mine`, `unassigned`, `team:<id>`, `snoozed`, "
                                   "`done`, `blocked` or a custom view.")
      .optional<&P::sort, SortName>("sort", "Absent: the view's own.")
      .optional<&P::after, Cursor>(
          "after",
          "A cursor of this list (S33), whose order it is of: when the view is given another "
          "sort, the window goes to the top. Absent: from the top.")
      .optional<&P::limit, Limit>("limit", "Rows in the window; 50 if absent.")
      .optional<&P::resume, StreamPositionObject>("resume", "Where the client was (S35).")
      .effect(Effect::subscribe)
      .notifies({"view.progress", "view.delta", "view.reset", "subscription.ended"})
      .result(INBOXD_SCHEMA("ViewSubscribed"),
              "The window at `offset`, or the ops that lead to it.")
      .make([](P&& p, In& in) -> Result<Call> {
        return Request(request::SubscribeView{in.new_sub(), p.view, p.sort, std::move(p.after),
                                              p.limit, std::move(p.resume)});
      });
}

struct WindowParams {
  actors::SubId sub;
  std::optional<std::string> after;
  std::optional<std::size_t> limit;
};

Method window() {
  using P = WindowParams;
  return Define<P>("view.window", access::people, "Moves or grows the window of a live list.")
      .required<&P::sub, SubRef>("sub", "Which.")
      .optional<&P::after, Cursor>("after", "A cursor (S33); absent: from the top.")
      .optional<&P::limit, Limit>("limit", "Rows in the window; 50 if absent.")
      .effect(Effect::on_sub)
      .result(INBOXD_SCHEMA("Window"),
              "Replaces the list; later deltas apply to it. `deltas`: how many `view.delta` "
              "went out since the subscription was last given a whole list, so that a client can "
              "tell that it had every one.")
      .make([](P&& p, In&) -> Result<Call> {
        return Request(request::MoveWindow{p.sub, std::move(p.after), p.limit});
      });
}

struct CountersParams {
  std::optional<std::vector<model::ViewId>> views;
};

Method counters() {
  using P = CountersParams;
  constexpr std::size_t views_max = 1000;  // in one subscription
  return Define<P>("counters.subscribe", access::people, "Live badges (S34).")
      .optional<&P::views, List<ViewRef, views_max>>("views", "Absent: all that `view.list` gives.")
      .effect(Effect::subscribe)
      .notifies({"counters.delta", "counters.reset", "view.progress", "subscription.ended"})
      .result(INBOXD_SCHEMA("CountersSubscribed"), "The counters at `offset`.")
      .make([](P&& p, In& in) -> Result<Call> {
        return Request(request::SubscribeCounters{in.new_sub(), std::move(p.views)});
      });
}

struct ContactParams {
  model::ContactId contact;
  std::size_t limit = limits::page_rows_default;
  std::optional<actors::StreamPosition> resume;
};

Method contact() {
  using P = ContactParams;
  return Define<P>("contact.subscribe", access::people, "A contact and its timeline, live.")
      .required<&P::contact, ContactRef>("contact", "Which.")
      .optional<&P::limit, Limit>("limit", "Entries to begin with; 50 if absent.")
      .optional<&P::resume, StreamPositionObject>("resume", "Where the client was (S35).")
      .effect(Effect::subscribe)
      .notifies({"contact.delta", "contact.presence", "subscription.ended"})
      .result(INBOXD_SCHEMA("ContactSubscribed"), "The contact and its last entries.")
      .make([](P&& p, In& in) -> Result<Call> {
        return Request(
            request::SubscribeContact{in.new_sub(), p.contact, p.limit, std::move(p.resume)});
      });
}

struct NoParams {};

template <class R>
Method plain(std::string_view name, std::string_view doc, std::vector<std::string_view> notifies,
             std::string_view schema) {
  return Define<NoParams>(name, access::people, doc)
      .effect(Effect::subscribe)
      .notifies(std::move(notifies))
      .result(schema, "")
      .make([](NoParams&&, In& in) -> Result<Call> { return Request(R{in.new_sub()}); });
}

struct UnsubscribeParams {
  actors::SubId sub;
};

Method unsubscribe() {
  using P = UnsubscribeParams;
  return Define<P>("unsubscribe", access::everybody,
                   "Ends a subscription: nothing with that `sub` follows the answer (S31).")
      .required<&P::sub, SubRef>("sub", "Which.")
      .effect(Effect::on_sub)
      .result(INBOXD_SCHEMA("Empty"), "")
      .make([](P&& p, In&) -> Result<Call> { return Request(request::Unsubscribe{p.sub}); });
}

}  // namespace

std::vector<Method> subscription_methods() {
  std::vector<Method> m;
  m.push_back(view());
  m.push_back(window());
  m.push_back(counters());
  m.push_back(plain<request::SubscribeWorkload>(
      "workload.subscribe",
      "How the contacts that the caller sees are spread over agents, teams and channels, and who "
      "waits longest, live.",
      {"workload.delta", "workload.reset", "subscription.ended"},
      INBOXD_SCHEMA("WorkloadSubscribed")));
  m.push_back(contact());
  m.push_back(plain<request::SubscribeNotifications>(
      "notifications.subscribe", "What concerns the agent itself (S41).",
      {"notification", "subscription.ended"}, INBOXD_SCHEMA("Subscribed")));
  m.push_back(plain<request::SubscribeAgents>(
      "agents.subscribe",
      "Who is there: transitions only (S41). `directory.delta` has the records of agents, teams, "
      "channels and fields that were made or changed since, as their lists give them, and the ids "
      "of agents that were removed.",
      {"agents.delta", "directory.delta", "subscription.ended"},
      INBOXD_SCHEMA("AgentsSubscribed")));
  m.push_back(unsubscribe());
  return m;
}

}  // namespace inboxd::net
