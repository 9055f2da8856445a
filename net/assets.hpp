// The web console's files, built into the program (cmake/EmbedAssets.cmake makes the table).
#pragma once

#include <span>
#include <string_view>

namespace inboxd::net {

struct Asset {
  std::string_view path;          // as requested: "/index.html", "/assets/index-4f3a.js"
  std::string_view content_type;  // with charset
  std::string_view etag;          // quoted, a hash of the contents
  bool immutable;                 // the name holds a hash: may be cached for ever
  std::string_view body;
  std::string_view body_gzip;
};

/// Every file, sorted by path; empty in a build without the console. Lives as long as the program.
/// Any thread.
std::span<const Asset> embedded_assets();

}  // namespace inboxd::net
