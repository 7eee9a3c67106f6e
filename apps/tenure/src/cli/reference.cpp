#include "cli/reference.hpp"

#include "cli/command.hpp"

namespace tenure::cli {
namespace {

constexpr std::string_view kHead = R"(# The command line
<!-- Written by `tenure __reference > docs/operations/cli.md` from the program's own tables; a test compares the two. -->

`tenure NOUN VERB [ARGUMENTS] [OPTIONS]`. Options that every command has may stand before or after the verb.

## Conventions
- **stdout is data, stderr is talk.** `-o table` is for people and may change. `json`, `jsonl`, `yaml` and `csv` are for
  programs: every JSON document, and every line of `jsonl`, has `"schema"` and `"outcome"`, the word for the exit code. An
  empty list is `[]`, never a sentence. Errors are on stderr; with `-o json` or `jsonl` each is one JSON line `error/v1`.
- **Unknown is not none.** What did not answer is listed: `? crm: unknown since ...` for people, `"unknown": [...]` in JSON and
  YAML, a line of its own in `jsonl`, a line on stderr with `csv`. Counts say what they cover: "34 grants from 3 of 4 targets".
- **Asserted is not verified.** A work order that somebody calls done is not done until a reading of the target shows it.
- **Symbols of a plan:** `+` grant, `~` change, `-` remove, `<` adopt, `m` work by hand, `?` could not be decided. `plan show`
  folds a plan to 40 lines and counts what it does not show; `--full` lists every change. The last line is the verdict and
  the next command.
- **A plan is named by its digest.** Every command takes a beginning of it, at least four digits: `9f3c`, `9f3c-77a1`.
- **A plan is checked twice** by a checker that shares no code with the planner: when it is made, and before anything of it is
  sent. A plan in which it finds a fault is refused with E-5011, naming the kind (digest, reason, revocation, order, duplicate,
  guard) and the change; nothing is stored, nothing is sent.
- **Consent names content.** `apply` of a plan that takes access away, or touches more than one person, shows the counts and
  asks for the short digest on a terminal. Without a terminal it needs `--approve sha256:...` with the whole digest, else it
  exits 7. There is no `--yes`. What has to be approved, and by whom, is policy: `plan approve`.
- **Ctrl-C during `apply`:** the first stops starting new steps, waits for those that run, and prints the command to resume;
  the second ends the process. Either way everything recorded is durable.
- **Progress** on stderr: a bar on a terminal, elsewhere a line every 10 % or 30 s; `--progress` plain, json or off.
- **Colour** only on a terminal, never with `NO_COLOR`; nothing is said by colour alone.
- **Secrets** are never arguments: documents refer to `env:NAME` or `file:PATH`.
- **Times** are RFC 3339 in UTC in data. Where one is given, a date (`2026-11-20`) means its first instant in UTC.
)";

std::string usage_of(const CommandSpec& command) {
  std::string text = "tenure " + command.path;
  for (const auto& positional : command.positionals) {
    const std::string name = positional.name + (positional.many ? "..." : "");
    text += positional.required ? " " + name : " [" + name + "]";
  }
  for (const auto& option : command.options)
    if (option.required) text += " --" + option.name + " " + option.value;
  return text;
}

std::string option_row(const OptionSpec& option) {
  return "| `--" + option.name + (option.value.empty() ? "" : " " + option.value) + "` | " + option.help +
         (option.required ? " (required)" : "") + " |\n";
}

void add_command(std::string& out, const CommandSpec& command) {
  out += "\n### " + command.path + "\n`" + usage_of(command) + "`: " + command.help + ".\n";
  if (command.positionals.empty() && command.options.empty()) return;
  out += "\n| argument | |\n|---|---|\n";
  for (const auto& positional : command.positionals) out += "| `" + positional.name + "` | " + positional.help + " |\n";
  for (const auto& option : command.options) out += option_row(option);
}

}  // namespace

std::string render_reference() {
  std::string out(kHead);
  out +=
      "\n## Exit codes\nOne table for all commands; the codes never change meaning. Over many targets or changes 1 "
      "beats 8 "
      "beats 2 beats 0.\n\n| code | outcome | meaning |\n|---|---|---|\n";
  for (const auto& info : all_exits())
    out += "| " + std::to_string(static_cast<int>(info.exit)) + " | " + std::string(info.outcome) + " | " +
           std::string(info.meaning) + " |\n";
  out += "\n## Options of every command\n| option | |\n|---|---|\n";
  for (const auto& option : global_options()) out += option_row(option);
  out += "\n## Commands\n";
  for (const auto& command : all_commands())
    if (!command.hidden) add_command(out, command);
  return out;
}

}  // namespace tenure::cli
