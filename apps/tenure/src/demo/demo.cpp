// `tenure demo`: the demonstration company on real systems, and the story told on it.
#include "demo/demo.hpp"

#include "cli/command.hpp"
#include "demo/story.hpp"
#include "environment.hpp"

#include <cstdio>
#include <filesystem>

#include <sys/stat.h>
#include <unistd.h>

#include <tenure/base/file.hpp>

namespace tenure::demo {
namespace {

using cli::Call;
using cli::Exit;

std::string seconds(Duration d) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", d.to_seconds());
  return text;
}

std::string default_policy_folder() {
  return file_exists(TENURE_EXAMPLES_DIR "/nordhaven/tenure.yaml") ? TENURE_EXAMPLES_DIR "/nordhaven"
                                                                   : "examples/nordhaven";
}

Time today_of(const Clock& clock) {
  const std::int64_t day = Duration::days(1).to_micros();
  return Time::from_micros(clock.now().to_micros() / day * day);
}

cli::Document summary_document(const Summary& s, const Stage& stage, Duration took) {
  cli::Document document;
  document.schema = "demo/v1";
  json::Object leavers;
  std::string text = "\nNordhaven, governed in " + seconds(took) + "\n";
  const auto line = [&](const std::string& what, std::int64_t value) {
    text += "  " + what + ": " + std::to_string(value) + "\n";
  };
  line("identities", s.identities);
  line("accounts read back", s.accounts);
  line("grants read back", s.grants);
  line("claims and grants explained at the start", s.adopted);
  line("grants left as the baseline", s.baseline);
  line("orphan accounts found", s.orphans);
  line("changes verified by read-back", s.changes_verified);
  line("work orders verified by an export", s.work_orders_verified);
  for (const auto& [target, wait] : s.leaver_to_verified) {
    text += "  leaver row to verified gone, slowest, " + target + ": " + seconds(wait) + "\n";
    leavers.emplace(target, wait.to_seconds());
  }
  text += "  evidence: " + std::to_string(s.records) + " records in " + std::to_string(s.cases) + " cases, " +
          (s.evidence_ok ? "verified" : "NOT VERIFIED") + "\n";
  text += "  checks: " + std::to_string(stage.checks()) + ", " + std::to_string(stage.failures().size()) +
          " did not hold\n";
  for (const auto& failure : stage.failures()) text += "    " + failure + "\n";
  document.text = text;
  document.fields = {{"identities", s.identities},
                     {"accounts", s.accounts},
                     {"grants", s.grants},
                     {"explained", s.adopted},
                     {"baseline", s.baseline},
                     {"orphans", s.orphans},
                     {"changes_verified", s.changes_verified},
                     {"work_orders_verified", s.work_orders_verified},
                     {"leaver_to_verified_seconds", leavers},
                     {"records", s.records},
                     {"cases", s.cases},
                     {"evidence_verified", s.evidence_ok},
                     {"checks", stage.checks()},
                     {"checks_failed", stage.failures().size()},
                     {"seconds", took.to_seconds()}};
  return document;
}

void stay(const Call& call, const Nordhaven& nordhaven) {
  call.output.say("\nThe servers run on until Ctrl-C. In another terminal:\n    export TENURE_DIR=" +
                  nordhaven.state_folder() + "\n    tenure status\n    tenure drift list\n    tenure why " +
                  nordhaven.expectations().adopted.person_id + " ledger:reporting_ro");
  while (!cli::stop_requested()) ::pause();
}

Exit run(const Call& call) {
  cli::install_stop_signals();
  app::Environment environment = cli::program_environment();
  const bool once = call.arguments.flag("once");
  const bool terminal = ::isatty(STDIN_FILENO) != 0;
  const Duration begun = environment.clock.monotonic();
  Result<lab::TempFolder> own = lab::TempFolder::create("tenure-demo");
  if (!own) {
    call.output.error(own.error());
    return Exit::kFailed;
  }
  // PostgreSQL does not run as root. Where its own user cannot get through, its data would lie elsewhere and stay.
  ::chmod(own->path().c_str(), 0711);
  std::string folder = call.arguments.text("folder", own->path());
  if (folder[0] != '/') folder = std::filesystem::absolute(folder).string();
  NordhavenOptions options{folder, call.arguments.text("policy", default_policy_folder()), 20261120, 2000,
                           today_of(environment.clock)};
  if (call.arguments.has("people")) options.people = std::atoi(call.arguments.text("people").c_str());
  auto nordhaven = Nordhaven::start(options);
  if (!nordhaven) {
    call.output.error(nordhaven.error());
    return Exit::kFailed;
  }
  call.output.say("Nordhaven: " + std::to_string((*nordhaven)->expectations().people) +
                  " people; real servers on loopback: slapd, PostgreSQL, a SCIM 2.0 application; a mainframe without "
                  "an interface.  ready in " +
                  seconds(environment.clock.monotonic() - begun));
  Stage stage(call.output, !once && terminal);
  Story story(stage, **nordhaven, environment, options.policy_folder);
  const bool told = story.tell();
  const bool held = told && stage.failures().empty();
  const Exit exit = held ? Exit::kOk : Exit::kFailed;
  call.output.print(summary_document(story.summary(), stage, environment.clock.monotonic() - begun), exit);
  if (!once && held) stay(call, **nordhaven);
  return exit;
}

}  // namespace

std::vector<cli::CommandSpec> demo_commands() {
  return {{"demo",
           "a company of 2,000 people on real servers, and the whole loop on it",
           {},
           {{"once", "", "no questions; ends and cleans up; exit 0 only if every step held", cli::Arity::kFlag},
            {"folder", "FOLDER", "where to keep everything (else a temporary folder that is removed)"},
            {"people", "N", "persons in the HR export, 100 to 20,000"},
            {"policy", "FOLDER", "another policy folder for the same company"}},
           run}};
}

}  // namespace tenure::demo
