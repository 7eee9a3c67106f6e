// The only file that includes CLI11 (three seconds of compile time).
#include "cli/command.hpp"

#include <algorithm>
#include <cstdlib>
#include <deque>

#include <CLI/CLI.hpp>
#include <pwd.h>
#include <unistd.h>

#include <tenure/base/text.hpp>

namespace tenure::cli {

std::string Arguments::text(const std::string& name, const std::string& fallback) const {
  const auto it = values_.find(name);
  return it == values_.end() || it->second.empty() ? fallback : it->second.front();
}

std::vector<std::string> Arguments::texts(const std::string& name) const {
  const auto it = values_.find(name);
  return it == values_.end() ? std::vector<std::string>{} : it->second;
}

namespace {

// Where CLI11 puts what it reads, for one command. Addresses must not move.
struct Slot {
  const CommandSpec* command = nullptr;
  CLI::App* app = nullptr;
  std::map<std::string, std::vector<std::string>> values;
  std::map<std::string, std::optional<std::string>> single;  // positionals that are given at most once
  std::map<std::string, bool> flags;
};

struct Globals {
  std::string folder, actor, format = "table", progress = "auto", color = "auto";
  bool quiet = false, exit_code = false;
};

std::string environment(const char* name, const std::string& fallback) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): before any thread is started
  return value == nullptr || *value == '\0' ? fallback : value;
}

std::string login_name() {
  const passwd* entry = getpwuid(getuid());  // NOLINT(concurrency-mt-unsafe): before any thread is started
  return entry == nullptr ? "unknown" : entry->pw_name;
}

const OptionSpec& global(const std::string& name) {
  for (const auto& spec : global_options())
    if (spec.name == name) return spec;
  std::abort();  // a defect of this file: the names below are those of the table
}

void add_globals(CLI::App& app, Globals& globals) {
  const auto value = [&](const char* flags, const char* name, std::string& into, std::vector<std::string> words = {}) {
    const OptionSpec& spec = global(name);
    auto* option = app.add_option(flags, into, spec.help)->type_name(spec.value);
    if (!words.empty()) option->check(CLI::IsMember(std::move(words)).description(""));
  };
  value("--dir", "dir", globals.folder);
  value("--as", "as", globals.actor);
  value("-o,--output", "output", globals.format, {"table", "json", "jsonl", "yaml", "csv"});
  value("--progress", "progress", globals.progress, {"auto", "plain", "json", "off"});
  value("--color", "color", globals.color, {"auto", "always", "never"});
  app.add_flag("-q,--quiet", globals.quiet, global("quiet").help);
  app.add_flag("--exit-code", globals.exit_code, global("exit-code").help);
}

void add_arguments(Slot& slot) {
  for (const auto& positional : slot.command->positionals) {
    auto* option = positional.many
                       ? slot.app->add_option(positional.name, slot.values[positional.name], positional.help)
                       : slot.app->add_option(positional.name, slot.single[positional.name], positional.help);
    option->required(positional.required)->type_name("");
  }
  for (const auto& spec : slot.command->options) {
    if (spec.arity == Arity::kFlag) {
      slot.app->add_flag("--" + spec.name, slot.flags[spec.name], spec.help);
      continue;
    }
    auto* option = slot.app->add_option("--" + spec.name, slot.values[spec.name], spec.help);
    option->type_name(spec.value)->required(spec.required);
    if (spec.arity == Arity::kOne)
      option->expected(1);
    else
      option->expected(1)->take_all();
  }
}

// Builds nouns and verbs. Slots keep what is read.
void build(CLI::App& root, std::deque<Slot>& slots) {
  std::map<std::string, CLI::App*> nouns;
  for (const auto& [noun, help] : all_nouns()) {
    nouns[noun] = root.add_subcommand(noun, help);
    nouns[noun]->require_subcommand(1);
    nouns[noun]->fallthrough();
  }
  for (const auto& command : all_commands()) {
    const auto words = split(command.path, ' ');
    CLI::App* parent = words.size() == 1 ? &root : nouns.at(words[0]);
    if (words.size() == 3) {  // "breakglass kit make"
      CLI::App*& group = nouns[words[0] + " " + words[1]];
      if (group == nullptr) {
        group = parent->add_subcommand(words[1], words[1] + "s");
        group->require_subcommand(1);
        group->fallthrough();
      }
      parent = group;
    }
    slots.push_back({&command, parent->add_subcommand(words.back(), command.help), {}, {}, {}});
    slots.back().app->fallthrough();
    slots.back().app->footer("Options of every command: tenure --help");
    if (command.hidden) slots.back().app->group("");
    add_arguments(slots.back());
  }
}

// The words that name a command, without options and the values of global ones.
std::vector<std::string> command_words(int argc, const char* const* argv) {
  std::vector<std::string> words;
  for (int i = 1; i < argc && words.size() < 3; ++i) {
    const std::string word = argv[i];
    if (word == "-o" || word == "--dir" || word == "--as" || word == "--output" || word == "--progress" ||
        word == "--color")
      ++i;
    else if (!word.starts_with("-"))
      words.push_back(word);
  }
  return words;
}

// What is wrong with the name of the command, with the nearest one; "" when it names one.
std::string unknown_command(const std::vector<std::string>& words) {
  if (words.empty()) return "a command is missing";
  std::vector<std::string> first, second, third;
  for (const auto& command : all_commands()) {
    const auto path = split(command.path, ' ');
    if (path == std::vector<std::string>(words.begin(), words.begin() + std::min(path.size(), words.size()))) return "";
    if (command.hidden) continue;
    first.push_back(path[0]);
    if (path.size() == 2 && path[0] == words[0]) second.push_back(path[1]);
    if (path.size() == 3 && path[0] == words[0] && words.size() > 1 && path[1] == words[1]) third.push_back(path[2]);
  }
  if (!third.empty()) return "`tenure " + words[0] + " " + words[1] + "` needs one of: " + join(third, ", ");
  if (!second.empty() && words.size() == 1) return "`tenure " + words[0] + "` needs one of: " + join(second, ", ");
  const bool noun = !second.empty();
  const std::string near = noun ? nearest(words[1], second) : nearest(words[0], first);
  const std::string given = noun ? words[0] + " " + words[1] : words[0];
  std::string text = "there is no command `tenure " + given + "`";
  if (!near.empty()) return text + "; did you mean `tenure " + (noun ? words[0] + " " + near : near) + "`?";
  return noun ? text + "; there are: " + join(second, ", ") : text;
}

bool want_color(const std::string& choice) {
  if (choice == "always") return true;
  if (choice == "never" || !environment("NO_COLOR", "").empty()) return false;
  return ::isatty(STDOUT_FILENO) != 0 && environment("TERM", "dumb") != "dumb";
}

GlobalOptions resolve(const Globals& globals) {
  static const std::map<std::string, Format> formats = {{"table", Format::kTable},
                                                        {"json", Format::kJson},
                                                        {"jsonl", Format::kJsonl},
                                                        {"yaml", Format::kYaml},
                                                        {"csv", Format::kCsv}};
  static const std::map<std::string, ProgressStyle> styles = {{"auto", ProgressStyle::kAuto},
                                                              {"plain", ProgressStyle::kPlain},
                                                              {"json", ProgressStyle::kJson},
                                                              {"off", ProgressStyle::kOff}};
  GlobalOptions options;
  options.folder = globals.folder.empty() ? environment("TENURE_DIR", ".tenure") : globals.folder;
  options.actor = globals.actor.empty() ? environment("TENURE_AS", login_name()) : globals.actor;
  options.format = formats.at(globals.format);
  options.progress = globals.quiet ? ProgressStyle::kOff : styles.at(globals.progress);
  options.quiet = globals.quiet;
  options.color = want_color(globals.color);
  options.exit_code = globals.exit_code;
  return options;
}

}  // namespace

const std::vector<OptionSpec>& global_options() {
  static const std::vector<OptionSpec> kOptions = {
      {"dir", "FOLDER", "state folder (else TENURE_DIR, else ./.tenure)"},
      {"as", "PERSON",
       "who you are: key or login of a person, or an operator's name (else TENURE_AS, else your login)"},
      {"output", "FORMAT", "-o: table, json, jsonl, yaml or csv"},
      {"progress", "STYLE", "auto, plain, json or off"},
      {"color", "WHEN", "auto, always or never (NO_COLOR is respected)"},
      {"quiet", "", "-q: no talk on stderr, errors only", Arity::kFlag},
      {"exit-code", "", "exit 2 if the printed counts are not all zero", Arity::kFlag}};
  return kOptions;
}

Parsed parse_command_line(int argc, const char* const* argv) {
  CLI::App root("Tenure: every access has a beginning, a reason, an end, and proof of all three.", "tenure");
  root.require_subcommand(1);
  root.fallthrough();
  Globals globals;
  add_globals(root, globals);
  std::deque<Slot> slots;
  build(root, slots);
  Parsed parsed;
  try {
    root.parse(argc, const_cast<char**>(argv));  // NOLINT(cppcoreguidelines-pro-type-const-cast): CLI11 only reads
  } catch (const CLI::CallForHelp& help) {
    root.exit(help);
    return parsed;
  } catch (const CLI::ParseError& error) {
    std::string text = unknown_command(command_words(argc, argv));
    if (text.empty()) text = error.what();
    Output(globals.format == "json" ? Format::kJson : Format::kTable, false, false).error(Error(Reason::kUsage, text));
    parsed.exit = Exit::kUsage;
    return parsed;
  }
  for (auto& slot : slots) {
    if (!slot.app->parsed()) continue;
    parsed.command = slot.command;
    for (auto& [name, values] : slot.values)
      if (!values.empty()) parsed.arguments.set(name, std::move(values));
    for (auto& [name, value] : slot.single)
      if (value) parsed.arguments.set(name, {std::move(*value)});
    for (const auto& [name, given] : slot.flags)
      if (given) parsed.arguments.set(name, {});
  }
  parsed.global = resolve(globals);
  return parsed;
}

}  // namespace tenure::cli
