#include "client.hpp"

#include <array>

#include <libpq-fe.h>
#include <poll.h>

#include <tenure/base/text.hpp>

namespace tenure::connector_postgresql {
namespace {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ClearResult>;

// By SQLSTATE (PostgreSQL documentation, appendix A), never by text.
Reason reason_of(const std::string& state) {
  if (state == "42501") return Reason::kTargetRights;
  if (state == "42704") return Reason::kTargetObjectMissing;
  if (state == "42710") return Reason::kTargetObjectExists;
  if (state == "57014") return Reason::kTargetTimeout;
  if (state.starts_with("28")) return Reason::kTargetCredentials;
  if (state.starts_with("53")) return Reason::kTargetThrottled;
  if (state.starts_with("08") || state.starts_with("57")) return Reason::kTargetUnreachable;
  return Reason::kTargetRefused;
}

Error statement_error(const PGresult* result, bool writes) {
  const char* state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  const char* primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const std::string code = state == nullptr ? "" : state;
  const Reason reason = reason_of(code);
  // An answer that ends the connection (class 57) may have come after the commit; every other one rolled back.
  const bool lost = code.starts_with("08") || code.starts_with("57P");
  const Retry retry =
      reason == Reason::kTargetUnreachable || reason == Reason::kTargetThrottled ? Retry::kLater : Retry::kNo;
  return Error(reason, std::string(primary == nullptr ? "the server refused" : primary) + " (SQLSTATE " + code + ")",
               writes && lost ? Effect::kUnknown : Effect::kNone, retry);
}

Rows rows_of(const PGresult* result) {
  Rows rows;
  const int columns = PQnfields(result);
  for (int r = 0; r < PQntuples(result); ++r) {
    rows.emplace_back();
    for (int c = 0; c < columns; ++c) {
      if (PQgetisnull(result, r, c) != 0)
        rows.back().emplace_back(std::nullopt);
      else
        rows.back().emplace_back(
            std::string(PQgetvalue(result, r, c), static_cast<std::size_t>(PQgetlength(result, r, c))));
    }
  }
  return rows;
}

}  // namespace

void Client::Close::operator()(pg_conn* connection) const {
  PQfinish(connection);
}

void Client::close() {
  connection_.reset();
}

Error Client::broken(const std::string& what, Effect effect) {
  std::string text = what;
  if (connection_ != nullptr) {
    const std::string detail(trim(PQerrorMessage(connection_.get())));
    if (!detail.empty()) text += ": " + detail;
  }
  close();
  return Error(Reason::kTargetUnreachable, text, effect,
               effect == Effect::kNone ? Retry::kLater : Retry::kAfterReadBack);
}

Status Client::wait_socket(const Deadline& deadline, bool for_write) {
  pollfd fd{PQsocket(connection_.get()), static_cast<short>(for_write ? POLLIN | POLLOUT : POLLIN), 0};
  const int ready = ::poll(&fd, 1, deadline.left_ms());
  if (ready > 0) return {};
  return fail(Reason::kTargetTimeout, "no answer in time", Effect::kNone, Retry::kLater);
}

Status Client::connect(const Deadline& deadline) {
  if (connection_ != nullptr && PQstatus(connection_.get()) == CONNECTION_OK) {
    // A connection that the server has closed meanwhile shows itself here, before anything is sent.
    if (PQconsumeInput(connection_.get()) == 1 && PQstatus(connection_.get()) == CONNECTION_OK) return {};
  }
  close();
  return start_connect(deadline);
}

Status Client::start_connect(const Deadline& deadline) {
  TENURE_TRY(const std::string password, login_.password());
  const std::array<const char*, 9> keys = {
      "host", "port", "dbname", "user", "password", "sslmode", "application_name", "client_encoding", nullptr};
  const std::array<const char*, 9> values = {login_.host.c_str(),
                                             login_.port.c_str(),
                                             login_.database.c_str(),
                                             login_.user.c_str(),
                                             password.c_str(),
                                             login_.sslmode.c_str(),
                                             "tenure",
                                             "UTF8",
                                             nullptr};
  connection_.reset(PQconnectStartParams(keys.data(), values.data(), 0));
  if (connection_ == nullptr) return fail(Reason::kTargetUnreachable, "out of memory");
  // "already a member" and the like are no news: what is true is read back.
  PQsetNoticeReceiver(connection_.get(), [](void*, const PGresult*) {}, nullptr);
  PostgresPollingStatusType state = PGRES_POLLING_WRITING;
  while (state != PGRES_POLLING_OK) {
    if (state == PGRES_POLLING_FAILED || PQstatus(connection_.get()) == CONNECTION_BAD) {
      // A password was asked for and given: the server answered, so it is the login that was refused.
      const bool refused =
          PQconnectionUsedPassword(connection_.get()) != 0 || PQconnectionNeedsPassword(connection_.get()) != 0;
      if (!refused) return fail(broken("cannot connect", Effect::kNone));
      close();
      return fail(Reason::kTargetCredentials, "the server refused the login of " + login_.user);
    }
    if (auto waited = wait_socket(deadline, state == PGRES_POLLING_WRITING); !waited) {
      close();
      return fail(Reason::kTargetTimeout, "no connection in time", Effect::kNone, Retry::kLater);
    }
    state = PQconnectPoll(connection_.get());
  }
  if (PQsetnonblocking(connection_.get(), 1) != 0) return fail(broken("cannot use the connection", Effect::kNone));
  return {};
}

Status Client::send_all(const Deadline& deadline, Effect effect) {
  while (true) {
    const int left = PQflush(connection_.get());
    if (left == 0) return {};
    if (left < 0) return fail(broken("the connection broke while sending", effect));
    if (!wait_socket(deadline, true)) {
      close();
      return fail(Reason::kTargetTimeout, "the statement could not be sent in time", effect, Retry::kAfterReadBack);
    }
    if (PQconsumeInput(connection_.get()) == 0) return fail(broken("the connection broke while sending", effect));
  }
}

Result<Rows> Client::query(const Deadline& deadline, const std::string& sql, const std::vector<std::string>& parameters,
                           bool writes) {
  TENURE_CHECK_OK(connect(deadline));
  const Effect effect = writes ? Effect::kUnknown : Effect::kNone;
  std::vector<const char*> values;
  values.reserve(parameters.size());
  for (const auto& parameter : parameters) values.push_back(parameter.c_str());
  if (PQsendQueryParams(connection_.get(), sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                        nullptr, nullptr, 0) == 0)
    return fail(broken("cannot send", Effect::kNone));
  TENURE_CHECK_OK(send_all(deadline, effect));
  std::optional<Result<Rows>> answer;
  while (true) {
    while (PQisBusy(connection_.get()) != 0) {
      if (!wait_socket(deadline, false)) {
        close();
        return fail(Reason::kTargetTimeout, "no answer in time", effect,
                    writes ? Retry::kAfterReadBack : Retry::kLater);
      }
      if (PQconsumeInput(connection_.get()) == 0) return fail(broken("the connection broke", effect));
    }
    const ResultPtr result(PQgetResult(connection_.get()));
    if (result == nullptr) break;
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK)
      answer = rows_of(result.get());
    else
      answer = fail(statement_error(result.get(), writes));
  }
  if (PQstatus(connection_.get()) == CONNECTION_BAD) close();
  if (!answer) return fail(Error(Reason::kTargetUnreachable, "the connection ended without an answer", effect));
  return std::move(*answer);
}

Result<std::string> Client::quote_identifier(const std::string& name) {
  char* quoted = PQescapeIdentifier(connection_.get(), name.data(), name.size());
  if (quoted == nullptr) return fail(Reason::kTargetRefused, "\"" + name + "\" cannot be the name of a role");
  std::string text = quoted;
  PQfreemem(quoted);
  return text;
}

Result<std::string> Client::quote_literal(const std::string& text) {
  char* quoted = PQescapeLiteral(connection_.get(), text.data(), text.size());
  if (quoted == nullptr) return fail(Reason::kTargetRefused, "a value is not valid text");
  std::string out = quoted;
  PQfreemem(quoted);
  return out;
}

}  // namespace tenure::connector_postgresql
