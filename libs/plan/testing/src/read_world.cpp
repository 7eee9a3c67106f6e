#include <cstdio>
#include <cstdlib>

#include <tenure/base/json.hpp>
#include <tenure/plan/testing/small_world.hpp>

namespace tenure::plan::testing {
namespace {

[[noreturn]] void give_up(const std::string& message) {
  std::fprintf(stderr, "world: %s\n", message.c_str());
  std::abort();
}

Time time_of(const json::Value& value, std::string_view key, Time otherwise) {
  const std::string text = value.string_or(key, "");
  if (text.empty()) return otherwise;
  const auto time = Time::parse(text);
  if (!time) give_up(time.error().to_string());
  return *time;
}

const json::Array& list(const json::Value& value, std::string_view key) {
  static const json::Array kNone;
  const json::Value* found = value.find(key);
  if (found == nullptr) return kNone;
  if (!found->is_array()) give_up(std::string(key) + " must be a list");
  return found->as_array();
}

const json::Object& members(const json::Value& value, std::string_view key) {
  static const json::Object kNone;
  const json::Value* found = value.find(key);
  if (found == nullptr) return kNone;
  if (!found->is_object()) give_up(std::string(key) + " must be an object");
  return found->as_object();
}

// "PAY.DATA {"access":"READ"}" -> entitlement and parameters.
void split_right(const std::string& text, model::EntitlementId& entitlement, model::Parameters& parameters) {
  const std::size_t space = text.find(' ');
  entitlement = model::EntitlementId(text.substr(0, space));
  if (space != std::string::npos) parameters = text.substr(space + 1);
}

model::AccountRef ref_of(const std::string& text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string::npos) give_up("expected target/account, not " + text);
  return {model::TargetName(text.substr(0, slash)), model::NativeId(text.substr(slash + 1))};
}

model::Identity read_identity(const json::Value& value) {
  model::Identity identity;
  identity.id = model::IdentityId(value.int_or("id", 0));
  const auto kind = model::identity_kind(value.string_or("kind", "person"));
  if (!kind) give_up("kind of identity");
  identity.kind = *kind;
  identity.key = value.string_or("key", "");
  identity.alias_of = model::IdentityId(value.int_or("alias_of", 0));
  const model::SourceName source(value.string_or("source", "hr"));
  const Time known_at = time_of(value, "known_at", Time::from_micros(1));
  for (const auto& [name, fact] : members(value, "facts")) identity.facts[name] = {fact, false, source, known_at};
  for (const auto& name : list(value, "unknown")) {
    identity.facts[name.as_string()].unknown = true;
    identity.facts[name.as_string()].source = source;
    identity.facts[name.as_string()].known_at = known_at;
  }
  for (const auto& [name, at] : members(value, "news"))
    identity.facts.at(name).known_at = Time::parse(at.as_string()).value();
  for (const auto& one : list(value, "engagements")) {
    identity.engagements.push_back({source, one.string_or("key", ""), time_of(one, "start", Time::from_micros(1)),
                                    time_of(one, "end", Time::never()), one.string_or("status", "active")});
    identity.records.push_back({source, one.string_or("key", "")});
  }
  return identity;
}

TargetView read_target(const json::Value& value) {
  TargetView view;
  view.state.target = model::TargetName(value.string_or("name", ""));
  view.state.managed_since = time_of(value, "managed", Time{});
  view.state.managed = view.state.managed_since != Time{};
  view.state.unknown_since = time_of(value, "unknown_since", Time{});
  view.state.unknown_reason = value.string_or("unknown_reason", "");
  view.ends_sessions = value.bool_or("ends_sessions", false);
  view.own_restriction = value.string_or("own_restriction", "");
  if (value.find("accounts") == nullptr) return view;
  model::Observation observed;
  observed.target = view.state.target;
  observed.coverage.complete = value.find("not_read") == nullptr;
  for (const auto& part : list(value, "not_read")) observed.coverage.unknown.push_back(part.as_string());
  observed.coverage.reason = value.string_or("why_not_read", "");
  for (const auto& one : list(value, "accounts")) {
    model::Account account;
    account.id = model::NativeId(one.string_or("id", one.string_or("name", "")));
    account.name = one.string_or("name", "");
    account.account_class = one.string_or("class", "people");
    const auto purpose = model::purpose_from(one.string_or("purpose", "normal"));
    if (!purpose) give_up("purpose");
    account.purpose = *purpose;
    account.enabled = one.bool_or("enabled", true);
    account.restriction = one.string_or("restriction", "");
    for (const auto& [name, attribute] : members(one, "attributes")) account.attributes[name] = attribute;
    for (const auto& right : list(one, "grants")) {
      model::Grant grant{model::Holder{account.id, {}}, {}, {}};
      split_right(right.as_string(), grant.entitlement, grant.parameters);
      observed.grants.push_back(std::move(grant));
    }
    observed.accounts.push_back(std::move(account));
  }
  for (const auto& [inner, outers] : members(value, "nested"))
    for (const auto& outer : outers.as_array())
      observed.grants.push_back(
          {model::Holder{{}, model::EntitlementId(inner)}, model::EntitlementId(outer.as_string()), ""});
  observed.sort();
  view.observed = std::move(observed);
  return view;
}

model::Assignment read_assignment(const json::Value& value) {
  model::Assignment assignment;
  assignment.id = value.string_or("id", "");
  assignment.identity = model::IdentityId(value.int_or("identity", 0));
  assignment.role = model::RoleName(value.string_or("role", ""));
  assignment.duties = value.string_or("duties", "");
  if (!assignment.duties.empty()) assignment.kind = model::AssignmentKind::kException;
  const bool asked = value.bool_or("asked", false);
  assignment.state = asked ? model::AssignmentState::kAsked : model::AssignmentState::kApproved;
  assignment.owner = value.string_or("owner", "");
  assignment.since = time_of(value, "since", Time::from_micros(1));
  assignment.until = time_of(value, "until", Time::never());
  assignment.decide_again_by = time_of(value, "decide_again_by", Time::never());
  assignment.decide_again_because = value.string_or("decide_again_because", "");
  for (const auto& [name, fact] : members(value, "facts")) assignment.facts[name] = fact;
  return assignment;
}

}  // namespace

World read_world(std::string_view text) {
  const auto parsed = json::parse(text);
  if (!parsed) give_up(parsed.error().to_string());
  const json::Value& value = *parsed;
  World world;
  world.now = time_of(value, "now", Time{});
  world.policy_since = time_of(value, "policy_since", Time{});
  for (const auto& one : list(value, "identities")) {
    model::Identity identity = read_identity(one);
    const model::IdentityId id = identity.id;
    world.identities.emplace(id, std::move(identity));
  }
  for (const auto& one : list(value, "targets")) {
    TargetView view = read_target(one);
    const model::TargetName name = view.state.target;
    world.targets.emplace(name, std::move(view));
  }
  for (const auto& [account, identity] : members(value, "claims")) {
    const model::AccountRef ref = ref_of(account);
    world.claims[ref] = {ref, model::IdentityId(identity.as_int()), model::Purpose::kNormal, "test", world.now};
    const auto view = world.targets.find(ref.target);
    if (view != world.targets.end() && view->second.observed)
      if (const auto* found = view->second.observed->find_account(ref.id)) world.claims[ref].purpose = found->purpose;
  }
  for (const auto& one : list(value, "decisions")) {
    auto decision = model::decision_from_json(one);
    if (!decision) give_up(decision.error().to_string());
    if (one.find("right") != nullptr)
      split_right(one.string_or("right", ""), decision->entitlement, decision->parameters);
    world.decisions[row_id(*decision)] = *decision;
  }
  // "directory/u1": ["sales"] -> Tenure gave these because of the role that is named like them.
  for (const auto& [account, rights] : members(value, "granted"))
    for (const auto& right : rights.as_array()) {
      model::Decision decision;
      decision.kind = model::DecisionKind::kGranted;
      decision.account = ref_of(account);
      const std::string written = right.as_string();
      const std::size_t by = written.find(" by ");
      if (written != "account") split_right(written.substr(0, by), decision.entitlement, decision.parameters);
      if (by != std::string::npos) {
        const std::string giver = written.substr(by + 4);
        decision.actor = giver.starts_with("request ") ? giver : "role " + giver;
      }
      world.decisions[row_id(decision)] = decision;
    }
  for (const auto& one : list(value, "assignments")) {
    model::Assignment assignment = read_assignment(one);
    const model::IdentityId id = assignment.identity;
    world.assignments[id].push_back(std::move(assignment));
  }
  for (const auto& one : list(value, "names")) {
    auto name = model::name_from_json(one);
    if (!name) give_up(name.error().to_string());
    world.names[row_id(*name)] = *name;
  }
  for (const auto& source : list(value, "silent_sources")) world.silent_sources.emplace(source.as_string());
  return world;
}

}  // namespace tenure::plan::testing
