// View definitions (S36).
#include "net/kinds.hpp"
#include "net/methods.hpp"

namespace inboxd::net {
namespace {

using namespace kinds;
using actors::Request;
using model::Result;
namespace request = actors::request;

struct NoParams {};

Method list() {
  return Define<NoParams>("view.list", access::people, "The views that the caller may subscribe.")
      .result(INBOXD_SCHEMA("ViewList"), "System views first.")
      .make([](NoParams&&, In&) -> Result<Call> { return Request(request::ListViews{}); });
}

struct CreateParams {
  std::string view;
  std::string name;
  model::Filter filter;
  model::Sort sort = model::Sort::newest;
  model::Sharing visibility = model::Sharing::private_;
};

Result<Call> make_create(CreateParams&& p, In& in) {
  model::PutView put;
  put.create = true;
  put.view.name = std::move(p.name);
  put.view.filter = std::move(p.filter);
  put.view.sort = p.sort;
  put.view.visibility = p.visibility;
  put.view.owner = in.by();
  return Request(request::OnWorkspace{std::move(put), std::move(p.view)});
}

Method create() {
  using P = CreateParams;
  return Define<P>("view.create", access::people, "Makes a custom view (S36).")
      .optional<&P::view, ChosenView>("view", "Its id; absent: the engine picks one.")
      .required<&P::name, Name>("name", "Its name for people.")
      .required<&P::filter, FilterTree>("filter", "What it holds (S29).")
      .optional<&P::sort, SortName>("sort", "Its order; `newest` if absent.")
      .required<&P::visibility, SharingName>("visibility", "Who may see it.")
      .result(INBOXD_SCHEMA("ViewChanged"), "Its id.")
      .make(make_create);
}

struct UpdateParams {
  model::ViewId view;
  std::optional<std::string> name;
  std::optional<model::Filter> filter;
  std::optional<model::Sort> sort;
  std::optional<model::Sharing> visibility;
};

Method update() {
  using P = UpdateParams;
  return Define<P>("view.update", access::people, "Changes a custom view; absent stays as it is.")
      .required<&P::view, ViewRef>("view", "Which.")
      .optional<&P::name, Name>("name", "Its name for people.")
      .optional<&P::filter, FilterTree>("filter", "What it holds (S29).")
      .optional<&P::sort, SortName>("sort", "Its order.")
      .optional<&P::visibility, SharingName>("visibility", "Who may see it.")
      .result(INBOXD_SCHEMA("ViewChanged"), "Its id.")
      .make([](P&& p, In&) -> Result<Call> {
        return Request(request::UpdateView{p.view, std::move(p.name), std::move(p.filter), p.sort,
                                           p.visibility});
      });
}

struct DeleteParams {
  model::ViewId view;
};

Method remove() {
  using P = DeleteParams;
  return Define<P>("view.delete", access::people, "Deletes a custom view; its subscriptions end.")
      .required<&P::view, ViewRef>("view", "Which.")
      .result(INBOXD_SCHEMA("At"), "When.")
      .make([](P&& p, In&) -> Result<Call> {
        return Request(request::OnWorkspace{model::DeleteView{p.view}});
      });
}

}  // namespace

std::vector<Method> view_methods() {
  std::vector<Method> m;
  m.push_back(list());
  m.push_back(create());
  m.push_back(update());
  m.push_back(remove());
  return m;
}

}  // namespace inboxd::net
