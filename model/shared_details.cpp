#include "model/shared_details.hpp"

#include <utility>

namespace inboxd::model {

std::shared_ptr<const Details> no_details() {
  static const auto& none = *new Details;  // outlives whatever static object still has it
  return {std::shared_ptr<const void>(), &none};
}

std::shared_ptr<const Details> share(Details details) {
  const auto none = no_details();
  return details == *none ? none : std::make_shared<const Details>(std::move(details));
}

}  // namespace inboxd::model
