#include "commands/all.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <tenure/base/file.hpp>
#include <tenure/policy/test.hpp>

namespace tenure::cli {
namespace {

// The folder named, else the one of the state folder, else here. It is found without opening the state: a policy that
// does not load is what this command is for.
std::string policy_folder(const Call& call) {
  if (call.arguments.has("FOLDER")) return call.arguments.text("FOLDER");
  const auto text = read_file(call.global.folder + "/config.json");
  if (!text) return ".";
  const auto config = json::parse(*text);
  return config ? config->string_or("policy", ".") : ".";
}

std::int64_t number(std::size_t count) {
  return static_cast<std::int64_t>(count);
}

Exit check(const Call& call) {
  const std::string folder = policy_folder(call);
  Diagnostics diagnostics;
  const auto policy = app::load_policy_folder(folder, diagnostics);
  policy::ExampleCount examples;
  if (policy) examples = policy::run_examples(*policy, diagnostics);
  call.output.diagnostics(diagnostics);
  const std::int64_t errors = number(diagnostics.error_count());
  const std::int64_t warnings = number(diagnostics.sorted().size()) - errors;
  const Exit exit = worse(errors > 0 ? Exit::kFailed : Exit::kOk, unless_empty(call, errors + warnings));
  Document document{"policy-check/v1",
                    {{"folder", folder}, {"errors", errors}, {"warnings", warnings}, {"digest", nullptr}}};
  if (policy) {
    document.fields["digest"] = policy->digest.str();
    document.fields["name"] = policy->name;
    document.fields["documents"] = json::Object{{"sources", policy->sources.size()},
                                                {"targets", policy->targets.size()},
                                                {"roles", policy->roles.size()},
                                                {"approvals", policy->approvals.size()}};
    document.fields["examples"] = json::Object{{"run", examples.run}, {"failed", examples.failed}};
    document.text = "Policy " + policy->name + " " + policy->digest.brief() + ": " +
                    count_of(number(policy->sources.size()), "source") + ", " +
                    count_of(number(policy->targets.size()), "target") + ", " +
                    count_of(number(policy->roles.size()), "role") + "; " + count_of(number(examples.run), "example") +
                    " run, " + std::to_string(examples.failed) + " failed";
  }
  document.after = count_of(errors, "error") + ", " + count_of(warnings, "warning") +
                   (errors > 0 ? ". Nothing that uses this policy runs until they are corrected." : ".");
  call.output.print(document, exit);
  return exit;
}

}  // namespace

std::vector<CommandSpec> policy_commands() {
  return {{"policy check",
           "check every document and run the examples; all faults at once",
           {{"FOLDER", "policy folder (else that of the state folder, else here)", false}},
           {},
           check}};
}

}  // namespace tenure::cli
