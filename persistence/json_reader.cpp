#include "persistence/json_reader.hpp"

#include <algorithm>
#include <vector>

namespace inboxd::persistence {

JsonValue parse_json(std::string_view json) {
  thread_local simdjson::dom::parser parser;
  thread_local std::vector<char> padded;  // simdjson reads past the end
  if (padded.size() < json.size() + simdjson::SIMDJSON_PADDING) {
    padded.resize(json.size() * 2 + simdjson::SIMDJSON_PADDING);
  }
  std::copy(json.begin(), json.end(), padded.begin());
  simdjson::dom::element root;
  const auto error = parser.parse(padded.data(), json.size(), false).get(root);
  if (error != simdjson::SUCCESS) {
    throw FormatError(std::string("not JSON: ") + simdjson::error_message(error));
  }
  return JsonValue(root);
}

}  // namespace inboxd::persistence
