// One visitor made of lambdas: `std::visit(overload{[](const A&) {…}, [](const B&) {…}}, variant)`.
#pragma once

namespace inboxd::model {

template <class... Fs>
struct overload : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overload(Fs...) -> overload<Fs...>;

}  // namespace inboxd::model
