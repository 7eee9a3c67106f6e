// The only file of the library that includes Boost (fifteen seconds of compile time).
#include <chrono>

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <openssl/ssl.h>

#include <tenure/base/text.hpp>
#include <tenure/http/client.hpp>

namespace tenure::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using Stream = beast::tcp_stream;
using TlsStream = asio::ssl::stream<Stream>;

struct Client::Impl {
  explicit Impl(ClientOptions given) : options(std::move(given)), tls(asio::ssl::context::tls_client) {}

  ClientOptions options;
  asio::io_context io;
  asio::ssl::context tls;
  std::unique_ptr<Stream> plain;
  std::unique_ptr<TlsStream> secure;
  beast::flat_buffer buffer;
  bool tls_ready = false;

  Stream& lowest() { return secure != nullptr ? secure->next_layer() : *plain; }
  bool open() const { return plain != nullptr || secure != nullptr; }

  void close() {
    plain.reset();
    secure.reset();
    buffer.clear();
  }

  // Runs one asynchronous operation to its end; Beast's timer ends it at the deadline.
  template <class Start>
  beast::error_code wait(Start start) {
    beast::error_code result;
    start([&result](beast::error_code ec, auto&&...) { result = ec; });
    io.restart();
    io.run();
    return result;
  }

  static std::unexpected<Error> error(const beast::error_code& ec, const char* doing, Effect effect) {
    const bool timeout = ec == beast::error::timeout;
    return fail(timeout ? Reason::kTargetTimeout : Reason::kTargetUnreachable,
                std::string(doing) + ": " + (timeout ? "no answer in time" : ec.message()), effect,
                effect == Effect::kNone ? Retry::kLater : Retry::kAfterReadBack);
  }

  Status prepare_tls() {
    if (tls_ready) return {};
    beast::error_code ec;
    SSL_CTX_set_min_proto_version(tls.native_handle(), TLS1_2_VERSION);
    tls.set_verify_mode(asio::ssl::verify_peer, ec);
    if (options.ca_file.empty())
      tls.set_default_verify_paths(ec);
    else
      tls.load_verify_file(options.ca_file, ec);
    if (ec)
      return fail(Reason::kConnectorConfig,
                  "the certificates of " + options.ca_file + " cannot be read: " + ec.message());
    tls_ready = true;
    return {};
  }

  Status connect(std::chrono::steady_clock::time_point until) {
    if (open()) return {};
    tcp::resolver resolver(io);
    beast::error_code ec;
    const auto addresses = resolver.resolve(options.base.host, options.base.port, ec);
    if (ec)
      return fail(Reason::kTargetUnreachable, "the host " + options.base.host + " is not known", Effect::kNone,
                  Retry::kLater);
    if (options.base.tls) {
      TENURE_CHECK_OK(prepare_tls());
      secure = std::make_unique<TlsStream>(io, tls);
      // SSL_set_tlsext_host_name() without the old-style cast of its macro.
      SSL_ctrl(secure->native_handle(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
               options.base.host.data());
      secure->set_verify_callback(asio::ssl::host_name_verification(options.base.host), ec);
    } else {
      plain = std::make_unique<Stream>(io);
    }
    lowest().expires_at(until);
    ec = wait([&](auto done) { lowest().async_connect(addresses, std::move(done)); });
    if (!ec && secure != nullptr)
      ec = wait([&](auto done) { secure->async_handshake(asio::ssl::stream_base::client, std::move(done)); });
    if (ec) {
      close();
      return error(ec, "cannot connect", Effect::kNone);
    }
    lowest().socket().set_option(tcp::no_delay(true), ec);
    return {};
  }

  // A kept connection that the server has closed is readable: find that out before anything is sent on it.
  void drop_if_closed() {
    if (!open()) return;
    auto& socket = lowest().socket();
    beast::error_code ec;
    socket.non_blocking(true, ec);
    char byte = 0;
    const std::size_t n = socket.receive(asio::buffer(&byte, 1), tcp::socket::message_peek, ec);
    const bool quiet = ec == asio::error::would_block || ec == asio::error::try_again;
    if (!quiet || n > 0) close();
  }

  template <class S>
  Result<Response> exchange(S& stream, const Request& request, bool writes);
};

namespace {

beast::http::request<beast::http::string_body> to_beast(const Request& request, const Url& base) {
  beast::http::request<beast::http::string_body> message;
  message.version(11);
  message.method_string(request.method);
  message.target(base.path + request.target);
  const bool ipv6 = base.host.find(':') != std::string::npos;
  message.set(beast::http::field::host, (ipv6 ? "[" + base.host + "]" : base.host) + ":" + base.port);
  message.set(beast::http::field::user_agent, "tenure");
  for (const auto& [name, value] : request.headers) message.set(name, value);
  message.body() = request.body;
  if (!request.body.empty() || request.method == "POST" || request.method == "PUT" || request.method == "PATCH")
    message.prepare_payload();
  return message;
}

}  // namespace

template <class S>
Result<Response> Client::Impl::exchange(S& stream, const Request& request, bool writes) {
  const auto message = to_beast(request, options.base);
  const Effect effect = writes ? Effect::kUnknown : Effect::kNone;
  beast::error_code ec = wait([&](auto done) { beast::http::async_write(stream, message, std::move(done)); });
  if (ec) return error(ec, "the request was not sent whole", effect);
  beast::http::response_parser<beast::http::string_body> parser;
  parser.body_limit(options.body_bytes_max);
  if (request.method == "HEAD") parser.skip(true);
  ec = wait([&](auto done) { beast::http::async_read(stream, buffer, parser, std::move(done)); });
  if (ec == beast::http::error::body_limit)
    return fail(Reason::kTargetProtocol, "the answer is larger than the limit", effect);
  if (ec) return error(ec, "no whole answer", effect);
  auto answer = parser.release();
  Response response;
  response.status = static_cast<int>(answer.result_int());
  for (const auto& field : answer)
    response.headers[ascii_lower(std::string_view(field.name_string().data(), field.name_string().size()))] =
        std::string(field.value());
  response.body = std::move(answer.body());
  if (!answer.keep_alive()) close();
  return response;
}

Client::Client(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Client::~Client() = default;

Result<Response> Client::send(const Request& request) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(request.timeout.to_micros());
  const bool writes = request.method != "GET" && request.method != "HEAD";
  try {
    impl_->drop_if_closed();
    const bool kept = impl_->open();
    TENURE_CHECK_OK(impl_->connect(until));
    impl_->lowest().expires_at(until);
    auto response = impl_->secure != nullptr ? impl_->exchange(*impl_->secure, request, writes)
                                             : impl_->exchange(*impl_->plain, request, writes);
    if (response) return response;
    impl_->close();
    // The server may have closed a kept connection just now. Reading again is harmless; writing is the caller's call.
    if (!kept || writes || response.error().reason() != Reason::kTargetUnreachable) return response;
    TENURE_CHECK_OK(impl_->connect(until));
    impl_->lowest().expires_at(until);
    return impl_->secure != nullptr ? impl_->exchange(*impl_->secure, request, writes)
                                    : impl_->exchange(*impl_->plain, request, writes);
  } catch (const std::exception& exception) {
    impl_->close();
    return fail(Reason::kTargetProtocol, std::string("the HTTP library failed: ") + exception.what(),
                writes ? Effect::kUnknown : Effect::kNone);
  }
}

}  // namespace tenure::http
