// Both sessions over plain sockets, compiled once.
#include "net/http_session.hpp"
#include "net/ws_session.hpp"

namespace inboxd::net {

template class WsSession<Socket>;
template class HttpSession<Socket>;

}  // namespace inboxd::net
