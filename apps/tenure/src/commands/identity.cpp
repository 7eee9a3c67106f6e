#include "commands/all.hpp"
#include "commands/session.hpp"
#include "commands/words.hpp"

#include <tenure/app/lookup.hpp>
#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

std::string shown(const json::Value& value) {
  return value.is_string() ? value.as_string() : json::to_string(value);
}

Result<Exit> list(const Call& call, app::Workspace& workspace) {
  const std::string state = call.arguments.text("state");
  if (!state.empty() && !model::lifecycle_state(state))
    return fail(Reason::kUsage,
                "--state \"" + state + "\" is no lifecycle state (staged, active, suspended, leaving, left, ...)");
  TENURE_TRY(const auto lines, app::list_identities(workspace, state));
  Document document{"identity-list/v1"};
  document.list = true;
  document.columns = {{"KEY", "key"}, {"NAME", "name"}, {"KIND", "kind"}, {"STATE", "state"}, {"ACCOUNTS", "accounts"}};
  for (const auto& line : lines)
    document.items.push_back(json::Object{{"key", line.key},
                                          {"name", line.name},
                                          {"kind", line.kind},
                                          {"state", line.state},
                                          {"accounts", line.accounts}});
  document.after = count_of(static_cast<std::int64_t>(lines.size()), "identity", "identities") +
                   (state.empty() ? "" : " in state " + state) + (lines.empty() ? ". Next: tenure source pull" : "");
  const Exit exit = unless_empty(call, static_cast<std::int64_t>(document.items.size()));
  call.output.print(document, exit);
  return exit;
}

json::Object facts_of(const model::Identity& identity) {
  json::Object facts;
  for (const auto& [name, fact] : identity.facts)
    facts[name] = json::Object{{"value", fact.value},
                               {"unknown", fact.unknown},
                               {"source", fact.source.str()},
                               {"known_at", instant(fact.known_at)}};
  return facts;
}

json::Value account_of(const app::HeldAccount& account) {
  json::Array grants;
  for (const auto& grant : account.grants)
    grants.push_back(json::Object{{"entitlement", grant.entitlement},
                                  {"parameters", grant.parameters},
                                  {"why", grant.why},
                                  {"explained", grant.explained}});
  return json::Object{{"target", account.target},       {"account", account.name},
                      {"class", account.account_class}, {"purpose", model::name_of(account.purpose)},
                      {"enabled", account.enabled},     {"restriction", account.restriction},
                      {"grants", std::move(grants)}};
}

std::string facts_text(const model::Identity& identity) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [name, fact] : identity.facts) {
    std::string text = fact.value.is_null() ? (fact.unknown ? "" : "(none)") : shown(fact.value);
    if (fact.unknown) text = text.empty() ? "? unknown" : "? unknown, last known: " + text;
    pairs.emplace_back(name, text + "  (" + fact.source.str() + ")");
  }
  return aligned(pairs);
}

std::string account_text(const app::HeldAccount& account) {
  std::string text = "  " + printable(account.name) + " in " + account.target + ", " +
                     std::string(model::name_of(account.purpose)) + (account.enabled ? ", enabled" : ", disabled") +
                     (account.restriction.empty() ? "" : " (" + printable(account.restriction) + ")") + "\n";
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& grant : account.grants)
    pairs.emplace_back("  " + printable(grant.entitlement + (grant.parameters.empty() ? "" : " " + grant.parameters)),
                       (grant.explained ? "" : "! ") + grant.why);
  return text + aligned(pairs);
}

Result<Exit> show(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto view, app::show_identity(workspace, call.arguments.text("IDENTITY")));
  std::size_t grants = 0;
  json::Array accounts;
  for (const auto& account : view.accounts) {
    grants += account.grants.size();
    accounts.push_back(account_of(account));
  }
  Document document{"identity/v1",
                    {{"key", view.identity.key},
                     {"number", view.identity.id.value()},
                     {"kind", model::name_of(view.identity.kind)},
                     {"state", model::name_of(view.state)},
                     {"facts", facts_of(view.identity)},
                     {"accounts", std::move(accounts)},
                     {"grants", grants},
                     {"targets_known", view.targets_known},
                     {"targets_total", view.targets_total},
                     {"unknown", texts(view.unknown)}}};
  document.text = printable(view.identity.key) + "  " + std::string(model::name_of(view.identity.kind)) + ", " +
                  std::string(model::name_of(view.state)) + "\n" + facts_text(view.identity) +
                  count_of(static_cast<std::int64_t>(view.accounts.size()), "account") + " with " +
                  count_of(static_cast<std::int64_t>(grants), "grant") + " from " + std::to_string(view.targets_known) +
                  " of " + count_of(static_cast<std::int64_t>(view.targets_total), "target") + ":\n";
  for (const auto& account : view.accounts) document.text += account_text(account);
  for (const auto& unknown : view.unknown) document.text += "  ? " + printable(unknown) + "\n";
  document.after = "Next: tenure why " + view.identity.key + " TARGET:ENTITLEMENT";
  call.output.print(document);
  return Exit::kOk;
}

std::string path_text(const plan::AccessPath& path) {
  std::vector<std::string> steps;
  for (const auto& step : path) steps.push_back(step.str());
  return join(steps, " > ");
}

Result<Exit> who_can(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto answer, app::who_can(workspace, call.arguments.text("RESOURCE")));
  Document document{
      "who-can/v1",
      {{"target", answer.target}, {"entitlement", answer.entitlement}, {"unknown", texts(answer.unknown)}}};
  document.list = true;
  document.columns = {
      {"PERSON", "person"}, {"STATE", "state"}, {"ACCOUNT", "account"}, {"ENABLED", "enabled"}, {"PATH", "path"}};
  for (const auto& line : answer.lines) {
    json::Array paths;
    for (const auto& path : line.reach.paths) paths.push_back(path_text(path));
    document.items.push_back(json::Object{{"person", line.person.empty() ? "(nobody's)" : line.person},
                                          {"orphan", line.person.empty()},
                                          {"state", line.state},
                                          {"account", line.reach.account_name},
                                          {"enabled", line.reach.enabled},
                                          {"path", line.reach.paths.empty() ? "" : path_text(line.reach.paths.front())},
                                          {"paths", std::move(paths)}});
  }
  std::string after;
  for (const auto& unknown : answer.unknown) after += "? " + printable(unknown) + "\n";
  document.after = after + count_of(static_cast<std::int64_t>(answer.lines.size()), "account") + " can reach " +
                   answer.target + ":" + answer.entitlement +
                   (answer.unknown.empty() ? ", from a full reading." : ", as far as is known.");
  call.output.print(document);
  return Exit::kOk;
}

json::Value held_of(const plan::Explanation& held) {
  json::Array path;
  for (const auto& step : held.path) path.push_back(step.str());
  json::Object object{{"target", held.account.target.str()},
                      {"account", held.account_name},
                      {"enabled", held.enabled},
                      {"path", std::move(path)},
                      {"parameters", held.parameters},
                      {"standing", plan::name_of(held.standing)}};
  if (held.rule)
    object["rule"] = json::Object{{"rule", held.rule->rule}, {"text", held.rule->text}, {"term", held.rule->term}};
  if (held.decision)
    object["decision"] = json::Object{{"kind", model::name_of(held.decision->kind)},
                                      {"owner", held.decision->owner},
                                      {"actor", held.decision->actor},
                                      {"reason", held.decision->reason},
                                      {"since", instant(held.decision->since)},
                                      {"until", instant(held.decision->until)}};
  return object;
}

Result<Exit> why(const Call& call, app::Workspace& workspace) {
  TENURE_TRY(const auto answer, app::why(workspace, call.arguments.text("IDENTITY"), call.arguments.text("RESOURCE")));
  json::Array held;
  for (const auto& one : answer.held) held.push_back(held_of(one));
  Document document{"why/v1",
                    {{"identity", call.arguments.text("IDENTITY")},
                     {"resource", call.arguments.text("RESOURCE")},
                     {"state", model::name_of(answer.state)},
                     {"held", std::move(held)},
                     {"sentences", texts(answer.sentences)},
                     {"unknown", texts(answer.unknown)}}};
  if (answer.wanted)
    document.fields["wanted"] = json::Object{{"rule", answer.wanted->rule}, {"text", answer.wanted->text}};
  for (const auto& sentence : answer.sentences) document.text += printable(sentence) + "\n";
  for (const auto& unknown : answer.unknown) document.text += "? " + printable(unknown) + "\n";
  if (document.text.empty()) document.text = "It is not held, and no rule asks for it.\n";
  call.output.print(document);
  return Exit::kOk;
}

}  // namespace

std::vector<CommandSpec> identity_commands() {
  const PositionalSpec identity{"IDENTITY", "key, login of an account, or identity:NUMBER"};
  const PositionalSpec resource{"RESOURCE", "TARGET:ENTITLEMENT"};
  return {{"identity list",
           "who is governed",
           {},
           {{"state", "STATE", "only in this lifecycle state"}},
           with_workspace<list>},
          {"identity show",
           "facts, accounts and grants of one identity, with the reason of each grant",
           {identity},
           {},
           with_workspace<show>},
          {"who-can", "everybody who can reach a resource, and by which path", {resource}, {}, with_workspace<who_can>},
          {"why", "why somebody has a right, or would have it", {identity, resource}, {}, with_workspace<why>}};
}

}  // namespace tenure::cli
