#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <tenure/base/clock.hpp>
#include <tenure/base/file.hpp>
#include <tenure/lab/process.hpp>

namespace tenure::lab {
namespace {

constexpr long kPollNanoseconds = 5'000'000;
constexpr std::size_t kLogTailBytes = 1500;

Duration monotonic_now() {
  static const std::unique_ptr<Clock> clock = make_system_clock();
  return clock->monotonic();
}

void pause_between_polls() {
  const timespec pause{0, kPollNanoseconds};
  nanosleep(&pause, nullptr);
}

// Everything the child needs between fork and exec, prepared before: only async-signal-safe calls are allowed there.
struct ChildPlan {
  std::vector<char*> argv;
  std::vector<char*> environment;
  const char* folder;
  int log_fd;
  int output_fd;
  int stdin_fd;
  int report_fd;
  std::optional<RunAs> run_as;
  pid_t parent;
};

[[noreturn]] void become(const ChildPlan& plan) {
  const auto give_up = [&plan]() {
    const int code = errno;
    (void)!::write(plan.report_fd, &code, sizeof code);
    ::_exit(127);
  };
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);
  ::setpgid(0, 0);
  if (plan.run_as) {
    // Plain system calls: this process has one thread, and the library's wrappers are made for many.
    const gid_t group = plan.run_as->gid;
    if (::syscall(SYS_setgroups, 1UL, &group) != 0 || ::syscall(SYS_setgid, group) != 0 ||
        ::syscall(SYS_setuid, plan.run_as->uid) != 0) {
      give_up();
    }
  }
  // After the change of user, which clears it.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) give_up();
  if (::getppid() != plan.parent) ::_exit(127);
  if (::dup2(plan.stdin_fd, 0) < 0 || ::dup2(plan.output_fd, 1) < 0 || ::dup2(plan.log_fd, 2) < 0) give_up();
  if (::chdir(plan.folder) != 0) give_up();
  ::execve(plan.argv[0], plan.argv.data(), plan.environment.data());
  give_up();
  ::_exit(127);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  // execve's signature; it does not write.
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast)
  for (const std::string& text : texts) out.push_back(const_cast<char*>(text.c_str()));
  out.push_back(nullptr);
  return out;
}

// Parent of each process, from /proc.
std::multimap<pid_t, pid_t> children_by_parent() {
  std::multimap<pid_t, pid_t> out;
  DIR* dir = ::opendir("/proc");
  if (dir == nullptr) return out;
  while (const dirent* entry = ::readdir(dir)) {
    const pid_t pid = static_cast<pid_t>(std::strtol(entry->d_name, nullptr, 10));
    if (pid <= 0) continue;
    auto stat = read_file("/proc/" + std::string(entry->d_name) + "/stat");
    if (!stat) continue;  // it has just ended
    // The name in parentheses may hold anything: the fields start after the last ')': " S ppid ...".
    const std::size_t end = stat->rfind(')');
    if (end == std::string::npos || end + 4 > stat->size()) continue;
    out.emplace(static_cast<pid_t>(std::strtol(stat->c_str() + end + 4, nullptr, 10)), pid);
  }
  ::closedir(dir);
  return out;
}

// PostgreSQL's children leave the process group, so the tree is walked.
std::vector<pid_t> descendants(pid_t root) {
  const auto children = children_by_parent();
  std::vector<pid_t> out;
  std::vector<pid_t> open{root};
  while (!open.empty()) {
    const pid_t next = open.back();
    open.pop_back();
    for (auto [it, end] = children.equal_range(next); it != end; ++it) {
      out.push_back(it->second);
      open.push_back(it->second);
    }
  }
  return out;
}

std::string log_tail(const std::string& path) {
  auto text = path.empty() ? Result<std::string>("") : read_file(path);
  if (!text) return "";
  return text->size() > kLogTailBytes ? text->substr(text->size() - kLogTailBytes) : *text;
}

}  // namespace

std::vector<std::string> plain_environment() {
  return {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/nonexistent", "LANG=C.UTF-8",
          "TZ=UTC"};
}

Result<Process> Process::start(const ProcessOptions& options) {
  if (options.argv.empty()) return fail(Reason::kInternal, "no program to start");
  const std::string& log = options.log_path.empty() ? "/dev/null" : options.log_path;
  int report[2];
  int input[2] = {-1, -1};
  const int log_fd = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log_fd < 0) return fail(Reason::kIo, "cannot open " + log + ": " + std::strerror(errno));
  const std::string& output = options.output_path.empty() ? log : options.output_path;
  const int output_fd = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (output_fd < 0) {
    ::close(log_fd);
    return fail(Reason::kIo, "cannot open " + output + ": " + std::strerror(errno));
  }
  const auto open_input = [&] {
    if (options.stdin_from == Stdin::kHeldOpen) return ::pipe2(input, O_CLOEXEC) == 0;
    input[0] = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    return input[0] >= 0;
  };
  if (::pipe2(report, O_CLOEXEC) != 0 || !open_input()) {
    ::close(log_fd);
    ::close(output_fd);
    return fail(Reason::kIo, std::string("cannot make a pipe: ") + std::strerror(errno));
  }
  const ChildPlan plan{.argv = pointers(options.argv),
                       .environment = pointers(options.environment),
                       .folder = options.folder.empty() ? "/" : options.folder.c_str(),
                       .log_fd = log_fd,
                       .output_fd = output_fd,
                       .stdin_fd = input[0],
                       .report_fd = report[1],
                       .run_as = options.run_as,
                       .parent = ::getpid()};
  const pid_t pid = ::fork();
  if (pid == 0) become(plan);
  const int fork_errno = errno;
  ::close(log_fd);
  ::close(output_fd);
  ::close(input[0]);
  ::close(report[1]);
  int code = 0;
  ssize_t got = 0;
  if (pid > 0) {
    do {
      got = ::read(report[0], &code, sizeof code);
    } while (got < 0 && errno == EINTR);
  }
  ::close(report[0]);
  if (pid > 0 && got == 0) return Process(pid, input[1]);
  if (input[1] >= 0) ::close(input[1]);
  if (pid > 0) ::waitpid(pid, nullptr, 0);
  return fail(Reason::kProcessFailed,
              "cannot start " + options.argv[0] + ": " + std::strerror(pid < 0 ? fork_errno : code));
}

Process::Process(Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), stdin_fd_(std::exchange(other.stdin_fd_, -1)), status_(other.status_) {}

Process& Process::operator=(Process&& other) noexcept {
  if (this != &other) {
    kill();
    close_stdin();
    pid_ = std::exchange(other.pid_, -1);
    stdin_fd_ = std::exchange(other.stdin_fd_, -1);
    status_ = other.status_;
  }
  return *this;
}

Process::~Process() {
  kill();
  close_stdin();
}

void Process::close_stdin() {
  if (stdin_fd_ >= 0) ::close(std::exchange(stdin_fd_, -1));
}

bool Process::running() {
  if (pid_ <= 0 || status_) return false;
  int raw = 0;
  const pid_t ended = ::waitpid(pid_, &raw, WNOHANG);
  if (ended == 0) return true;
  status_ = ended < 0 ? 127 : WIFSIGNALED(raw) ? 128 + WTERMSIG(raw) : WEXITSTATUS(raw);
  return false;
}

Result<int> Process::wait(Duration within) {
  if (!poll_until([this] { return !running(); }, within)) {
    return fail(Reason::kProcessFailed, "process " + std::to_string(pid_) + " did not end in time", Effect::kUnknown);
  }
  return *status_;
}

Status Process::stop(Duration within, int signal) {
  if (!running()) return {};
  // A stopped process does not see the signal.
  for (const pid_t pid : descendants(pid_)) ::kill(pid, SIGCONT);
  ::kill(pid_, SIGCONT);
  ::kill(pid_, signal);
  if (!poll_until([this] { return !running(); }, within)) kill();
  return {};
}

void Process::kill() {
  if (!running()) return;
  const std::vector<pid_t> rest = descendants(pid_);
  ::kill(pid_, SIGKILL);
  for (const pid_t pid : rest) ::kill(pid, SIGKILL);
  ::kill(-pid_, SIGKILL);
  int raw = 0;
  while (::waitpid(pid_, &raw, 0) < 0 && errno == EINTR) {
  }
  status_ = 128 + SIGKILL;
}

Status Process::pause() {
  if (!running()) return fail(Reason::kProcessFailed, "cannot pause a process that has ended");
  // The program first, so that it starts nothing more while its children are stopped.
  ::kill(pid_, SIGSTOP);
  for (const pid_t pid : descendants(pid_)) ::kill(pid, SIGSTOP);
  return {};
}

Status Process::resume() {
  if (!running()) return fail(Reason::kProcessFailed, "cannot resume a process that has ended");
  for (const pid_t pid : descendants(pid_)) ::kill(pid, SIGCONT);
  ::kill(pid_, SIGCONT);
  return {};
}

bool poll_until(const std::function<bool()>& ready, Duration within) {
  const Duration deadline = monotonic_now() + within;
  while (!ready()) {
    if (monotonic_now() >= deadline) return false;
    pause_between_polls();
  }
  return true;
}

Result<ToolOutput> run_tool(ProcessOptions options, Duration within) {
  std::optional<TempFolder> own;
  std::size_t skip = 0;
  if (options.log_path.empty()) {
    TENURE_TRY(own, TempFolder::create("tenure-tool"));
    options.log_path = own->path() + "/output";
  } else if (auto before = read_file(options.log_path)) {
    skip = before->size();
  }
  TENURE_TRY(Process process, Process::start(options));
  auto status = process.wait(within);
  if (!status) return fail(std::move(status.error()).add_context("running " + options.argv[0]));
  TENURE_TRY(std::string text, read_file(options.log_path));
  return ToolOutput{.status = *status, .text = text.substr(std::min(skip, text.size()))};
}

Result<std::string> run_tool_ok(ProcessOptions options, Duration within) {
  const std::string name = options.argv.empty() ? "" : options.argv[0];
  TENURE_TRY(ToolOutput output, run_tool(std::move(options), within));
  if (output.status == 0) return std::move(output.text);
  const std::size_t from = output.text.size() > kLogTailBytes ? output.text.size() - kLogTailBytes : 0;
  return fail(Reason::kProcessFailed,
              name + " ended with status " + std::to_string(output.status) + ": " + output.text.substr(from));
}

Result<Server> Server::start(Options options) {
  Server server(std::move(options));
  TENURE_CHECK_OK(server.start_again());
  return server;
}

Server& Server::operator=(Server&& other) noexcept {
  if (this != &other) {
    (void)stop();
    options_ = std::move(other.options_);
    process_ = std::move(other.process_);
  }
  return *this;
}

Server::~Server() {
  (void)stop();
}

Status Server::start_again() {
  if (running()) return fail(Reason::kProcessFailed, options_.name + " runs already");
  auto process = Process::start(options_.process);
  if (!process) return fail(std::move(process.error()).add_context("starting " + options_.name));
  process_ = std::move(*process);
  return await_ready();
}

Status Server::await_ready() {
  bool ended = false;
  const bool ready =
      poll_until([&] { return (ended = !process_->running()) || options_.ready(); }, options_.ready_within);
  if (ready && !ended) return {};
  process_->kill();
  const std::string why =
      ended ? " ended with status " + std::to_string(process_->exit_status().value_or(-1)) : " was not ready in time";
  return fail(Reason::kProcessFailed,
              options_.name + why + "; log " + options_.process.log_path + ": " + log_tail(options_.process.log_path));
}

Status Server::stop() {
  return process_ ? process_->stop(options_.stop_within, options_.stop_signal) : Status{};
}

void Server::kill() {
  if (process_) process_->kill();
}

Status Server::pause() {
  return process_ ? process_->pause() : fail(Reason::kProcessFailed, options_.name + " does not run");
}

Status Server::resume() {
  return process_ ? process_->resume() : fail(Reason::kProcessFailed, options_.name + " does not run");
}

}  // namespace tenure::lab
