// HTTP besides the sockets: what is answered to a request that is no upgrade and no `POST /rpc`.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/beast/http.hpp>

#include "net/connection.hpp"

namespace inboxd::net {

using HttpRequest = boost::beast::http::request<boost::beast::http::string_body>;

struct HttpResponse {
  unsigned status = 200;
  std::string_view content_type = "text/plain; charset=utf-8";
  std::string text;        // the body, or …
  std::string_view fixed;  // … a body that lives as long as the program
  std::vector<std::pair<std::string_view, std::string>> headers;

  std::string_view body() const { return fixed.empty() ? std::string_view(text) : fixed; }
};

/// The console's files, /healthz, /readyz, /metrics, /openrpc.json, and what is not there.
HttpResponse answer_http(const HttpRequest& request, Shared& shared);

/// What is answered to any request as long as the engine starts: that it lives, that it is not
/// ready, and how far it is.
HttpResponse answer_start(const HttpRequest& request, const Services& services);

/// Appends the head and, unless the request was HEAD, the body.
void write_http(std::string& out, const HttpResponse& response, bool keep_alive, bool head_only);

/// Is a page of this origin allowed to talk to us? Requests without one come from programs.
bool origin_allowed(const HttpRequest& request, const Options& options);

/// Lets a page of another origin that may talk to us read the answer (CORS); for what such a page
/// calls: `/rpc`, its preflight, and `/openrpc.json`.
void allow_origin(const HttpRequest& request, const Options& options, HttpResponse& response);

/// The page's origin as the browser says it; empty from programs.
std::string_view origin_of(const HttpRequest& request);

/// The token of `Authorization: Bearer …`; empty if there is none.
std::string_view bearer_of(const HttpRequest& request);

}  // namespace inboxd::net
