#include "random_world.hpp"

#include <algorithm>

namespace tenure::plan_check {
namespace {

const std::vector<std::string> kDepartments = {"Sales", "Finance", "Engineering", "Legal"};
const std::vector<std::string> kGiven = {"Anna", "Bo", "Cy"};
const std::vector<std::string> kFamily = {"Berg", "Lind"};
const std::string kRead = R"({"access":"READ"})", kUpdate = R"({"access":"UPDATE"})", kAlter = R"({"access":"ALTER"})";

struct Right {
  std::string entitlement, parameters;
};

std::vector<Right> rights_of(const std::string& target, const std::string& account_class) {
  if (target == "ledger") return {{"ledger_ro", ""}, {"ledger_rw", ""}, {"ledger_close", ""}, {"legacy_bi", ""}};
  if (target == "mainframe") return {{"PAY.DATA", kRead}, {"PAY.DATA", kUpdate}, {"STOCK.DATA", kAlter}};
  if (account_class == "admins") return {{"domain-admins", ""}};
  return {{"all-staff", ""}, {"sales", ""},     {"finance", ""},    {"engineering", ""}, {"build-admins", ""},
          {"project-x", ""}, {"club-golf", ""}, {"legacy-ftp", ""}, {"uncatalogued", ""}};
}

void set_fact(model::Identity& identity, const std::string& name, json::Value value, Time at) {
  identity.facts[name] = {std::move(value), false, model::SourceName("hr"), at};
}

void set_state(Dice& dice, model::Identity& identity, Time now) {
  model::Engagement& engagement = identity.engagements.front();
  engagement.start = Time::from_micros(1);
  engagement.end = Time::never();
  engagement.status = "active";
  switch (dice.below(10)) {
    case 0:
      engagement.status = "terminated";
      engagement.end = now - Duration::days(static_cast<std::int64_t>(dice.below(3)));
      break;
    case 1:
      engagement.status = "leave";
      break;
    case 2:
      engagement.start = now + Duration::days(static_cast<std::int64_t>(dice.below(9)));
      break;
    default:
      break;
  }
}

model::Identity person(Dice& dice, int id, Time now, Time at) {
  model::Identity identity;
  identity.id = model::IdentityId(id);
  identity.key = "P" + std::to_string(id);
  set_fact(identity, "person_id", identity.key, at);
  set_fact(identity, "given_name", dice.of(kGiven), at);
  set_fact(identity, "family_name", dice.of(kFamily), at);
  set_fact(identity, "department", dice.of(kDepartments), at);
  set_fact(identity, "level", static_cast<std::int64_t>(1 + dice.below(7)), at);
  set_fact(identity, "title", nullptr, at);
  if (dice.once_in(6)) identity.facts["level"].unknown = true;
  if (dice.once_in(10)) identity.facts["department"].unknown = true;
  identity.engagements = {{model::SourceName("hr"), "C" + std::to_string(id), {}, {}, ""}};
  identity.records = {{model::SourceName("hr"), "C" + std::to_string(id)}};
  set_state(dice, identity, now);
  return identity;
}

void add_account(Dice& dice, model::Observation& observed, const std::string& account_class, const std::string& name,
                 const json::Value& person_id) {
  model::Account account;
  account.id = model::NativeId(observed.target.str() + "-" + account_class + "-" + name);
  account.name = name;
  account.account_class = account_class;
  account.purpose = account_class == "admins" ? model::Purpose::kAdmin : model::Purpose::kNormal;
  account.enabled = !dice.once_in(6);
  if (!account.enabled && dice.once_in(3)) account.restriction = "locked";
  account.attributes = {{"employeeNumber", person_id}, {"person_id", person_id}, {"title", nullptr}};
  for (const Right& right : rights_of(observed.target.str(), account_class))
    if (dice.once_in(3))
      if (std::none_of(observed.grants.begin(), observed.grants.end(), [&](const model::Grant& other) {
            return other.holder.account == account.id && other.entitlement.str() == right.entitlement;
          }))
        observed.grants.push_back(
            {model::Holder{account.id, {}}, model::EntitlementId(right.entitlement), right.parameters});
  observed.accounts.push_back(std::move(account));
}

plan::TargetView& view_of(plan::World& world, const std::string& name) {
  plan::TargetView& view = world.targets[model::TargetName(name)];
  if (view.observed) return view;
  view.state.target = model::TargetName(name);
  view.observed.emplace();
  view.observed->target = view.state.target;
  view.observed->coverage.complete = true;
  view.own_restriction = "";
  return view;
}

void add_accounts(Dice& dice, plan::World& world, const model::Identity& identity) {
  const std::string name = "u" + std::to_string(identity.id.value());
  const json::Value number = dice.once_in(8) ? json::Value() : json::Value(identity.key);
  if (dice.once_in(4)) return;
  add_account(dice, *view_of(world, "directory").observed, "people", name, number);
  if (dice.once_in(8)) add_account(dice, *view_of(world, "directory").observed, "people", name + "-second", number);
  if (dice.once_in(3)) add_account(dice, *view_of(world, "directory").observed, "admins", "adm-" + name, number);
  if (dice.once_in(2)) add_account(dice, *view_of(world, "ledger").observed, "people", name, number);
  if (dice.once_in(2))
    add_account(dice, *view_of(world, "mainframe").observed, "users", "U" + std::to_string(identity.id.value()),
                number);
}

void meddle(Dice& dice, model::Observation& observed) {
  if (!observed.grants.empty() && dice.once_in(2))
    observed.grants.erase(observed.grants.begin() + static_cast<std::ptrdiff_t>(dice.below(observed.grants.size())));
  if (!observed.accounts.empty() && dice.once_in(3)) {
    model::Account& account = observed.accounts[dice.below(observed.accounts.size())];
    account.enabled = !account.enabled;
    account.restriction = account.enabled || dice.once_in(2) ? "" : "locked";
  }
  if (!observed.accounts.empty() && dice.once_in(2)) {
    const model::Account& account = observed.accounts[dice.below(observed.accounts.size())];
    const Right right = dice.of(rights_of(observed.target.str(), account.account_class));
    const model::Grant grant{model::Holder{account.id, {}}, model::EntitlementId(right.entitlement), right.parameters};
    std::erase_if(observed.grants, [&](const model::Grant& other) {
      return other.holder == grant.holder && other.entitlement == grant.entitlement;
    });
    observed.grants.push_back(grant);
  }
  if (!observed.accounts.empty() && dice.once_in(8)) {
    const model::NativeId gone = observed.accounts[dice.below(observed.accounts.size())].id;
    std::erase_if(observed.accounts, [&](const model::Account& account) { return account.id == gone; });
    std::erase_if(observed.grants, [&](const model::Grant& grant) { return grant.holder.account == gone; });
  }
}

}  // namespace

plan::World untouched_world(Dice& dice) {
  plan::World world;
  world.now = Time::parse("2026-11-01").value();
  for (const char* target : {"directory", "ledger", "mainframe"}) view_of(world, target);
  view_of(world, "ledger").ends_sessions = true;
  const int people = static_cast<int>(1 + dice.below(7));
  for (int id = 1; id <= people; ++id) {
    model::Identity identity = person(dice, id, world.now, Time::from_micros(1));
    add_accounts(dice, world, identity);
    world.identities.emplace(identity.id, std::move(identity));
  }
  if (dice.once_in(3)) add_account(dice, *view_of(world, "directory").observed, "people", "ghost", nullptr);
  for (auto& [name, view] : world.targets) view.observed->sort();
  return world;
}

void let_time_pass(Dice& dice, plan::World& world) {
  world.now = world.now + Duration::days(static_cast<std::int64_t>(1 + dice.below(40)));
  for (auto& [id, identity] : world.identities) {
    if (dice.once_in(3)) set_fact(identity, "department", dice.of(kDepartments), world.now);
    if (dice.once_in(4)) set_fact(identity, "level", static_cast<std::int64_t>(1 + dice.below(7)), world.now);
    if (dice.once_in(8)) identity.facts["level"].unknown = true;
    if (dice.once_in(3)) set_state(dice, identity, world.now);
  }
  const int next = static_cast<int>(world.identities.size()) + 1;
  if (dice.once_in(2)) {
    model::Identity identity = person(dice, next, world.now, world.now);
    world.identities.emplace(identity.id, std::move(identity));
  }
  for (auto& [name, view] : world.targets) {
    if (dice.once_in(2)) meddle(dice, *view.observed);
    view.observed->sort();
    view.state.unknown_since = dice.once_in(6) ? world.now : Time{};
    view.observed->coverage = {};
    view.observed->coverage.complete = !dice.once_in(6);
    if (!view.observed->coverage.complete && dice.once_in(2)) view.observed->coverage.unknown = {"people"};
    if (!view.observed->coverage.complete && dice.once_in(2))
      view.observed->coverage.unknown.emplace_back("entitlements");
  }
}

namespace {

// Any grant that is there, or one that is not.
model::Grant any_grant(Dice& dice, const model::Observation& observed) {
  if (!observed.grants.empty() && !dice.once_in(3)) return observed.grants[dice.below(observed.grants.size())];
  const model::Account& account = observed.accounts[dice.below(observed.accounts.size())];
  const Right right = dice.of(rights_of(observed.target.str(), account.account_class));
  return {model::Holder{account.id, {}}, model::EntitlementId(right.entitlement), right.parameters};
}

void decide(Dice& dice, plan::World& world, const model::Observation& observed) {
  using enum model::DecisionKind;
  const std::vector<model::DecisionKind> kinds = {kBaseline, kAdopted, kAccepted, kDeclared, kGranted, kGranted, kHeld};
  model::Decision decision;
  decision.kind = dice.of(kinds);
  const model::Grant grant = any_grant(dice, observed);
  decision.account = {observed.target, grant.holder.account};
  if (!dice.once_in(5)) {
    decision.entitlement = grant.entitlement;
    decision.parameters = grant.parameters;
  } else if (dice.once_in(2)) {
    decision.kind = kDisabled;
  }
  decision.actor = decision.kind == kGranted ? "role sales" : "ana.ash";
  decision.owner = "ana.ash";
  decision.since = world.now - Duration::days(static_cast<std::int64_t>(dice.below(100)));
  if (dice.once_in(2))
    decision.until = world.now + Duration::days(static_cast<std::int64_t>(dice.below(40))) - Duration::days(10);
  world.decisions[row_id(decision)] = decision;
}

void fly(Dice& dice, plan::World& world, const model::Observation& observed) {
  const model::Grant grant = any_grant(dice, observed);
  const std::vector<std::string> verbs = {"create", "grant", "revoke", "disable", "update", "enable"};
  plan::InFlight change{model::ChangeId("f" + std::to_string(world.in_flight.size())),
                        {observed.target, grant.holder.account},
                        grant.entitlement,
                        dice.of(verbs),
                        "",
                        model::IdentityId(static_cast<std::int64_t>(1 + dice.below(world.identities.size())))};
  if (change.verb == "create") {
    change.account.id = {};
    change.entitlement = {};
    change.name = "u9";
  }
  world.in_flight.push_back(change);
}

void find(Dice& dice, plan::World& world, const model::Observation& observed) {
  using enum model::FindingKind;
  const std::vector<model::FindingKind> kinds = {kDriftAdded, kDriftRemoved, kRestriction, kOrphan, kUnexplained};
  const model::Grant grant = any_grant(dice, observed);
  model::Finding finding;
  finding.kind = dice.of(kinds);
  finding.account = {observed.target, grant.holder.account};
  if (finding.kind != kRestriction && finding.kind != kOrphan) {
    finding.entitlement = grant.entitlement;
    finding.parameters = grant.parameters;
  }
  const auto claim = world.claims.find(finding.account);
  if (claim != world.claims.end()) finding.identity = claim->second.identity;
  finding.id =
      model::finding_id(finding.kind, finding.account, finding.entitlement, finding.parameters, finding.identity);
  finding.state = dice.once_in(3) ? model::FindingState::kAnswered : model::FindingState::kOpen;
  world.findings[finding.id] = finding;
}

}  // namespace

void complicate(Dice& dice, plan::World& world) {
  for (auto& [name, view] : world.targets) {
    if (!view.observed || view.observed->accounts.empty()) continue;
    for (int times = 0; times < 3; ++times) {
      if (dice.once_in(2)) decide(dice, world, *view.observed);
      if (dice.once_in(4)) fly(dice, world, *view.observed);
      if (dice.once_in(3)) find(dice, world, *view.observed);
    }
    if (dice.once_in(12)) view.observed.reset();  // lost: claims and decisions are all there is
  }
  for (auto& [id, decision] : world.decisions)
    if (decision.kind == model::DecisionKind::kGranted && dice.once_in(5))
      decision.until = world.now + Duration::days(static_cast<std::int64_t>(dice.below(60))) - Duration::days(15);
  const auto last = static_cast<std::int64_t>(world.identities.size());
  if (last > 2 && dice.once_in(3)) world.identities.at(model::IdentityId(2)).alias_of = model::IdentityId(1);
  if (last > 3 && dice.once_in(4)) world.identities.at(model::IdentityId(last)).alias_of = model::IdentityId(2);
  if (dice.once_in(4)) world.identities.at(model::IdentityId(1)).facts.erase("department");
  if (dice.once_in(4))
    world.identities.at(model::IdentityId(1)).facts["level"] = {"seven", false, model::SourceName("hr"), {}};
  if (dice.once_in(6)) world.identities.at(model::IdentityId(1)).engagements.clear();
  if (!world.claims.empty() && dice.once_in(4)) world.claims.erase(world.claims.begin());
  if (!world.claims.empty() && dice.once_in(6)) world.claims.begin()->second.identity = model::IdentityId(99);
  if (dice.once_in(4)) world.silent_sources.emplace("hr");
}

}  // namespace tenure::plan_check
