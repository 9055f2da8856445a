// Both sessions over TLS, compiled once.
#include "net/http_session.hpp"
#include "net/ws_session.hpp"

namespace inboxd::net {

template class WsSession<TlsStream>;
template class HttpSession<TlsStream>;

}  // namespace inboxd::net
