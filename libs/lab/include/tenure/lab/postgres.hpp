// PostgreSQL as a laboratory peer on 127.0.0.1: a cluster of its own, one database, scram-sha-256 over TCP and, for the
// superuser alone, trust over a socket in a folder that only the server's user can enter. Debian packages:
// postgresql-15 (any version from 14 is used when installed), postgresql-client-15.
//
// PostgreSQL refuses to run as root: started by root, the server runs as `postgres` (or nobody). When that user cannot
// reach the folder that was asked for (/root/...), the data lives in a folder under /tmp whose path is kept in
// <folder>/data.path, so that the same folder finds it again; remove_data() ends it.
//
// Connecting role: `tenure_connector`, CREATEROLE, no superuser, member of pg_signal_backend (ends sessions) and
// pg_read_all_stats (sees them).
//
// Owner stops the server by destroying it. One thread at a time. Errors as process.hpp.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <tenure/base/error.hpp>
#include <tenure/lab/process.hpp>

namespace tenure::lab {

struct PostgresOptions {
  std::string folder;  // created if missing; empty = a temporary one that goes with the peer
  std::string database = "ledger";
  std::string seed_sql;    // run in the database as superuser, in one transaction, at the first start of a folder
  std::uint16_t port = 0;  // 0 = a free one, kept over stop() and start_again()
  bool durable = false;    // fsync
};

class Postgres {
 public:
  // Ready on return: a query has succeeded. A folder that was used before keeps its content and secrets.
  static Result<Postgres> start(const PostgresOptions& options);

  const std::string& folder() const { return folder_; }
  const std::string& data_folder() const { return data_; }
  std::uint16_t port() const { return port_; }
  const std::string& database() const { return database_; }
  const std::string& connector_role() const { return connector_role_; }
  const std::string& connector_password() const { return connector_password_; }
  std::string connector_password_file() const { return folder_ + "/connector.secret"; }
  // libpq's "host=127.0.0.1 port=... dbname=... user=tenure_connector", without the password.
  std::string connection_string() const;
  std::string log_path() const { return folder_ + "/postgres.log"; }

  bool running() { return server_->running(); }
  Status stop() { return server_->stop(); }  // fast shutdown: sessions end
  Status start_again() { return server_->start_again(); }
  void kill() { server_->kill(); }
  Status pause() { return server_->pause(); }  // server and backends: accepts connections, answers nothing
  Status resume() { return server_->resume(); }
  // Deletes the cluster. REQUIRES: stopped.
  Status remove_data();

  // Runs SQL as the superuser over the socket; rows as psql -A -t prints them: "a|b\n". All statements or none.
  Result<std::string> superuser_sql(std::string_view sql) const;
  // Logs in over TCP and runs SQL. Error kProcessFailed when the login is refused, a statement
  // fails or the time is over.
  Result<std::string> sql_as(std::string_view role, std::string_view password, std::string_view sql,
                             Duration within = Duration::seconds(60)) const;
  // Sets a random password and returns it.
  Result<std::string> set_random_password(std::string_view role) const;
  // An idle session of this role (psql that waits), open on return; it lives until destroyed or ended by the server.
  Result<Process> open_session(std::string_view role) const;
  Result<int> session_count(std::string_view role) const;

 private:
  Postgres() = default;
  Status prepare(const PostgresOptions& options);
  Status place_data();
  Status create_cluster(bool durable);
  Status launch(std::uint16_t port);
  Status create_database(const std::string& seed_sql);
  Result<std::vector<std::string>> psql(std::string_view user, std::string_view database, bool socket) const;
  Result<std::string> run_sql(std::string_view database, std::string_view sql) const;

  std::optional<TempFolder> own_folder_;  // these outlive server_: members are destroyed in reverse order
  std::optional<TempFolder> own_data_;
  std::optional<TempFolder> socket_folder_;
  std::string folder_;
  std::string data_;
  std::string database_;
  std::string connector_role_ = "tenure_connector";
  std::string connector_password_;
  std::optional<RunAs> run_as_;
  std::uint16_t port_ = 0;
  std::optional<Server> server_;
};

}  // namespace tenure::lab
