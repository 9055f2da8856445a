// Requests about views on one side, a model/view_engine.hpp on the other: which client's
// subscription is which token, and how answers and deliveries become frames. Serves a view
// aggregator and an agent's own `mine` alike.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "actors/commit.hpp"
#include "actors/contact_task.hpp"
#include "actors/engine_stats.hpp"
#include "actors/outlet.hpp"
#include "actors/request.hpp"
#include "model/view_engine.hpp"

namespace inboxd::actors {

/// One thread at a time.
class ViewDesk {
 public:
  ViewDesk(model::ViewOptions options, WorkspacePtr workspace, std::string epoch, Outlet& outlet,
           std::shared_ptr<EngineStats> stats = std::make_shared<EngineStats>())
      : engine_(options, std::move(workspace)),
        epoch_(std::move(epoch)),
        outlet_(outlet),
        stats_(std::move(stats)) {}

  void load(model::Offset offset, model::Timestamp at, std::span<const model::RowPtr> rows) {
    engine_.load(offset, at, rows);
  }
  /// A released commit of this workspace; `only`: rows of other agents' contacts are left out
  /// before.
  void follow(const Commit& commit);
  /// Nothing that concerns these views happened up to here.
  void reach(model::Offset offset);

  /// SubscribeView, MoveWindow, SubscribeCounters, SubscribeWorkload, ListViews. True if the
  /// request was one of them and about a subscription of this desk.
  bool serve(const Submission& submission);
  void leave(const ClientPtr& client, std::optional<SubId> sub);
  void reset(const ClientPtr& client, SubId sub);

  /// Builds, and delivers what is due. Returns when to come back: nothing: after the next call of
  /// another member.
  std::optional<model::Timestamp> work(model::Timestamp now);
  std::optional<model::Timestamp> next_flip() const { return engine_.next_flip(); }
  model::Offset offset() const { return engine_.offset(); }
  model::ViewStats stats() const { return engine_.stats(); }

 private:
  /// What an answer is made of, beside what the view engine gives.
  struct Asked {
    ClientPtr client;
    RequestTag tag = 0;
    std::optional<SubId> sub;  // of a new subscription
  };
  struct Sub {
    ClientPtr client;
    SubId id;
    std::string_view reset_method;
    std::uint64_t deltas = 0;  // of a view, since it was last given the whole list
  };

  void subscribe(const Submission& submission, const request::SubscribeView& request);
  void subscribe(const Submission& submission, const request::SubscribeCounters& request);
  void subscribe(const Submission& submission, const request::SubscribeWorkload& request);
  bool move(const Submission& submission, const request::MoveWindow& request);
  void list(const Submission& submission);
  /// Answers now, or remembers to when the list is built.
  void settle(model::ViewToken token, const Asked& asked,
              const model::Result<model::ViewAnswer>& answer);
  std::string body_of(model::ViewToken token, const Asked& asked, const std::string& members);
  void send(const model::Delivery& delivery, std::vector<Outgoing>& out);
  bool refuse_waiting(model::ViewToken token, std::vector<Outgoing>& out);
  void forget(model::ViewToken token);
  model::ViewToken take(const ClientPtr& client, SubId sub, std::string_view reset_method);

  model::ViewEngine engine_;
  const std::string epoch_;
  Outlet& outlet_;
  const std::shared_ptr<EngineStats> stats_;
  std::uint64_t changes_ = 0;  // not in `stats_` yet
  std::uint64_t last_token_ = 0;
  std::unordered_map<std::uint64_t, Sub> subs_;  // by token
  std::map<std::pair<const Client*, SubId>, model::ViewToken> tokens_;
  std::unordered_map<std::uint64_t, std::vector<Asked>> waiting_;  // by token, in the order asked
};

}  // namespace inboxd::actors
