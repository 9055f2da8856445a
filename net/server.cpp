#include "net/server.hpp"

#include <chrono>
#include <numeric>

#include <spdlog/spdlog.h>

#include "model/overload.hpp"
#include "net/http_session.hpp"
#include "net/load_gauge.hpp"

namespace inboxd::net {
namespace {

using tcp = asio::ip::tcp;

std::shared_ptr<asio::ssl::context> make_tls(const Options& options) {
  auto context = std::make_shared<asio::ssl::context>(asio::ssl::context::tls_server);
  try {
    context->set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                         asio::ssl::context::no_tlsv1_1);
    context->use_certificate_chain_file(options.tls_cert_file);
    context->use_private_key_file(options.tls_key_file, asio::ssl::context::pem);
  } catch (const boost::system::system_error& e) {
    throw std::runtime_error("The TLS certificate " + options.tls_cert_file + " with the key " +
                             options.tls_key_file + " cannot be used: " + e.what() + ".");
  }
  return context;
}

}  // namespace

class Server::Impl {
 public:
  Impl(Options options, TokenKeys keys)
      : io_(1),
        acceptor_(io_.get_executor()),
        retry_(io_),
        ticker_(io_),
        shared_(std::make_shared<Shared>(std::move(options), std::move(keys))) {
    if (!this->options().tls_cert_file.empty()) tls_ = make_tls(this->options());
  }

  const Options& options() const { return shared_->services.options; }
  Services& services() { return shared_->services; }
  asio::io_context& io() { return io_; }

  std::uint16_t listen() {
    error_code error;
    const auto address = asio::ip::make_address(options().address, error);
    const tcp::endpoint endpoint(address, options().port);
    const auto step = [&](auto&& call) {
      if (!error) call();
    };
    step([&] { acceptor_.open(endpoint.protocol(), error); });
    step([&] { acceptor_.set_option(asio::socket_base::reuse_address(true), error); });
    step([&] { acceptor_.bind(endpoint, error); });
    step([&] { acceptor_.listen(asio::socket_base::max_listen_connections, error); });
    if (error) {
      throw std::runtime_error("Cannot listen on " + options().address + ":" +
                               std::to_string(options().port) + ": " + error.message() + ".");
    }
    accept();
    tick();
    return acceptor_.local_endpoint().port();
  }

  void run() { io_.run(); }

  double pressure() const { return load_.pressure(); }
  double busy() const { return load_.busy(); }

  void deliver(std::vector<actors::Outgoing>&& batch, LoadGauge::Clock::time_point handed_over) {
    const auto now = LoadGauge::Clock::now();
    if (load_.waited(now - handed_over, now)) {
      const auto took = services().metrics.latency_us();
      load_.look({std::reduce(took.by_size.begin(), took.by_size.end()), took.sum});
    }
    for (auto& item : batch) {
      std::visit(model::overload{
                     [](const actors::Answer& a) {
                       if (auto* s = session_of(a.client)) s->on_answer(a.tag, a.body);
                     },
                     [](const actors::Push& p) {
                       if (auto* s = session_of(p.client)) s->on_push(p);
                     },
                     [](const actors::Hangup& h) {
                       if (auto* s = session_of(h.client)) s->on_hangup(h.code, h.reason);
                     },
                 },
                 item);
    }
    flush_touched();
  }

  void stop() {
    if (services().stopping) return;
    services().stopping = true;
    shared_->chats.stop();
    error_code ignored;
    acceptor_.close(ignored);
    for (auto* connection : shared_->connections.list()) {
      if (shared_->connections.has(connection)) connection->stop();
    }
    stop_by_ =
        std::chrono::steady_clock::now() + std::chrono::milliseconds(options().stop_timeout.ms);
    ticker_.cancel();
  }

  std::string reload_tls() {
    if (!tls_) return {};
    try {
      tls_ = make_tls(options());
      return {};
    } catch (const std::runtime_error& e) {
      return e.what();
    }
  }

 private:
  static Receiver* session_of(const actors::ClientPtr& client) {
    return static_cast<SessionClient&>(*client).session;
  }

  void flush_touched() {
    // Flushing may touch others; those are in a list of their own.
    auto touched = std::move(shared_->touched);
    shared_->touched.clear();
    for (const auto& weak : touched) {
      if (const auto connection = weak.lock()) connection->flush();
    }
  }

  void accept() {
    acceptor_.async_accept(io_.get_executor(), [this](error_code error, Socket socket) {
      if (!acceptor_.is_open()) return;
      if (error) {
        spdlog::warn("accept failed: {}", error.message());
        return accept_later();
      }
      start(std::move(socket));
      accept();
    });
  }

  /// Out of descriptors, most likely: a moment later there may be some.
  void accept_later() {
    retry_.expires_after(std::chrono::milliseconds(100));
    retry_.async_wait([this](error_code error) {
      if (!error && acceptor_.is_open()) accept();
    });
  }

  void start(Socket socket) {
    auto& metrics = services().metrics;
    ++metrics.accepted;
    if (metrics.connections >= options().connections_max) {
      ++metrics.turned_away;
      return;
    }
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    if (tls_) {
      CorkStream<TlsStream> stream(std::in_place, std::move(socket), *tls_);
      std::make_shared<HttpSession<TlsStream>>(shared_, std::move(stream))->run();
    } else {
      CorkStream<Socket> stream(std::in_place, std::move(socket));
      std::make_shared<HttpSession<Socket>>(shared_, std::move(stream))->run();
    }
  }

  void tick() {
    using namespace std::chrono_literals;
    ticker_.expires_after(services().stopping ? 20ms : 1000ms);
    ticker_.async_wait([this](error_code) { on_tick(); });
  }

  void on_tick() {
    const auto now = services().clock();
    const bool late = services().stopping && std::chrono::steady_clock::now() > stop_by_;
    for (auto* connection : shared_->connections.list()) {
      if (!shared_->connections.has(connection)) continue;
      if (late) {
        connection->kill();
      } else {
        connection->tick(now);
      }
    }
    if (services().engine != nullptr) shared_->chats.tick(services(), now);
    flush_touched();
    services().tidy();
    const bool over = services().stopping && shared_->connections.size() == 0;
    if (!over) return tick();
    shared_->chats.clear();
    io_.stop();
  }

  asio::io_context io_;
  asio::basic_socket_acceptor<tcp, Executor> acceptor_;
  asio::steady_timer retry_, ticker_;
  std::shared_ptr<Shared> shared_;
  std::shared_ptr<asio::ssl::context> tls_;
  LoadGauge load_;
  std::chrono::steady_clock::time_point stop_by_;
};

Server::Server(Options options, TokenKeys keys)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(keys))) {}
Server::~Server() = default;

void Server::report_start(std::string what) {
  asio::post(impl_->io(), [this, what = std::move(what)]() mutable {
    impl_->services().start = std::move(what);
  });
}
void Server::attach(actors::EngineFace& engine) {
  asio::post(impl_->io(), [this, &engine] { impl_->services().engine = &engine; });
}
std::uint16_t Server::listen() {
  return impl_->listen();
}
void Server::run() {
  impl_->run();
}
void Server::stop() {
  asio::post(impl_->io(), [this] { impl_->stop(); });
}
std::string Server::reload_tls() {
  return impl_->reload_tls();
}
void Server::deliver(std::vector<actors::Outgoing> batch) {
  asio::post(impl_->io(),
             [this, batch = std::move(batch), from = LoadGauge::Clock::now()]() mutable {
               impl_->deliver(std::move(batch), from);
             });
}
double Server::pressure() const {
  return impl_->pressure();
}
double Server::busy() const {
  return impl_->busy();
}
asio::io_context& Server::context() {
  return impl_->io();
}

}  // namespace inboxd::net
