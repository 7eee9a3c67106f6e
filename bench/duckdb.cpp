#include "duckdb.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tenure/base/file.hpp>

namespace tenure::bench {
namespace {

constexpr const char* kThreads = "2";

struct Pipe {
  int read = -1, write = -1;
};

Result<Pipe> make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Reason::kIo, std::string("pipe: ") + std::strerror(errno));
  return Pipe{ends[0], ends[1]};
}

Result<pid_t> spawn(const std::vector<std::string>& arguments, int input, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  std::vector<std::string> texts = arguments, settings = lab::plain_environment();
  std::vector<char*> argv, environment;
  for (auto& text : texts) argv.push_back(text.data());
  for (auto& text : settings) environment.push_back(text.data());
  argv.push_back(nullptr);
  environment.push_back(nullptr);
  pid_t child = -1;
  const int failed = ::posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environment.data());
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return fail(Reason::kProcessFailed, arguments[0] + ": " + std::strerror(failed));
  return child;
}

}  // namespace

std::int64_t DuckDb::Answer::number(std::size_t row, std::size_t column) const {
  const json::Value& value = rows.at(row).at(column);
  return value.is_int() ? value.as_int() : static_cast<std::int64_t>(value.as_double());
}

Result<DuckDb> DuckDb::start() {
  const std::string modules = TENURE_BENCH_PEERS;
  if (!file_exists(modules + "/node_modules/@duckdb/node-api/package.json"))
    return fail(Reason::kPeerMissing, "@duckdb/node-api is not in " + modules + ": run tools/setup test");
  TENURE_TRY(const std::string node, lab::find_program("node", "nodejs"));
  TENURE_TRY(lab::TempFolder folder, lab::TempFolder::create("tenure-bench"));
  TENURE_TRY(const Pipe requests, make_pipe());
  TENURE_TRY(const Pipe answers, make_pipe());
  ::signal(SIGPIPE, SIG_IGN);  // a child that is gone is an error of the request, not the end of the benchmark
  auto child = spawn({node, TENURE_BENCH_DUCKDB_SCRIPT, kThreads, modules}, requests.read, answers.write);
  ::close(requests.read);
  ::close(answers.write);
  if (!child) return fail(std::move(child).error());
  DuckDb peer(std::move(folder), *child, requests.write, answers.read);
  TENURE_TRY(const json::Value version, peer.ask(json::Object{{"version", true}}));
  peer.name_ = "DuckDB " + version.string_or("version", "v?").substr(1);
  return peer;
}

DuckDb::DuckDb(DuckDb&& other) noexcept
    : folder_(std::move(other.folder_)),
      name_(std::move(other.name_)),
      child_(std::exchange(other.child_, -1)),
      to_(std::exchange(other.to_, -1)),
      from_(std::exchange(other.from_, -1)),
      pending_(std::move(other.pending_)) {}

DuckDb::~DuckDb() {
  if (child_ < 0) return;
  ::close(to_);
  ::close(from_);
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
}

Result<json::Value> DuckDb::ask(const json::Value& request) {
  const std::string line = json::to_string(request) + "\n";
  if (::write(to_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
    return fail(Reason::kProcessFailed, "DuckDB takes no request");
  std::size_t end;
  while ((end = pending_.find('\n')) == std::string::npos) {
    char buffer[65536];
    const ssize_t got = ::read(from_, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(Reason::kProcessFailed, "DuckDB ended without an answer");
    pending_.append(buffer, static_cast<std::size_t>(got));
  }
  const std::string answer = pending_.substr(0, end);
  pending_.erase(0, end + 1);
  TENURE_TRY(json::Value value, json::parse(answer));
  if (const json::Value* error = value.find("error"))
    return fail(Reason::kProcessFailed, "DuckDB: " + (error->is_string() ? error->as_string() : answer));
  return value;
}

Result<json::Value> DuckDb::ask_with(const char* verb, std::string_view sql) {
  const std::string path = folder() + "/statements.sql";
  TENURE_CHECK_OK(write_file_atomic(path, sql));
  return ask(json::Object{{verb, path}});
}

Status DuckDb::run(std::string_view sql) {
  TENURE_CHECK_OK(ask_with("run", sql));
  return {};
}

Result<DuckDb::Answer> DuckDb::time(std::string_view sql) {
  TENURE_TRY(json::Value value, ask_with("time", sql));
  Answer answer;
  if (const json::Value* seconds = value.find("seconds"))
    answer.seconds = seconds->is_double() ? seconds->as_double() : static_cast<double>(seconds->as_int());
  if (const json::Value* rows = value.find("rows"))
    for (const json::Value& row : rows->as_array()) answer.rows.push_back(row.as_array());
  return answer;
}

std::uint64_t DuckDb::peak_resident_bytes() const {
  const auto status = read_file("/proc/" + std::to_string(child_) + "/status");
  if (!status) return 0;
  const auto at = status->find("VmHWM:");
  return at == std::string::npos ? 0 : std::strtoull(status->c_str() + at + 6, nullptr, 10) * 1024;
}

}  // namespace tenure::bench
