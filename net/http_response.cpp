#include "net/http_response.hpp"

#include <algorithm>

#include <boost/beast/core/string.hpp>

#include "net/assets.hpp"
#include "net/process_metrics.hpp"
#include "net/version.hpp"

namespace inboxd::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::iequals;

constexpr std::string_view content_security =
    "default-src 'self'; connect-src 'self' ws: wss:; img-src 'self' data: blob: https:; "
    "media-src 'self' https:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'";

std::string_view view_of(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

HttpResponse plain(unsigned status, std::string text) {
  HttpResponse response;
  response.status = status;
  response.text = std::move(text);
  return response;
}

const Asset* find_asset(std::string_view path) {
  const auto assets = embedded_assets();
  const auto found = std::lower_bound(
      assets.begin(), assets.end(), path,
      [](const Asset& asset, std::string_view wanted) { return asset.path < wanted; });
  return found != assets.end() && found->path == path ? &*found : nullptr;
}

HttpResponse serve(const Asset& asset, const HttpRequest& request) {
  HttpResponse response;
  response.content_type = asset.content_type;
  response.headers = {
      {"ETag", std::string(asset.etag)},
      {"Cache-Control", asset.immutable ? "public, max-age=31536000, immutable" : "no-cache"},
      {"Vary", "Accept-Encoding"},
      {"Content-Security-Policy", std::string(content_security)},
      {"Referrer-Policy", "no-referrer"},
  };
  // A script tag on any page may load it, also one that asks for CORP.
  if (asset.path == "/chat.js") {
    response.headers.emplace_back("Cross-Origin-Resource-Policy", "cross-origin");
  }
  if (view_of(request[http::field::if_none_match]) == asset.etag) {
    response.status = 304;
    return response;
  }
  const bool gzip = http::token_list(request[http::field::accept_encoding]).exists("gzip");
  if (gzip && asset.body_gzip.size() < asset.body.size()) {
    response.headers.emplace_back("Content-Encoding", "gzip");
    response.fixed = asset.body_gzip;
  } else {
    response.fixed = asset.body;
  }
  return response;
}

HttpResponse metrics(Shared& shared) {
  auto& counted = shared.services.metrics;
  counted.queued_bytes = 0;
  for (const auto* connection : shared.connections.list()) {
    counted.queued_bytes += connection->queued_bytes();
  }
  auto response = plain(200, shared.services.engine->metrics());
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  counted.write(response.text);
  write_process_metrics(response.text);
  return response;
}

/// What a browser asks before a page of another origin may `POST /rpc`; `allow_origin` says the
/// rest.
HttpResponse preflight() {
  HttpResponse response;
  response.status = 204;
  response.headers = {
      {"Allow", "POST, OPTIONS"},
      {"Access-Control-Allow-Methods", "POST"},
      {"Access-Control-Allow-Headers", "Authorization, Content-Type"},
      {"Access-Control-Max-Age", "600"},
  };
  return response;
}

HttpResponse not_found(std::string_view path) {
  if (path == "/" && embedded_assets().empty()) {
    return plain(404, "This build of inboxd has no console. The protocol is at /ws and /rpc.\n");
  }
  return plain(404, "There is nothing here.\n");
}

}  // namespace

HttpResponse answer_http(const HttpRequest& request, Shared& shared) {
  auto path = view_of(request.target());
  path = path.substr(0, path.find('?'));
  if (request.method() == http::verb::options && path == "/rpc") return preflight();
  const bool reads = request.method() == http::verb::get || request.method() == http::verb::head;
  if (!reads) {
    auto response = plain(405, "Only GET, HEAD, and POST to /rpc.\n");
    response.headers.emplace_back("Allow", path == "/rpc" ? "POST, OPTIONS" : "GET, HEAD");
    return response;
  }
  if (path == "/rpc") return plain(405, "POST a JSON-RPC request.\n");
  if (path == "/ws") return plain(426, "This is a WebSocket.\n");
  if (path == "/healthz") return plain(200, "ok\n");
  if (path == "/readyz") {
    return shared.services.stopping ? plain(503, "stopping\n") : plain(200, "ready\n");
  }
  if (path == "/metrics") return metrics(shared);
  if (path == "/openrpc.json") {
    auto response = plain(200, {});
    response.content_type = "application/json";
    response.fixed = shared.services.openrpc;
    return response;
  }
  if (path == "/chat/ws") return plain(426, "This is a WebSocket.\n");
  if (path == "/") path = "/index.html";
  if (path == "/chat") path = "/chat.html";
  const auto* asset = find_asset(path);
  return asset != nullptr ? serve(*asset, request) : not_found(path);
}

HttpResponse answer_start(const HttpRequest& request, const Services& services) {
  auto path = view_of(request.target());
  path = path.substr(0, path.find('?'));
  if (path == "/healthz") return plain(200, "ok\n");
  auto response = plain(503, services.start + '\n');
  response.headers.emplace_back("Retry-After", "1");
  return response;
}

void write_http(std::string& out, const HttpResponse& response, bool keep_alive, bool head_only) {
  const auto reason = view_of(http::obsolete_reason(static_cast<http::status>(response.status)));
  const auto header = [&out](std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
  };
  out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ").append(reason);
  out += "\r\n";
  header("Server", server_name);
  header("X-Content-Type-Options", "nosniff");
  const bool bodiless = response.status == 204 || response.status == 304;
  if (!bodiless) {
    header("Content-Type", response.content_type);
    header("Content-Length", std::to_string(response.body().size()));
  }
  for (const auto& [name, value] : response.headers) header(name, value);
  header("Connection", keep_alive ? "keep-alive" : "close");
  out += "\r\n";
  if (!head_only && !bodiless) out += response.body();
}

bool origin_allowed(const HttpRequest& request, const Options& options) {
  const auto origin = view_of(request[http::field::origin]);
  if (origin.empty()) return true;
  const auto scheme_end = origin.find("://");
  const auto host = scheme_end == std::string_view::npos ? origin : origin.substr(scheme_end + 3);
  const auto own = request[http::field::host];
  if (!own.empty() && iequals(boost::beast::string_view(host.data(), host.size()), own)) {
    return true;
  }
  return std::any_of(
      options.origins.begin(), options.origins.end(),
      [&](const std::string& allowed) { return allowed == "*" || allowed == origin; });
}

void allow_origin(const HttpRequest& request, const Options& options, HttpResponse& response) {
  auto path = view_of(request.target());
  path = path.substr(0, path.find('?'));
  if (path != "/rpc" && path != "/openrpc.json") return;
  response.headers.emplace_back("Vary", "Origin");
  const auto origin = view_of(request[http::field::origin]);
  if (origin.empty() || !origin_allowed(request, options)) return;
  // The token comes in a header that the page sets itself: no cookies, so no credentials to allow.
  response.headers.emplace_back("Access-Control-Allow-Origin", std::string(origin));
}

std::string_view origin_of(const HttpRequest& request) {
  return view_of(request[http::field::origin]);
}

std::string_view bearer_of(const HttpRequest& request) {
  const auto value = view_of(request[http::field::authorization]);
  constexpr std::string_view scheme = "Bearer ";
  if (value.size() <= scheme.size() ||
      !iequals(boost::beast::string_view(value.data(), scheme.size()),
               boost::beast::string_view(scheme.data(), scheme.size()))) {
    return {};
  }
  return value.substr(scheme.size());
}

}  // namespace inboxd::net
