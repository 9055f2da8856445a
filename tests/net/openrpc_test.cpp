#include "net/openrpc.hpp"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "net/method.hpp"
#include "tests/support/catch.hpp"

using namespace inboxd::net;
using nlohmann::json;

namespace {

/// Every `$ref` of a document.
void collect(const json& node, std::set<std::string>& refs) {
  if (node.is_object() && node.contains("$ref")) refs.insert(node.at("$ref"));
  if (!node.is_structured()) return;
  for (const auto& child : node) collect(child, refs);
}

}  // namespace

TEST_CASE("the document describes just the methods that are served, each once") {
  const auto document = json::parse(openrpc_document());
  std::set<std::string> described;
  for (const auto& method : document.at("methods")) {
    CHECK(described.insert(method.at("name")).second);
    CHECK(find_method(method.at("name").get<std::string>()) != nullptr);
  }
  CHECK(described.size() == all_methods().size());
}

TEST_CASE("every reference of the document leads somewhere, and every schema is used") {
  const auto document = json::parse(openrpc_document());
  std::set<std::string> refs;
  collect(document, refs);
  for (const auto& ref : refs) {
    INFO(ref);
    REQUIRE(ref.starts_with("#/"));
    CHECK(document.contains(json::json_pointer(ref.substr(1))));
  }
  for (const auto& [name, schema] : document.at("components").at("schemas").items()) {
    INFO(name);
    CHECK((name == "Error" || refs.contains("#/components/schemas/" + name)));
  }
}

TEST_CASE("required params come before optional ones, as the meta-schema wants") {
  const auto document = json::parse(openrpc_document());
  for (const auto& method : document.at("methods")) {
    bool optional = false;
    for (const auto& param : method.at("params")) {
      INFO(method.at("name") << " " << param.at("name"));
      CHECK_FALSE((optional && param.at("required").get<bool>()));
      optional = optional || !param.at("required").get<bool>();
    }
  }
}

TEST_CASE("docs/REFERENCE.md is what the tables say") {
  const auto path = std::string(INBOXD_DOCS_DIR) + "/REFERENCE.md";
  if (std::getenv("INBOXD_WRITE_REFERENCE") != nullptr) std::ofstream(path) << reference_page();
  std::ifstream file(path);
  const std::string kept{std::istreambuf_iterator<char>(file), {}};
  CHECK((kept == reference_page()));
}
