// The real program as a child process: words in; exit code, standard output and standard error out.
#pragma once

#include <string>
#include <vector>

#include <tenure/base/json.hpp>
#include <tenure/lab/process.hpp>

namespace tenure::e2e {

using Words = std::vector<std::string>;

struct Ran {
  int exit = -1;  // 128 + signal number when a signal ended it
  std::string out;
  std::string err;

  // Standard output as JSON; a failure of the test and null when it is none.
  json::Value json() const;
  // The lines of standard error that are JSON documents of this schema ("error/v1", "diagnostic/v1").
  std::vector<json::Value> said(const std::string& schema) const;
  std::string both() const { return "exit " + std::to_string(exit) + "\n" + out + err; }
};

struct Invocation {
  std::string state;                     // --dir
  std::string actor = "ana.ash";         // --as
  Words wrapper;                         // a program before ours and its arguments, such as prlimit
  std::vector<std::string> environment;  // beside plain_environment()
  Duration within = Duration::seconds(150);
};

// The program while it runs. One owner; killed with it.
class Running {
 public:
  static Result<Running> start(const Words& words, const Invocation& invocation);
  lab::Process& process() { return process_; }
  // Waits for its end. A failure of the test when it does not end in time.
  Ran finish();

 private:
  Running(lab::TempFolder folder, lab::Process process, Duration within)
      : folder_(std::move(folder)), process_(std::move(process)), within_(within) {}
  lab::TempFolder folder_;  // outlives the process
  lab::Process process_;
  Duration within_;
};

Ran run_program(const Words& words, const Invocation& invocation);

// Items of a list document; empty, and a failure of the test, when there are none to be had.
std::vector<json::Value> items_of(const json::Value& document);
// The first item whose member has this text; nullptr when there is none.
const json::Value* item_with(const std::vector<json::Value>& items, const std::string& member, const std::string& text);

std::string read(const std::string& path);
void write(const std::string& path, const std::string& content);
std::vector<std::string> lines_of(const std::string& text);

}  // namespace tenure::e2e
