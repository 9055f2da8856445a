#include "model/details_table.hpp"

namespace inboxd::model {

void fill_empty(Details& details, const Details& source) {
  for (const auto& detail : text_details) {
    auto& value = details.*detail.value;
    if (value.empty()) value = source.*detail.value;
  }
  details.fields.insert(source.fields.begin(), source.fields.end());
}

}  // namespace inboxd::model
