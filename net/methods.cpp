#include "net/methods.hpp"

#include <unordered_map>

namespace inboxd::net {
namespace {

std::vector<Method> join() {
  std::vector<Method> all;
  for (auto* table : {session_methods, contact_methods, message_methods, view_methods,
                      workspace_methods, connector_methods, subscription_methods}) {
    for (auto& method : table()) all.push_back(std::move(method));
  }
  return all;
}

const std::vector<Method>& table() {
  static const auto all = join();
  return all;
}

}  // namespace

std::span<const Method> all_methods() {
  return table();
}

const Method* find_method(std::string_view name) {
  static const auto index = [] {
    std::unordered_map<std::string_view, const Method*> by_name;
    for (const auto& method : table()) by_name.emplace(method.name, &method);
    return by_name;
  }();
  const auto found = index.find(name);
  return found == index.end() ? nullptr : found->second;
}

}  // namespace inboxd::net
