// Commands as data: the table of nouns and verbs from which parsing, help, suggestions and the reference page are made.
#pragma once

#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "cli/progress.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace tenure::cli {

// What was given on the command line, by name of the option (without dashes) or of the positional.
class Arguments {
 public:
  bool has(const std::string& name) const { return values_.contains(name); }
  std::string text(const std::string& name, const std::string& fallback = "") const;
  std::vector<std::string> texts(const std::string& name) const;
  bool flag(const std::string& name) const { return has(name); }
  void set(const std::string& name, std::vector<std::string> values) { values_[name] = std::move(values); }

 private:
  std::map<std::string, std::vector<std::string>> values_;
};

// Options that every command has.
struct GlobalOptions {
  std::string folder;  // --dir, else TENURE_DIR, else ./.tenure
  std::string actor;   // --as, else TENURE_AS, else the login name
  Format format = Format::kTable;
  bool quiet = false;
  bool color = false;
  bool exit_code = false;  // --exit-code: 2 if the printed counts are not all zero
  ProgressStyle progress = ProgressStyle::kAuto;
};

struct Call {
  GlobalOptions global;
  Arguments arguments;
  Output output;
};

enum class Arity : std::uint8_t { kFlag, kOne, kMany };

struct OptionSpec {
  std::string name;   // "for", "approve"
  std::string value;  // "DIGEST"; "" for a flag
  std::string help;
  Arity arity = Arity::kOne;
  bool required = false;
};

struct PositionalSpec {
  std::string name;  // "IDENTITY"
  std::string help;
  bool required = true;
  bool many = false;
};

struct CommandSpec {
  std::string path;  // "plan create"
  std::string help;  // one line
  std::vector<PositionalSpec> positionals;
  std::vector<OptionSpec> options;
  Exit (*run)(const Call& call) = nullptr;
  bool hidden = false;  // not in the help and not in the reference
};

// Every command of the program, in the order of the help (commands/table.cpp).
const std::vector<CommandSpec>& all_commands();
// Nouns with one line each, for the groups of the help.
const std::vector<std::pair<std::string, std::string>>& all_nouns();

struct Parsed {
  const CommandSpec* command = nullptr;  // nullptr: help or a usage error was printed; return `exit`
  Exit exit = Exit::kOk;
  GlobalOptions global;
  Arguments arguments;
};

// Given with every command; for the reference page.
const std::vector<OptionSpec>& global_options();

// Prints help to stdout, usage errors (with the nearest command) to stderr.
Parsed parse_command_line(int argc, const char* const* argv);

}  // namespace tenure::cli
