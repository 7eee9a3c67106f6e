// Child processes of the laboratory: real servers and their tools, started without a shell.
//
// A child gets exactly the arguments and environment that are given, standard output and error in a log file (or in
// two), its own process group, and dies with the thread that started it (PR_SET_PDEATHSIG, SIGKILL): start peers from a
// thread that outlives them. Secrets never go into arguments, which every user of the machine can read; give them in
// files.
//
// For `tenure demo`, tests and benches only. One owner, one thread at a time. Errors: kProcessFailed when a program
// cannot be started, ends early, does not become ready or reports failure; kPeerMissing when it is not installed;
// kIo for files and folders.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include <tenure/base/error.hpp>
#include <tenure/base/time.hpp>

namespace tenure::lab {

// Another user to become in the child; only root can.
struct RunAs {
  uid_t uid = 0;
  gid_t gid = 0;
};

enum class Stdin : std::uint8_t { kNull, kHeldOpen };  // kHeldOpen: a pipe that stays empty until close_stdin()

struct ProcessOptions {
  std::vector<std::string> argv;         // argv[0] is a path (find_program)
  std::vector<std::string> environment;  // "NAME=value"; nothing is inherited (plain_environment() is a start)
  std::string log_path;                  // appended, 0600; empty = /dev/null
  std::string output_path;               // standard output alone, appended; empty = it goes to the log as well
  std::string folder;                    // working folder; empty = "/"
  std::optional<RunAs> run_as;
  Stdin stdin_from = Stdin::kNull;
};

// PATH, HOME=/nonexistent, LANG and TZ: the same on every machine.
std::vector<std::string> plain_environment();

class Process {
 public:
  // The program runs (execve succeeded) on return; it need not be ready.
  static Result<Process> start(const ProcessOptions& options);

  Process(Process&& other) noexcept;
  Process& operator=(Process&& other) noexcept;
  // Kills it and everything it started.
  ~Process();

  pid_t pid() const { return pid_; }
  bool running();
  // 0..255, or 128 + signal number; nothing while it runs.
  std::optional<int> exit_status() const { return status_; }
  // Ends by itself within the deadline: the exit status. Error kProcessFailed when it still runs.
  Result<int> wait(Duration within);
  // Sends `signal` to the program, waits, then KILL to it and its descendants. On return none of them runs.
  Status stop(Duration within, int signal);
  void kill();
  // SIGSTOP / SIGCONT to the program and its descendants: a peer that accepts connections and never answers.
  Status pause();
  Status resume();
  void close_stdin();

 private:
  Process(pid_t pid, int stdin_fd) : pid_(pid), stdin_fd_(stdin_fd) {}
  pid_t pid_ = -1;
  int stdin_fd_ = -1;
  std::optional<int> status_;
};

struct ToolOutput {
  int status = 0;
  std::string text;  // standard output and error together
};
// Runs a program to its end. Error kProcessFailed when it does not end in time; a non-zero status is the caller's to
// judge.
Result<ToolOutput> run_tool(ProcessOptions options, Duration within);
// As run_tool, and a status other than zero is kProcessFailed with the end of its output.
Result<std::string> run_tool_ok(ProcessOptions options, Duration within);

// Asks until the answer is true. False when the deadline passed.
bool poll_until(const std::function<bool()>& ready, Duration within);

// A TCP port on 127.0.0.1 that was free a moment ago; whoever uses it must be ready to find it taken.
Result<std::uint16_t> free_port();
bool port_answers(std::uint16_t port);

// The path of an installed program: `folders` first ("*" in a component = the highest version), then PATH and the sbin
// folders. Error kPeerMissing naming the Debian package.
Result<std::string> find_program(std::string_view name, std::string_view package,
                                 const std::vector<std::string>& folders = {});

// The user for servers that refuse root: `name`, or nobody, when this process is root; nothing otherwise.
std::optional<RunAs> ordinary_user(const char* name);

// 64 hexadecimal digits from getrandom(2).
std::string random_secret();
// Creates or replaces a file with mode 0600 from its first byte on.
Status write_secret_file(const std::string& path, std::string_view secret);

// A folder of its own under TMPDIR, else /tmp, 0700, removed with all it holds unless kept.
class TempFolder {
 public:
  static Result<TempFolder> create(std::string_view prefix = "tenure-lab");
  TempFolder(TempFolder&& other) noexcept;
  TempFolder& operator=(TempFolder&& other) noexcept;
  ~TempFolder();
  const std::string& path() const { return path_; }
  void keep() { kept_ = true; }

 private:
  explicit TempFolder(std::string path) : path_(std::move(path)) {}
  void remove();
  std::string path_;
  bool kept_ = false;
};

// A server that can be stopped, started again with the same arguments, and made to hang.
class Server {
 public:
  struct Options {
    std::string name;  // for errors
    ProcessOptions process;
    std::function<bool()> ready;  // a real request succeeds
    Duration ready_within = Duration::seconds(30);
    int stop_signal = 15;
    Duration stop_within = Duration::seconds(10);
  };
  // Ready on return. Error kProcessFailed with the end of the log.
  static Result<Server> start(Options options);

  Server(Server&&) = default;
  Server& operator=(Server&& other) noexcept;  // stop(), then takes over
  ~Server();                                   // stop()

  bool running() { return process_ && process_->running(); }
  pid_t pid() const { return process_ ? process_->pid() : -1; }
  Status stop();
  Status start_again();  // REQUIRES: stopped, or ended by itself
  // Ends it without any farewell, as a crash does.
  void kill();
  Status pause();
  Status resume();

 private:
  explicit Server(Options options) : options_(std::move(options)) {}
  Status await_ready();
  Options options_;
  std::optional<Process> process_;
};

}  // namespace tenure::lab
