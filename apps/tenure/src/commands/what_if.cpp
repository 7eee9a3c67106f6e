#include "commands/all.hpp"
#include "commands/session.hpp"
#include "commands/what_if_view.hpp"
#include "commands/words.hpp"

namespace tenure::cli {
namespace {

// "department=Finance" -> attribute, text.
Result<std::map<std::string, std::string>> edits_of(const Call& call) {
  std::map<std::string, std::string> edits;
  for (const std::string& text : call.arguments.texts("set")) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string::npos)
      return fail(Reason::kUsage, "--set \"" + text + "\" is no ATTRIBUTE=VALUE");
    edits[text.substr(0, equals)] = text.substr(equals + 1);
  }
  return edits;
}

Result<app::WhatIf> asked(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto edits, edits_of(call));
  const bool facts = call.arguments.has("identity");
  if (facts == call.arguments.has("FOLDER") || facts == edits.empty())
    return fail(Reason::kUsage, "give the folder of an edited policy, or --identity with --set ATTRIBUTE=VALUE");
  if (facts) return app::what_if_facts(workspace, call.arguments.text("identity"), edits);
  Diagnostics diagnostics;
  TENURE_TRY(auto found, app::what_if_policy(workspace, call.arguments.text("FOLDER"), diagnostics));
  call.output.diagnostics(diagnostics);
  if (!found) return fail(diagnostics.to_error());
  return std::move(*found);
}

Result<Exit> what_if(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto found, asked(call, workspace));
  Document document{"policy-what-if/v1", what_if_fields(found)};
  document.columns = {{"IDENTITY", "identity"},       {"EFFECT", "effect"}, {"TARGET", "target"},
                      {"ENTITLEMENT", "entitlement"}, {"CLASS", "class"},   {"RISK", "risk"}};
  if (call.output.people()) {
    document.text = what_if_text(found, call.arguments.flag("full"));
  } else {
    document.list = true;
    document.items = what_if_rows(found);
  }
  const Exit exit = unless_empty(call, static_cast<std::int64_t>(found.impact.lines.size()));
  call.output.print(document, exit);
  return exit;
}

}  // namespace

std::vector<CommandSpec> what_if_commands() {
  return {{"policy what-if",
           "who would gain and lose what under an edited policy, or with other facts; touches nothing",
           {{"FOLDER", "the edited policy", false}},
           {{"identity", "IDENTITY", "instead: this identity, with other facts"},
            {"set", "ATTRIBUTE=VALUE", "what the fact would be (may be repeated)", Arity::kMany},
            {"full", "", "every identity and right", Arity::kFlag}},
           with_workspace<what_if>}};
}

}  // namespace tenure::cli
