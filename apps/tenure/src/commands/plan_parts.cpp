// Plans beside one another and plans in parts: plan diff, plan split.
#include "commands/all.hpp"
#include "commands/plan_diff_view.hpp"
#include "commands/plan_view.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <algorithm>

#include <tenure/app/lookup.hpp>
#include <tenure/app/plans.hpp>
#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

const std::vector<Column> kDiffColumns = {{"IN", "in"},         {"OP", "op"},           {"TARGET", "target"},
                                          {"CHANGE", "text"},   {"DIFFERS", "differs"}, {"REASON", "reason"},
                                          {"OTHER", "reason_b"}};
const std::vector<Column> kPartColumns = {{"PART", "key"},       {"PLAN", "brief"},
                                          {"CHANGES", "counts"}, {"PULLED ALONG", "pulled"},
                                          {"STATE", "status"},   {"MISSING", "missing"}};

Result<Exit> diff(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto a, app::find_plan(workspace, call.arguments.text("A")));
  TENURE_TRY(const auto b, app::find_plan(workspace, call.arguments.text("B")));
  const plan::Comparison found = plan::compare(a.plan, b.plan);
  const DiffView view{a.plan, a.digest, b.plan, b.digest, found};
  Document document{"plan-diff/v1", diff_fields(view)};
  document.columns = kDiffColumns;
  if (call.output.people()) {
    document.text = diff_text(view, call.arguments.flag("full"));
  } else {
    document.list = true;
    document.items = diff_rows(found);
  }
  const Exit exit = unless_empty(call, found.differences());
  call.output.print(document, exit);
  return exit;
}

Result<plan::GroupBy> split_by(const Call& call) {
  const std::string text = call.arguments.text("by");
  for (const auto& [name, by] : group_names())
    if (text == name) return by;
  return fail(Reason::kUsage, "--by is cause, target, identity or lane, not \"" + text + "\"");
}

// Identities are numbers in a plan, and keys or logins for people.
Result<std::vector<std::string>> only_keys(const Call& call, app::Workspace& workspace, plan::GroupBy by) {
  std::vector<std::string> keys;
  for (const std::string& given : call.arguments.texts("only")) {
    const bool number = std::all_of(given.begin(), given.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (by != plan::GroupBy::kIdentity || number) {
      keys.push_back(given);
      continue;
    }
    TENURE_TRY(const auto view, app::show_identity(workspace, given));
    keys.push_back(std::to_string(view.identity.id.value()));
  }
  return keys;
}

Result<Exit> split(const Call& call, app::Workspace& workspace) {
  if (call.arguments.flag("discard") != call.arguments.has("reason"))
    return fail(Reason::kUsage, "--discard gives the whole up and needs --reason TEXT, which is recorded");
  app::SplitPlanRequest request;
  request.digest = call.arguments.text("DIGEST");
  TENURE_TRY(request.how.by, split_by(call));
  TENURE_TRY(request.how.only, only_keys(call, workspace, request.how.by));
  request.how.pull = call.arguments.flag("pull");
  request.discard_reason = call.arguments.text("reason");
  TENURE_TRY(const auto outcome, app::split_plan(workspace, request));
  Document document{"plan-split/v1",
                    {{"digest", outcome.whole.digest.str()},
                     {"state", outcome.whole.state},
                     {"changes", outcome.whole.plan.changes.size()}}};
  document.list = true;
  document.columns = kPartColumns;
  for (const auto& part : outcome.parts)
    document.items.push_back(json::Object{{"key", part.key.empty() ? "the rest" : part.key},
                                          {"rest", part.key.empty()},
                                          {"digest", part.stored.digest.str()},
                                          {"brief", part.stored.digest.brief()},
                                          {"purpose", part.stored.plan.purpose},
                                          {"changes", part.stored.plan.changes.size()},
                                          {"counts", symbol_counts(part.stored.plan)},
                                          {"pulled", part.pulled},
                                          {"known_before", part.known},
                                          {"status", status_word(part.stored)},
                                          {"held", part.stored.held().size()},
                                          {"missing", texts(part.stored.missing)}});
  document.text = "Plan " + outcome.whole.digest.brief() + ": " +
                  count_of(static_cast<std::int64_t>(outcome.whole.plan.changes.size()), "change") + " in " +
                  count_of(static_cast<std::int64_t>(outcome.parts.size()), "part") + ".";
  document.after = outcome.whole.state == "discarded"
                       ? "The whole is discarded. Next: tenure plan show " + outcome.parts.front().stored.digest.brief()
                       : "The whole stays until it is given up: tenure plan discard " + outcome.whole.digest.brief() +
                             " --reason TEXT. Next: tenure plan show " + outcome.parts.front().stored.digest.brief();
  call.output.print(document);
  return Exit::kOk;
}

}  // namespace

std::vector<CommandSpec> plan_parts_commands() {
  return {{"plan diff",
           "what only one of two plans does, and what both do in another way",
           {{"A", "a plan: 9f3c, 9f3c-77a1 or sha256:..."}, {"B", "the other one"}},
           {{"full", "", "every difference, nothing folded", Arity::kFlag}},
           with_workspace<diff>},
          {"plan split",
           "parts of a plan, frozen as plans of their own",
           {{"DIGEST", "the plan: 9f3c, 9f3c-77a1 or sha256:..."}},
           {{"by", "WHAT", "a part for each cause, target, identity or lane", Arity::kOne, true},
            {"only", "KEY", "a part for this one, everything else being one part (may be repeated)", Arity::kMany},
            {"pull", "", "keep together what needs one another, instead of refusing", Arity::kFlag},
            {"discard", "", "give the whole up", Arity::kFlag},
            {"reason", "TEXT", "why the whole is given up; it is recorded"}},
           with_workspace<split>}};
}

}  // namespace tenure::cli
