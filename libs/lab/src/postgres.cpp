#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include <tenure/base/file.hpp>
#include <tenure/base/text.hpp>
#include <tenure/lab/postgres.hpp>

namespace tenure::lab {
namespace {

constexpr Duration kToolDeadline = Duration::seconds(120);
constexpr int kAttempts = 3;  // a free port may be taken before the server binds it
constexpr std::string_view kSuperuser = "postgres";
// Debian's psql in /usr/bin is a wrapper that looks for clusters of its own.
const std::vector<std::string> kFolders = {"/usr/lib/postgresql/*/bin"};

Result<std::string> program(std::string_view name) {
  return find_program(name, name == "psql" ? "postgresql-client-15" : "postgresql-15", kFolders);
}

// Whether another user can enter every folder above and including this one.
bool reachable(const std::string& path) {
  std::string prefix;
  for (const std::string& part : split(path, '/')) {
    prefix += part + "/";
    struct stat st{};
    if (::stat(prefix.c_str(), &st) != 0 || (st.st_mode & S_IXOTH) == 0) return false;
  }
  return true;
}

std::string quote_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

std::string quote_text(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    out += c;
  }
  return out + "'";
}

}  // namespace

Result<Postgres> Postgres::start(const PostgresOptions& options) {
  Postgres peer;
  TENURE_CHECK_OK(peer.prepare(options));
  const bool fresh = !file_exists(peer.data_ + "/PG_VERSION");
  if (fresh) TENURE_CHECK_OK(peer.create_cluster(options.durable));
  for (int attempt = 1;; ++attempt) {
    std::uint16_t port = options.port;
    if (port == 0) {
      TENURE_TRY(port, free_port());
    }
    auto launched = peer.launch(port);
    if (launched) break;
    if (options.port != 0 || attempt == kAttempts) return fail(std::move(launched.error()));
  }
  if (fresh) {
    if (auto created = peer.create_database(options.seed_sql); !created) {
      // A half-made cluster must not pass for a used one at the next start.
      (void)peer.stop();
      (void)peer.remove_data();
      return fail(std::move(created.error()));
    }
  }
  return peer;
}

Status Postgres::prepare(const PostgresOptions& options) {
  folder_ = options.folder;
  database_ = options.database;
  run_as_ = ordinary_user("postgres");
  if (folder_.empty()) {
    TENURE_TRY(own_folder_, TempFolder::create("tenure-pg"));
    folder_ = own_folder_->path();
    if (run_as_) ::chmod(folder_.c_str(), 0711);
  }
  TENURE_CHECK_OK(make_folders(folder_));
  // A socket's path is limited to 107 bytes, so it has a short folder of its own.
  TENURE_TRY(socket_folder_, TempFolder::create("tenure-pgs"));
  if (run_as_ && ::chown(socket_folder_->path().c_str(), run_as_->uid, run_as_->gid) != 0) {
    return fail(Reason::kIo, "cannot give away " + socket_folder_->path() + ": " + std::strerror(errno));
  }
  const std::string secret = connector_password_file();
  if (file_exists(secret)) {
    TENURE_TRY(connector_password_, read_file(secret));
  } else {
    connector_password_ = random_secret();
    TENURE_CHECK_OK(write_secret_file(secret, connector_password_));
  }
  return place_data();
}

Status Postgres::place_data() {
  const std::string note = folder_ + "/data.path";
  if (file_exists(note)) {
    TENURE_TRY(data_, read_file(note));
    if (file_exists(data_ + "/PG_VERSION")) return {};
  }
  data_ = folder_ + "/data";
  if (run_as_ && !reachable(folder_)) {
    TENURE_TRY(own_data_, TempFolder::create("tenure-pgdata"));
    if (!own_folder_) own_data_->keep();
    ::chmod(own_data_->path().c_str(), 0711);
    data_ = own_data_->path() + "/data";
    TENURE_CHECK_OK(write_file_atomic(note, data_));
  }
  TENURE_CHECK_OK(make_folders(data_));
  if (::chmod(data_.c_str(), 0700) != 0 || (run_as_ && ::chown(data_.c_str(), run_as_->uid, run_as_->gid) != 0)) {
    return fail(Reason::kIo, "cannot prepare " + data_ + ": " + std::strerror(errno));
  }
  return {};
}

Status Postgres::create_cluster(bool durable) {
  TENURE_TRY(const std::string initdb, program("initdb"));
  TENURE_CHECK_OK(run_tool_ok({.argv = {initdb, "-D", data_, "-U", std::string(kSuperuser), "-E", "UTF8",
                                        "--locale=C.UTF-8", "--auth=trust", "--no-sync", "--no-instructions"},
                               .environment = plain_environment(),
                               .run_as = run_as_},
                              kToolDeadline));
  // Root writes these through the server's folder; they keep the server's owner because they exist already.
  TENURE_TRY(std::string config, read_file(data_ + "/postgresql.conf"));
  config +=
      "\nlisten_addresses = '127.0.0.1'\nmax_connections = 50\nshared_buffers = 32MB\npassword_encryption = "
      "scram-sha-256\n";
  if (!durable) config += "fsync = off\nfull_page_writes = off\n";
  const std::string access = "local all " + std::string(kSuperuser) + " trust\nhost all " + std::string(kSuperuser) +
                             " 127.0.0.1/32 reject\nhost all all 127.0.0.1/32 scram-sha-256\n";
  for (const auto& [name, text] :
       {std::pair<std::string, std::string>{"postgresql.conf", config}, {"pg_hba.conf", access}}) {
    const std::string path = data_ + "/" + name;
    TENURE_CHECK_OK(write_file_atomic(path, text, 0600));
    if (run_as_ && ::chown(path.c_str(), run_as_->uid, run_as_->gid) != 0) {
      return fail(Reason::kIo, "cannot give away " + path + ": " + std::strerror(errno));
    }
  }
  return {};
}

Status Postgres::launch(std::uint16_t port) {
  TENURE_TRY(const std::string postgres, program("postgres"));
  port_ = port;
  TENURE_TRY(std::vector<std::string> argv, psql(kSuperuser, "postgres", true));
  argv.insert(argv.end(), {"-c", "SELECT 1"});
  auto ready = [this_port = port, argv = std::move(argv)] {
    if (!port_answers(this_port)) return false;
    auto answer = run_tool({.argv = argv, .environment = plain_environment()}, Duration::seconds(5));
    return answer && answer->status == 0;
  };
  TENURE_TRY(server_, Server::start({.name = "postgres",
                                     .process = {.argv = {postgres, "-D", data_, "-p", std::to_string(port), "-k",
                                                          socket_folder_->path()},
                                                 .environment = plain_environment(),
                                                 .log_path = log_path(),
                                                 .run_as = run_as_},
                                     .ready = std::move(ready),
                                     .stop_signal = SIGINT}));
  return {};
}

Status Postgres::create_database(const std::string& seed_sql) {
  // Alone in its statement: a database cannot be made within a transaction.
  TENURE_TRY(std::string ignored, run_sql("postgres", "CREATE DATABASE " + quote_name(database_) + ";\n"));
  const std::string role = quote_name(connector_role_);
  TENURE_TRY(ignored,
             superuser_sql("CREATE ROLE " + role + " LOGIN CREATEROLE PASSWORD " + quote_text(connector_password_) +
                           ";\nGRANT pg_signal_backend, pg_read_all_stats TO " + role + ";\n" + seed_sql));
  TENURE_TRY(ignored, sql_as(connector_role_, connector_password_, "SELECT 1;"));
  return {};
}

std::string Postgres::connection_string() const {
  return "host=127.0.0.1 port=" + std::to_string(port_) + " dbname=" + database_ + " user=" + connector_role_;
}

Status Postgres::remove_data() {
  if (server_ && server_->running()) return fail(Reason::kProcessFailed, "postgres still runs");
  std::error_code ec;
  std::filesystem::path place = data_;
  if (file_exists(folder_ + "/data.path")) place = place.parent_path();
  std::filesystem::remove_all(place, ec);
  std::filesystem::remove(folder_ + "/data.path", ec);
  return {};
}

Result<std::vector<std::string>> Postgres::psql(std::string_view user, std::string_view database, bool socket) const {
  TENURE_TRY(const std::string path, program("psql"));
  return std::vector<std::string>{path, "-X",
                                  "-q", "-A",
                                  "-t", "-w",
                                  "-v", "ON_ERROR_STOP=1",
                                  "-h", socket ? socket_folder_->path() : "127.0.0.1",
                                  "-p", std::to_string(port_),
                                  "-U", std::string(user),
                                  "-d", std::string(database)};
}

Result<std::string> Postgres::run_sql(std::string_view database, std::string_view sql) const {
  TENURE_TRY(const TempFolder folder, TempFolder::create());
  const std::string path = folder.path() + "/statements.sql";
  TENURE_CHECK_OK(write_secret_file(path, sql));
  TENURE_TRY(std::vector<std::string> argv, psql(kSuperuser, database, true));
  if (database == database_) argv.emplace_back("--single-transaction");
  argv.insert(argv.end(), {"-f", path});
  return run_tool_ok({.argv = std::move(argv), .environment = plain_environment()}, kToolDeadline);
}

Result<std::string> Postgres::superuser_sql(std::string_view sql) const {
  return run_sql(database_, sql);
}

Result<std::string> Postgres::sql_as(std::string_view role, std::string_view password, std::string_view sql,
                                     Duration within) const {
  TENURE_TRY(const TempFolder folder, TempFolder::create());
  const std::string pass = folder.path() + "/pgpass";
  const std::string path = folder.path() + "/statements.sql";
  TENURE_CHECK_OK(write_secret_file(pass, "*:*:*:*:" + std::string(password) + "\n"));
  TENURE_CHECK_OK(write_secret_file(path, sql));
  TENURE_TRY(std::vector<std::string> argv, psql(role, database_, false));
  argv.insert(argv.end(), {"-f", path});
  auto environment = plain_environment();
  environment.push_back("PGPASSFILE=" + pass);
  return run_tool_ok({.argv = std::move(argv), .environment = std::move(environment)}, within);
}

Result<std::string> Postgres::set_random_password(std::string_view role) const {
  std::string password = random_secret();
  TENURE_CHECK_OK(superuser_sql("ALTER ROLE " + quote_name(role) + " PASSWORD " + quote_text(password) + ";"));
  return password;
}

Result<Process> Postgres::open_session(std::string_view role) const {
  TENURE_TRY(const std::string password, set_random_password(role));
  TENURE_TRY(const int before, session_count(role));
  TENURE_TRY(const TempFolder folder, TempFolder::create());
  const std::string pass = folder.path() + "/pgpass";
  TENURE_CHECK_OK(write_secret_file(pass, "*:*:*:*:" + password + "\n"));
  auto environment = plain_environment();
  environment.push_back("PGPASSFILE=" + pass);
  TENURE_TRY(std::vector<std::string> argv, psql(role, database_, false));
  TENURE_TRY(Process session, Process::start({.argv = std::move(argv),
                                              .environment = std::move(environment),
                                              .log_path = folder_ + "/session.log",
                                              .stdin_from = Stdin::kHeldOpen}));
  const bool open = poll_until(
      [&] {
        if (!session.running()) return true;
        const auto now = session_count(role);
        return now && *now > before;
      },
      Duration::seconds(10));
  if (open && session.running()) return session;
  return fail(Reason::kProcessFailed, "no session of " + std::string(role) + "; see " + folder_ + "/session.log");
}

Result<int> Postgres::session_count(std::string_view role) const {
  TENURE_TRY(const std::string text,
             superuser_sql("SELECT count(*) FROM pg_stat_activity WHERE usename = " + quote_text(role) + ";"));
  return std::atoi(text.c_str());
}

}  // namespace tenure::lab
