// tenure: parses the command line, runs one command, ends with the exit code of docs/operations/cli.md.
#include "cli/command.hpp"

#include <csignal>
#include <cstdio>
#include <exception>

#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace tenure;
using namespace tenure::cli;

// What was printed must have arrived: a full disk behind a redirection is a failure. A reader that closed the pipe,
// such as head, had enough.
Exit flushed(Exit exit) {
  const bool lost = std::fflush(stdout) != 0 || std::ferror(stdout) != 0;
  struct stat status{};
  const bool pipe = ::fstat(STDOUT_FILENO, &status) == 0 && (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode));
  if (!lost || pipe || exit != Exit::kOk) return exit;
  Output(Format::kTable, false, false).error(Error(Reason::kIo, "standard output could not be written"));
  return Exit::kFailed;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const Parsed parsed = parse_command_line(argc, argv);
  if (parsed.command == nullptr) return static_cast<int>(parsed.exit);
  const Call call{parsed.global, parsed.arguments,
                  Output(parsed.global.format, parsed.global.color, parsed.global.quiet)};
  try {
    return static_cast<int>(flushed(parsed.command->run(call)));
  } catch (const std::exception& exception) {
    // Nothing of ours throws: memory is exhausted, or there is a defect. What was recorded is durable.
    call.output.error(Error(Reason::kInternal, exception.what(), Effect::kUnknown));
    return static_cast<int>(Exit::kFailed);
  }
}
