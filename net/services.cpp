#include "net/services.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include <openssl/rand.h>

#include "net/method.hpp"
#include "net/openrpc.hpp"

namespace inboxd::net {
namespace {

std::string random_id() {
  std::array<unsigned char, 12> bytes{};
  RAND_bytes(bytes.data(), bytes.size());
  constexpr std::string_view hex = "0123456789abcdef";
  std::string id;
  for (const auto byte : bytes) {
    id += hex[byte >> 4];
    id += hex[byte & 0xFU];
  }
  return id;
}

}  // namespace

Services::Services(Options o, TokenKeys k)
    : options(std::move(o)),
      keys(std::move(k)),
      metrics(all_methods().size()),
      openrpc(openrpc_document()) {
  using namespace std::chrono;
  clock = [] {
    return model::Timestamp{
        duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count()};
  };
  steady_us = [] {
    return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
  };
  session_id = random_id;
}

std::size_t Services::in_flight_bound() const {
  const bool over = metrics.in_flight >= options.in_flight_total_max;
  return over ? std::min(options.in_flight_floor, options.in_flight_max) : options.in_flight_max;
}

std::size_t Services::queue_bytes_bound() const {
  const bool over = queued_bytes >= options.queue_bytes_total_max;
  return over ? std::min(options.queue_bytes_floor, options.queue_bytes_max)
              : options.queue_bytes_max;
}

std::shared_ptr<Rate> Services::rate_of(const model::WorkspaceId& workspace,
                                        const model::Principal& principal) {
  auto key = workspace.str();
  key.append("/").append(name_of(principal.kind)).append("/").append(principal.id);
  auto& rate = rates_[std::move(key)];
  if (!rate) rate = std::make_shared<Rate>(options.principal_commands_per_s);
  return rate;
}

void Services::linger(actors::ClientPtr client) {
  lingering_.emplace_back(clock(), std::move(client));
}

void Services::tidy() {
  const auto now = clock();
  std::erase_if(rates_, [&](const auto& item) {
    return item.second.use_count() == 1 && item.second->full(now);
  });
  while (!lingering_.empty() && lingering_.front().first + options.passing_presence <= now) {
    engine->close(lingering_.front().second);
    lingering_.pop_front();
  }
}

}  // namespace inboxd::net
