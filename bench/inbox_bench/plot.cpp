#include "bench/inbox_bench/plot.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "bench/inbox_bench/report.hpp"

namespace inboxd::bench {
namespace {

constexpr double width = 960, height = 420;                       // of the picture, px
constexpr double left = 80, right = 660, top = 40, bottom = 360;  // of the axes
// Told apart with any kind of colour vision (Okabe and Ito).
constexpr std::array<const char*, 7> palette{"#0072B2", "#D55E00", "#009E73",     "#CC79A7",
                                             "#E69F00", "#56B4E9", "currentColor"};

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string px(double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

/// One direction of a plot: which values there are, and where they go.
class Axis {
 public:
  Axis(bool logarithmic, double from, double to) : log_(logarithmic), from_(from), to_(to) {}

  bool shows(double value) const { return std::isfinite(value) && (!log_ || value > 0); }
  void include(double value) {
    if (!shows(value)) return;
    low_ = any_ ? std::min(low_, value) : value;
    high_ = any_ ? std::max(high_, value) : value;
    any_ = true;
  }
  /// After the last `include`: rounds the ends, so that marks fall on round values.
  void settle() {
    if (!any_) low_ = high_ = 1;
    if (log_) {
      low_ = std::pow(10, std::floor(std::log10(low_)));
      high_ = std::pow(10, std::ceil(std::log10(high_)));
      if (low_ == high_) high_ *= 10;
      return;
    }
    low_ = std::min(low_, 0.0);
    step_ = std::pow(10, std::floor(std::log10(std::max(high_ - low_, 1e-9))));
    if ((high_ - low_) / step_ < 4) step_ /= 4;
    high_ = low_ + step_ * std::max(1.0, std::ceil((high_ - low_) / step_));
  }
  double place(double value) const {
    const double share =
        log_ ? std::log(value / low_) / std::log(high_ / low_) : (value - low_) / (high_ - low_);
    return from_ + share * (to_ - from_);
  }
  std::vector<double> marks() const {
    std::vector<double> marks;
    for (double mark = low_; mark <= high_ * 1.0001; mark = log_ ? mark * 10 : mark + step_) {
      marks.push_back(mark);
    }
    return marks;
  }

 private:
  bool log_, any_ = false;
  double from_, to_;
  double low_ = 0, high_ = 0, step_ = 1;
};

std::string text_at(double x, double y, std::string_view anchor, std::string_view text,
                    std::string_view more = "") {
  return "<text x=\"" + px(x) + "\" y=\"" + px(y) + "\" text-anchor=\"" + std::string(anchor) +
         "\"" + std::string(more) + ">" + escaped(text) + "</text>\n";
}

std::string line(double x1, double y1, double x2, double y2, std::string_view style) {
  return "<line x1=\"" + px(x1) + "\" y1=\"" + px(y1) + "\" x2=\"" + px(x2) + "\" y2=\"" + px(y2) +
         "\" " + std::string(style) + "/>\n";
}

std::string style_of(const Series& series) {
  return std::string("stroke=\"") + palette.at(series.colour % palette.size()) +
         "\" stroke-width=\"2\"" + (series.dashed ? " stroke-dasharray=\"6 4\"" : "");
}

std::string frame(const Plot& plot, const Axis& x, const Axis& y) {
  constexpr std::string_view grid = "stroke=\"currentColor\" stroke-opacity=\"0.15\"";
  std::string out = text_at((left + right) / 2, 22, "middle", plot.title, " font-weight=\"bold\"");
  for (const double mark : x.marks()) {
    out += line(x.place(mark), top, x.place(mark), bottom, grid);
    out += text_at(x.place(mark), bottom + 18, "middle", readable(mark));
  }
  for (const double mark : y.marks()) {
    out += line(left, y.place(mark), right, y.place(mark), grid);
    out += text_at(left - 8, y.place(mark) + 4, "end", readable(mark));
  }
  out += text_at((left + right) / 2, height - 14, "middle", plot.x_label);
  out += text_at(18, (top + bottom) / 2, "middle", plot.y_label,
                 " transform=\"rotate(-90 18 " + px((top + bottom) / 2) + ")\"");
  return out;
}

std::string drawn(const Series& series, const Axis& x, const Axis& y) {
  std::string points, dots;
  for (const auto& [px_, py_] : series.points) {
    if (!x.shows(px_) || !y.shows(py_)) continue;
    points += px(x.place(px_)) + "," + px(y.place(py_)) + " ";
    dots += "<circle cx=\"" + px(x.place(px_)) + "\" cy=\"" + px(y.place(py_)) +
            "\" r=\"3\" fill=\"" + palette.at(series.colour % palette.size()) + "\"><title>" +
            escaped(series.name) + ": " + readable(px_) + ", " + readable(py_) +
            "</title></circle>\n";
  }
  return "<polyline fill=\"none\" " + style_of(series) + " points=\"" + points + "\"/>\n" + dots;
}

/// Where phases begin. Names stand beside their lines in as many rows as it takes; who finds no
/// room is named by its tooltip alone.
std::string marks_of(const Plot& plot, const Axis& x) {
  constexpr double row_height = 14, letter_width = 6.5;
  std::array<double, 5> row_ends{};
  std::string out;
  for (const auto& [at, name] : plot.marks) {
    const double from = x.place(at);
    out += "<g><title>" + escaped(name) + "</title>" +
           line(from, top, from, bottom,
                "stroke=\"currentColor\" stroke-opacity=\"0.5\" stroke-dasharray=\"2 3\"");
    const auto row = std::ranges::find_if(row_ends, [&](double end) { return end <= from; });
    const double end = from + 8 + letter_width * static_cast<double>(name.size());
    if (row != row_ends.end() && end < width) {
      const auto number = static_cast<double>(row - row_ends.begin());
      out +=
          text_at(from + 4, top + 12 + row_height * number, "start", name, " fill-opacity=\"0.7\"");
      *row = end;
    }
    out += "</g>\n";
  }
  return out;
}

/// Bytes that go on a UTF-8 character take no column.
std::size_t columns_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

std::string padded(const std::string& text, std::size_t columns, bool flush_left) {
  const auto shown = columns_of(text);
  const std::string space(columns > shown ? columns - shown : 0, ' ');
  return flush_left ? text + space : space + text;
}

}  // namespace

std::string as_svg(const Plot& plot) {
  Axis x(plot.log_x, left, right), y(plot.log_y, bottom, top);
  for (const auto& series : plot.series) {
    for (const auto& [at, value] : series.points) {
      x.include(at);
      y.include(value);
    }
  }
  for (const auto& [at, name] : plot.marks) x.include(at);
  x.settle();
  y.settle();
  std::string out =
      "<div class=\"wide\"><svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + px(width) +
      " " + px(height) +
      "\" font-family=\"sans-serif\" font-size=\"12\" fill=\"currentColor\" role=\"img\" "
      "aria-label=\"" +
      escaped(plot.title) + "\">\n" + frame(plot, x, y);
  out += marks_of(plot, x);
  double legend = top + 4;
  for (const auto& series : plot.series) {
    out += drawn(series, x, y);
    out += line(right + 16, legend, right + 44, legend, style_of(series));
    out += text_at(right + 50, legend + 4, "start", series.name);
    legend += 18;
  }
  return out + "</svg></div>\n";
}

std::string as_html(const Table& table) {
  std::string out =
      "<div class=\"wide\"><table>\n<caption>" + escaped(table.title) + "</caption>\n";
  const auto add = [&out](const std::vector<std::string>& cells, const std::string& tag) {
    out += "<tr>";
    for (const auto& cell : cells) {
      out.append("<").append(tag).append(">").append(escaped(cell));
      out.append("</").append(tag).append(">");
    }
    out += "</tr>\n";
  };
  add(table.header, "th");
  for (const auto& row : table.rows) add(row, "td");
  return out + "</table></div>\n";
}

std::string as_text(const Table& table) {
  std::vector<std::size_t> widths;
  const auto measure = [&widths](const std::vector<std::string>& cells) {
    widths.resize(std::max(widths.size(), cells.size()));
    for (std::size_t i = 0; i < cells.size(); ++i)
      widths[i] = std::max(widths[i], columns_of(cells[i]));
  };
  measure(table.header);
  for (const auto& row : table.rows) measure(row);
  std::string out = "  " + table.title + "\n";
  const auto add = [&](const std::vector<std::string>& cells) {
    out += "  ";
    for (std::size_t i = 0; i < cells.size(); ++i) out += padded(cells[i], widths[i] + 2, i == 0);
    out += '\n';
  };
  add(table.header);
  for (const auto& row : table.rows) add(row);
  return out;
}

std::string html_page(std::string_view title, const std::vector<std::string>& parts) {
  constexpr std::string_view style = R"(:root { color-scheme: light dark; }
body { font: 15px/1.5 sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
.wide { overflow-x: auto; }
svg { width: 100%; min-width: 40rem; height: auto; }
table { border-collapse: collapse; margin: 1rem 0; }
caption { text-align: left; font-weight: bold; }
td, th { border-bottom: 1px solid #8884; padding: .2rem .8rem; text-align: right; white-space: nowrap; }
td:first-child, th:first-child { text-align: left; padding-left: 0; }
)";
  std::string out =
      "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width\">\n<title>" +
      escaped(title) + "</title>\n<style>\n" + std::string(style) + "</style>\n<h1>" +
      escaped(title) + "</h1>\n";
  for (const auto& part : parts) out += part;
  return out + "</html>\n";
}

std::string html_paragraph(std::string_view text) {
  return "<p>" + escaped(text) + "</p>\n";
}

}  // namespace inboxd::bench
