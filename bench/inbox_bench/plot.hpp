// Plots as SVG and a page that holds them: plain text, no script, no font or style from elsewhere,
// so that a result is one file that opens anywhere.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace inboxd::bench {

struct Series {
  std::string name;
  std::vector<std::pair<double, double>> points;  // x ascending
  unsigned colour = 0;  // of the palette; series that belong together share one
  bool dashed = false;
};

struct Plot {
  std::string title;
  std::string x_label, y_label;  // with units
  bool log_x = true, log_y = true;
  std::vector<Series> series;
  /// Where something begins, by x: a line with its name.
  std::vector<std::pair<double, std::string>> marks{};
};

/// An `<svg>` element. On a logarithmic axis, points that are not above zero are left out.
std::string as_svg(const Plot& plot);

/// A table of text; the first column is flush left, the others right.
struct Table {
  std::string title;
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;
  std::size_t labels = 1;  // columns that say what a row is about
};
std::string as_html(const Table& table);
/// Columns lined up, for a terminal.
std::string as_text(const Table& table);

/// A whole document around parts that are HTML already.
std::string html_page(std::string_view title, const std::vector<std::string>& parts);
/// A paragraph of text.
std::string html_paragraph(std::string_view text);

}  // namespace inboxd::bench
