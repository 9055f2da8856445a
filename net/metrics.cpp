#include "net/metrics.hpp"

#include <algorithm>

#include "actors/metric_text.hpp"
#include "net/method.hpp"

namespace inboxd::net {

using actors::write_metric;
void Metrics::answered(std::size_t method, std::int64_t took_us) {
  ++methods_[method].ok;
  latency_us_.record(static_cast<std::uint64_t>(std::max<std::int64_t>(took_us, 0)));
}

void Metrics::refused(std::size_t method, model::Reason reason) {
  ++methods_[method].errors.at(static_cast<std::size_t>(reason));
}

void Metrics::write(std::string& out) const {
  write_metric(out, "inboxd_connections", "gauge", "Open connections.", connections);
  write_metric(out, "inboxd_sessions", "gauge", "Open sessions.", sessions);
  write_metric(out, "inboxd_in_flight", "gauge", "Requests not answered yet.", in_flight);
  write_metric(out, "inboxd_queued_bytes", "gauge", "Bytes that clients have not taken.",
               queued_bytes);
  write_metric(out, "inboxd_connections_total", "counter", "Connections accepted.", accepted);
  write_metric(out, "inboxd_turned_away_total", "counter", "Connections over the limit.",
               turned_away);
  write_metric(out, "inboxd_http_requests_total", "counter", "HTTP requests.", http_requests);
  write_metric(out, "inboxd_frames_in_total", "counter", "Frames received.", frames_in);
  write_metric(out, "inboxd_frames_out_total", "counter", "Frames sent.", frames_out);
  write_metric(out, "inboxd_bytes_in_total", "counter", "Bytes received in frames.", bytes_in);
  write_metric(out, "inboxd_bytes_out_total", "counter", "Bytes given to sockets.", bytes_out);
  write_metric(out, "inboxd_flushes_total", "counter", "Writes to sockets.", flushes);
  write_metric(out, "inboxd_pushes_total", "counter", "Notifications sent.", pushes);
  write_metric(out, "inboxd_dropped_pushes_total", "counter",
               "Notifications dropped for slow readers.", dropped_pushes);
  write_metric(out, "inboxd_slow_view_resets_total", "counter",
               "Views and counters reset for readers whose deltas were dropped.", resets);
  write_metric(out, "inboxd_closed_slow_total", "counter", "Sessions closed with 4430.",
               closed_slow);
  write_metric(out, "inboxd_rate_limited_total", "counter", "Requests over a rate.", rate_limited);

  write_requests(out);
  actors::write_histogram(out, "inboxd_request_seconds", "From a request's frame to its answer's.",
                          latency_us_.counts(), 1e-6);
}

void Metrics::write_requests(std::string& out) const {
  constexpr std::string_view name = "inboxd_requests_total";
  actors::write_metric_head(out, name, "counter", "Requests answered, by method and result.");
  const auto one = [&](std::string_view method, std::string_view result, std::uint64_t count) {
    if (count == 0) return;
    std::string labels = "{method=\"";
    labels.append(method).append("\",result=\"").append(result).append("\"}");
    actors::write_sample(out, name, labels, count);
  };
  const auto methods = all_methods();
  for (std::size_t m = 0; m < methods_.size(); ++m) {
    one(methods[m].name, "ok", methods_[m].ok);
    for (std::size_t r = 0; r < reasons; ++r) {
      one(methods[m].name, name_of(static_cast<model::Reason>(r)), methods_[m].errors[r]);
    }
  }
  for (std::size_t r = 0; r < reasons; ++r) {
    one("", name_of(static_cast<model::Reason>(r)), no_method_[r]);
  }
}

}  // namespace inboxd::net
