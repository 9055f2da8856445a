#include "actors/metric_text.hpp"

#include "model/json.hpp"

namespace inboxd::actors {

void write_metric_head(std::string& out, std::string_view name, std::string_view type,
                       std::string_view help) {
  out.append("# HELP ").append(name).append(" ").append(help).append("\n");
  out.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void write_sample(std::string& out, std::string_view name, std::string_view labels,
                  std::uint64_t value) {
  out.append(name).append(labels).append(" ").append(std::to_string(value)).append("\n");
}

void write_metric(std::string& out, std::string_view name, std::string_view type,
                  std::string_view help, std::uint64_t value) {
  write_metric_head(out, name, type, help);
  write_sample(out, name, "", value);
}

void write_histogram(std::string& out, std::string_view name, std::string_view help,
                     const persistence::HistogramCounts& counts, double unit) {
  write_metric_head(out, name, "histogram", help);
  const std::string bucket = std::string(name) + "_bucket";
  std::uint64_t up_to = 0;
  for (std::size_t n = 0; n < counts.by_size.size(); ++n) {
    up_to += counts.by_size[n];
    std::string labels = "{le=\"";
    if (n + 1 < counts.by_size.size()) {
      model::json::write(labels, static_cast<double>(std::uint64_t{1} << n) * unit);
    } else {
      labels += "+Inf";
    }
    write_sample(out, bucket, labels + "\"}", up_to);
  }
  out.append(name).append("_sum ");
  model::json::write(out, static_cast<double>(counts.sum) * unit);
  out.append("\n");
  write_sample(out, std::string(name) + "_count", "", up_to);
}

}  // namespace inboxd::actors
