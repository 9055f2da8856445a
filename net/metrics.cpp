#include "net/metrics.hpp"

#include <algorithm>

#include "model/json.hpp"
#include "net/method.hpp"

namespace inboxd::net {
namespace {

void line(std::string& out, std::string_view name, std::string_view type, std::string_view help,
          std::uint64_t value) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
  out.append(name).append(" ").append(std::to_string(value)).append("\n");
}

}  // namespace

void Metrics::answered(std::size_t method, std::int64_t took_us) {
  ++methods_[method].ok;
  const auto bucket = std::lower_bound(bounds.begin(), bounds.end(), took_us) - bounds.begin();
  ++latency_[static_cast<std::size_t>(bucket)];
  latency_sum_us_ += static_cast<std::uint64_t>(std::max<std::int64_t>(took_us, 0));
}

void Metrics::refused(std::size_t method, model::Reason reason) {
  ++methods_[method].errors.at(static_cast<std::size_t>(reason));
}

void Metrics::write(std::string& out) const {
  line(out, "inboxd_connections", "gauge", "Open connections.", connections);
  line(out, "inboxd_sessions", "gauge", "Open sessions.", sessions);
  line(out, "inboxd_in_flight", "gauge", "Requests not answered yet.", in_flight);
  line(out, "inboxd_queued_bytes", "gauge", "Bytes that clients have not taken.", queued_bytes);
  line(out, "inboxd_connections_total", "counter", "Connections accepted.", accepted);
  line(out, "inboxd_turned_away_total", "counter", "Connections over the limit.", turned_away);
  line(out, "inboxd_http_requests_total", "counter", "HTTP requests.", http_requests);
  line(out, "inboxd_frames_in_total", "counter", "Frames received.", frames_in);
  line(out, "inboxd_frames_out_total", "counter", "Frames sent.", frames_out);
  line(out, "inboxd_bytes_in_total", "counter", "Bytes received in frames.", bytes_in);
  line(out, "inboxd_bytes_out_total", "counter", "Bytes given to sockets.", bytes_out);
  line(out, "inboxd_flushes_total", "counter", "Writes to sockets.", flushes);
  line(out, "inboxd_pushes_total", "counter", "Notifications sent.", pushes);
  line(out, "inboxd_dropped_pushes_total", "counter", "Notifications dropped for slow readers.",
       dropped_pushes);
  line(out, "inboxd_view_resets_total", "counter", "Views reset after dropped deltas.", resets);
  line(out, "inboxd_closed_slow_total", "counter", "Sessions closed with 4430.", closed_slow);
  line(out, "inboxd_rate_limited_total", "counter", "Requests over a rate.", rate_limited);

  out +=
      "# HELP inboxd_requests_total Requests answered, by method and result.\n"
      "# TYPE inboxd_requests_total counter\n";
  const auto methods = all_methods();
  for (std::size_t m = 0; m < methods_.size(); ++m) {
    const auto one = [&](std::string_view result, std::uint64_t count) {
      if (count == 0) return;
      out.append("inboxd_requests_total{method=\"").append(methods[m].name);
      out.append("\",result=\"").append(result).append("\"} ");
      out.append(std::to_string(count)).append("\n");
    };
    one("ok", methods_[m].ok);
    for (std::size_t r = 0; r < reasons; ++r) {
      one(name_of(static_cast<model::Reason>(r)), methods_[m].errors[r]);
    }
  }

  out +=
      "# HELP inboxd_request_seconds From a request's frame to its answer's.\n"
      "# TYPE inboxd_request_seconds histogram\n";
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < latency_.size(); ++i) {
    sum += latency_[i];
    out += "inboxd_request_seconds_bucket{le=\"";
    if (i < bounds.size()) {
      model::json::write(out, static_cast<double>(bounds[i]) / 1e6);
    } else {
      out += "+Inf";
    }
    out.append("\"} ").append(std::to_string(sum)).append("\n");
  }
  out += "inboxd_request_seconds_sum ";
  model::json::write(out, static_cast<double>(latency_sum_us_) / 1e6);
  out.append("\ninboxd_request_seconds_count ").append(std::to_string(sum)).append("\n");
}

}  // namespace inboxd::net
