// The one visitor: `std::visit(overload{[](A) {…}, [](B) {…}}, variant)`.
#pragma once

namespace inboxd::model {

template <class... Functions>
struct overload : Functions... {
  using Functions::operator()...;
};
template <class... Functions>
overload(Functions...) -> overload<Functions...>;

}  // namespace inboxd::model
