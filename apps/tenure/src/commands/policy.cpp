#include "cli/output.hpp"
#include "commands/all.hpp"
#include "commands/policy_test_report.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <algorithm>

#include <tenure/base/file.hpp>
#include <tenure/policy/diff.hpp>
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

json::Value row_of(const policy::ExampleResult& result) {
  json::Array faults;
  for (const auto& fault : result.faults)
    faults.push_back(json::Object{{"what", fault.what}, {"expected", fault.expected}, {"remedy", fault.remedy}});
  return json::Object{
      {"suite", result.suite},     {"name", result.name},       {"result", result.passed() ? "passed" : "failed"},
      {"file", result.place.file}, {"line", result.place.line}, {"faults", std::move(faults)}};
}

std::string failures_text(const std::vector<policy::ExampleResult>& results) {
  std::string text;
  for (const auto& result : results) {
    if (result.passed()) continue;
    text += "failed: " + printable(result.suite + ", " + result.name) + "  " + result.place.to_string() + "\n";
    for (const auto& fault : result.faults)
      text += "    " + printable(fault.what + "; expected: " + fault.expected) +
              (fault.remedy.empty() ? "" : "; " + printable(fault.remedy)) + "\n";
  }
  return text;
}

Exit test(const Call& call) {
  const std::string folder = policy_folder(call);
  Diagnostics diagnostics;
  const auto policy = app::load_policy_folder(folder, diagnostics);
  call.output.diagnostics(diagnostics);
  if (!policy) return report(call, fail(diagnostics.to_error()));
  const auto results = policy::test_examples(*policy);
  if (const std::string file = call.arguments.text("junit"); !file.empty())
    if (const auto written = write_file_atomic(file, junit_of(policy->name, results)); !written)
      return report(call, fail(written.error()));
  const std::int64_t run = number(results.size());
  const auto failed = number(static_cast<std::size_t>(
      std::count_if(results.begin(), results.end(), [](const auto& one) { return !one.passed(); })));
  Document document{
      "policy-test/v1",
      {{"folder", folder}, {"name", policy->name}, {"digest", policy->digest.str()}, {"run", run}, {"failed", failed}}};
  document.columns = {{"SUITE", "suite"}, {"NAME", "name"}, {"RESULT", "result"}, {"FILE", "file"}, {"LINE", "line"}};
  if (call.output.people()) {
    document.text = failures_text(results);
  } else {
    document.list = true;
    for (const auto& result : results) document.items.push_back(row_of(result));
  }
  document.after = count_of(run, "example") + " run, " + std::to_string(failed) + " failed.";
  const Exit exit = failed > 0 ? Exit::kFailed : Exit::kOk;
  call.output.print(document, exit);
  return exit;
}

std::string_view name_of(policy::DocumentChange::What what) {
  switch (what) {
    case policy::DocumentChange::What::kAdded:
      return "added";
    case policy::DocumentChange::What::kRemoved:
      return "removed";
    case policy::DocumentChange::What::kChanged:
      break;
  }
  return "changed";
}

std::string shown(const std::optional<json::Value>& value) {
  if (!value) return "(none)";
  return value->is_string() ? value->as_string() : json::to_string(*value);
}

json::Value row_of(const policy::DocumentChange& document, const policy::MemberChange* member) {
  json::Object row{{"kind", document.kind}, {"name", document.name}, {"what", name_of(document.what)}};
  if (member == nullptr) return row;
  row.emplace("member", member->path);
  if (member->before) row.emplace("before", *member->before);
  if (member->after) row.emplace("after", *member->after);
  return row;
}

std::string diff_text(const policy::PolicyDiff& found) {
  std::string text;
  for (const auto& document : found.documents) {
    const char symbol = document.what == policy::DocumentChange::What::kAdded     ? '+'
                        : document.what == policy::DocumentChange::What::kRemoved ? '-'
                                                                                  : '~';
    text += std::string(1, symbol) + " " + document.kind + " " + document.name + "\n";
    for (const auto& member : document.members)
      text += "    " + printable(member.path + ": " + shown(member.before) + " -> " + shown(member.after)) + "\n";
  }
  return text;
}

Exit diff(const Call& call) {
  Diagnostics diagnostics;
  const auto before = app::read_policy_folder(call.arguments.text("OLD"), diagnostics);
  const auto after = app::read_policy_folder(call.arguments.text("NEW"), diagnostics);
  std::optional<policy::PolicyDiff> found;
  if (before && after) found = policy::diff(*before, *after, diagnostics);
  call.output.diagnostics(diagnostics);
  if (!found) return report(call, fail(diagnostics.to_error()));
  Document document{"policy-diff/v1", {{"before", found->before.str()}, {"after", found->after.str()}}};
  document.columns = {{"KIND", "kind"},     {"NAME", "name"},     {"WHAT", "what"},
                      {"MEMBER", "member"}, {"BEFORE", "before"}, {"AFTER", "after"}};
  if (call.output.people()) {
    document.text = diff_text(*found);
    document.after = found->documents.empty() ? "No difference: policy " + found->before.brief() + "."
                                              : count_of(number(found->documents.size()), "document") + " between " +
                                                    found->before.brief() + " and " + found->after.brief() + ".";
  } else {
    document.list = true;
    for (const auto& one : found->documents) {
      if (one.members.empty()) document.items.push_back(row_of(one, nullptr));
      for (const auto& member : one.members) document.items.push_back(row_of(one, &member));
    }
  }
  const Exit exit = unless_empty(call, number(found->documents.size()));
  call.output.print(document, exit);
  return exit;
}

}  // namespace

std::vector<CommandSpec> policy_commands() {
  return {{"policy check",
           "check every document and run the examples; all faults at once",
           {{"FOLDER", "policy folder (else that of the state folder, else here)", false}},
           {},
           check},
          {"policy test",
           "run the examples that stand beside roles and in documents of their own; fails when one does",
           {{"FOLDER", "policy folder (else that of the state folder, else here)", false}},
           {{"junit", "FILE", "also write the results there as JUnit XML, for a build server"}},
           test},
          {"policy diff",
           "documents and members in which two policy folders differ in meaning",
           {{"OLD", "a policy folder"}, {"NEW", "the other one"}},
           {},
           diff}};
}

}  // namespace tenure::cli
