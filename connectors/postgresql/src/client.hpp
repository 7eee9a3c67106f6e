// One libpq connection whose every step keeps a deadline. Not thread-safe.
//
// What a failure leaves behind is said by its effect: an error answer of the server to one statement rolls that
// statement back (kNone); a connection that breaks or a deadline that passes after a statement was sent leaves
// kUnknown.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tenure/base/deadline.hpp>
#include <tenure/base/error.hpp>

struct pg_conn;
struct pg_result;

namespace tenure::connector_postgresql {

struct Login {
  std::string host;
  std::string port;
  std::string database;
  std::string user;
  std::string sslmode;
  std::function<Result<std::string>()> password;  // asked at every connect, never kept
};

// Rows of text; nullopt = NULL.
using Rows = std::vector<std::vector<std::optional<std::string>>>;

class Client {
 public:
  explicit Client(Login login) : login_(std::move(login)) {}

  // Connects if there is no live connection. Errors: kTargetUnreachable, kTargetTimeout, kTargetCredentials (effect
  // none).
  Status connect(const Deadline& deadline);
  // One statement with parameters $1.. . `writes` says that a lost answer leaves the effect unknown.
  Result<Rows> query(const Deadline& deadline, const std::string& sql, const std::vector<std::string>& parameters = {},
                     bool writes = false);
  // REQUIRES: connected. "name" with quotes, for statements that take no parameters.
  Result<std::string> quote_identifier(const std::string& name);
  Result<std::string> quote_literal(const std::string& text);
  void close();

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  Status wait_socket(const Deadline& deadline, bool for_write);
  Status start_connect(const Deadline& deadline);
  Status send_all(const Deadline& deadline, Effect effect);
  Error broken(const std::string& what, Effect effect);

  Login login_;
  std::unique_ptr<pg_conn, Close> connection_;
};

}  // namespace tenure::connector_postgresql
