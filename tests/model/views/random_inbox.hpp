// A small random contact centre: a workspace and rows that change, from one seeded generator.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "model/filter.hpp"
#include "model/row.hpp"
#include "model/view_scope.hpp"
#include "model/workspace.hpp"

namespace inboxd::model {

class RandomInbox {
 public:
  explicit RandomInbox(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_);
  }
  bool once_in(std::size_t n) { return below(n) == 0; }
  template <class T>
  const T& one_of(const std::vector<T>& items) {
    return items[below(items.size())];
  }

  /// Agents, teams, channels and a custom field of each type; no views.
  Workspace workspace();
  Agent agent(const AgentId& id);
  Viewer viewer();
  ViewDefinition view(const ViewId& id, const Workspace& workspace);
  Filter filter(const Workspace& workspace, std::size_t depth = 3);
  Sort sort() { return static_cast<Sort>(below(5)); }

  Row row(ContactId id, Timestamp now);
  /// Changes a few things of the row, as commands would.
  void change(Row& row, Timestamp now);

  const std::vector<std::string>& agents() const { return agents_; }
  const std::vector<std::string>& teams() const { return teams_; }

 private:
  Filter leaf(const Workspace& workspace);
  FilterValue value(const Filter& leaf, const Workspace& workspace);
  std::string text_for(FilterField field);
  std::vector<std::string> texts_for(FilterField field);
  double number_for(const Filter& leaf, bool time);
  void set_details(Row& row, Timestamp now);

  std::mt19937_64 random_;
  std::vector<std::string> agents_{"ana", "bob", "cho", "dia", "eli"};
  std::vector<std::string> teams_{"sales", "care", "tech"};
  std::vector<std::string> channels_{"wa", "web", "mail"};
  std::vector<std::string> tags_{"vip", "late", "new", "lead"};
};

}  // namespace inboxd::model
