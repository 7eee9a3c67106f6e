// The only file that includes CLI11 (three seconds of compile time).
#include <pwd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <deque>

#include <tenure/base/text.hpp>

#include "cli/command.hpp"

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

void add_globals(CLI::App& app, Globals& globals) {
  app.add_option("--dir", globals.folder, "state folder (TENURE_DIR, else ./.tenure)")->type_name("FOLDER");
  app.add_option("--as", globals.actor, "who you are: key of a person or operator's name (TENURE_AS)")->type_name("PERSON");
  app.add_option("-o,--output", globals.format, "table, json, jsonl, yaml, csv")
      ->check(CLI::IsMember({"table", "json", "jsonl", "yaml", "csv"}));
  app.add_option("--progress", globals.progress, "auto, plain, json, off")
      ->check(CLI::IsMember({"auto", "plain", "json", "off"}));
  app.add_option("--color", globals.color, "auto, always, never")->check(CLI::IsMember({"auto", "always", "never"}));
  app.add_flag("-q,--quiet", globals.quiet, "no talk on stderr; errors only");
  app.add_flag("--exit-code", globals.exit_code, "exit 2 if the printed counts are not all zero");
}

void add_arguments(Slot& slot) {
  for (const auto& positional : slot.command->positionals) {
    auto* option = slot.app->add_option(positional.name, slot.values[positional.name], positional.help);
    option->required(positional.required)->type_name("");
    if (!positional.many) option->expected(positional.required ? 1 : 0, 1);
  }
  for (const auto& spec : slot.command->options) {
    if (spec.arity == Arity::kFlag) {
      slot.app->add_flag("--" + spec.name, slot.flags[spec.name], spec.help);
      continue;
    }
    auto* option = slot.app->add_option("--" + spec.name, slot.values[spec.name], spec.help);
    option->type_name(spec.value)->required(spec.required);
    if (spec.arity == Arity::kOne) option->expected(1);
    else option->expected(1)->take_all();
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
    slots.push_back({&command, parent->add_subcommand(words.back(), command.help), {}, {}});
    slots.back().app->fallthrough();
    add_arguments(slots.back());
  }
}

// "tenure plan creat" -> "plan create"
std::string suggestion(int argc, const char* const* argv) {
  std::vector<std::string> words;
  for (int i = 1; i < argc && words.size() < 2; ++i)
    if (argv[i][0] != '-') words.emplace_back(argv[i]);
  std::vector<std::string> candidates;
  for (const auto& command : all_commands()) candidates.push_back(command.path);
  for (const auto& [noun, help] : all_nouns()) candidates.push_back(noun);
  std::string found = nearest(join(words, " "), candidates);
  if (found.empty() && !words.empty()) found = nearest(words[0], candidates);
  return found;
}

bool want_color(const std::string& choice) {
  if (choice == "always") return true;
  if (choice == "never" || !environment("NO_COLOR", "").empty()) return false;
  return ::isatty(STDOUT_FILENO) != 0 && environment("TERM", "dumb") != "dumb";
}

GlobalOptions resolve(const Globals& globals) {
  static const std::map<std::string, Format> formats = {{"table", Format::kTable}, {"json", Format::kJson},
                                                        {"jsonl", Format::kJsonl}, {"yaml", Format::kYaml},
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
    root.parse(argc, const_cast<char**>(argv));  // NOLINT: CLI11 does not write through it
  } catch (const CLI::CallForHelp& help) {
    root.exit(help);
    return parsed;
  } catch (const CLI::CallForAllHelp& help) {
    root.exit(help);
    return parsed;
  } catch (const CLI::ParseError& error) {
    std::string text = error.what();
    const std::string near = suggestion(argc, argv);
    if (!near.empty()) text += "; did you mean `tenure " + near + "`?";
    Output(globals.format == "json" ? Format::kJson : Format::kTable, false, false).error(Error(Reason::kUsage, text));
    parsed.exit = Exit::kUsage;
    return parsed;
  }
  for (auto& slot : slots) {
    if (!slot.app->parsed()) continue;
    parsed.command = slot.command;
    for (auto& [name, values] : slot.values)
      if (!values.empty()) parsed.arguments.set(name, std::move(values));
    for (const auto& [name, given] : slot.flags)
      if (given) parsed.arguments.set(name, {});
  }
  parsed.global = resolve(globals);
  return parsed;
}

}  // namespace tenure::cli
