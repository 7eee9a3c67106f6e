// Who is who, decided by a person.
#include "cli/output.hpp"
#include "commands/all.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <tenure/app/identities.hpp>

namespace tenure::cli {
namespace {

std::string name_of(const model::Identity& identity) {
  return identity.key + " (identity:" + std::to_string(identity.id.value()) + ")";
}

Result<Exit> merge(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto merged,
             app::merge_identities(workspace, {call.arguments.text("KEEP"), call.arguments.text("GONE"),
                                               call.arguments.texts("first"), call.arguments.text("reason")}));
  Document document{"identity-merge/v1",
                    {{"kept", merged.kept.key},
                     {"kept_id", merged.kept.id.value()},
                     {"alias", merged.alias.key},
                     {"alias_id", merged.alias.id.value()},
                     {"accounts", merged.accounts},
                     {"names", merged.names},
                     {"relations", merged.relations}}};
  document.text = printable(name_of(merged.alias) + " is " + name_of(merged.kept) +
                            " from now on: " + count_of(static_cast<std::int64_t>(merged.accounts), "account") +
                            " and " + count_of(static_cast<std::int64_t>(merged.names), "name") + " followed.");
  document.after = "What follows for access is a plan. Next: tenure plan create";
  call.output.print(document);
  return Exit::kOk;
}

}  // namespace

std::vector<CommandSpec> identity_merge_commands() {
  return {{"identity merge",
           "two identities are one: accounts, names and records follow, an alias stays",
           {{"KEEP", "the identity that stays: key or login"}, {"GONE", "the one that becomes its alias"}},
           {{"reason", "TEXT", "why; it is recorded", Arity::kOne, true},
            {"first", "TARGET:LOGIN", "of two accounts of one class the one that roles mean (may be repeated)",
             Arity::kMany}},
           with_workspace<merge>}};
}

}  // namespace tenure::cli
