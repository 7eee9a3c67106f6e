#include "json_codec.hpp"

#include <algorithm>

#include <tenure/base/hash.hpp>
#include <tenure/model/access.hpp>

namespace tenure::model {
namespace {

constexpr std::array<std::string_view, 5> kPurposes = {"normal", "admin", "test", "service", "shared"};
constexpr std::array<std::string_view, 4> kScopes = {"managed", "additive", "observed", "ignored"};
constexpr std::array<std::string_view, 4> kRisks = {"low", "medium", "high", "privileged"};

json::Value attributes_to_json(const AttributeMap& attributes) {
  json::Object object;
  for (const auto& [name, value] : attributes) object.emplace(name, value);
  return object;
}

}  // namespace

std::string_view name_of(Purpose purpose) {
  return codec::enum_name(kPurposes, purpose);
}
std::string_view name_of(Scope scope) {
  return codec::enum_name(kScopes, scope);
}
std::string_view name_of(Risk risk) {
  return codec::enum_name(kRisks, risk);
}
std::optional<Purpose> purpose_from(std::string_view name) {
  return codec::enum_from<Purpose>(kPurposes, name);
}
std::optional<Scope> scope_from(std::string_view name) {
  return codec::enum_from<Scope>(kScopes, name);
}
std::optional<Risk> risk_from(std::string_view name) {
  return codec::enum_from<Risk>(kRisks, name);
}

void Observation::sort() {
  const auto by_id = [](const auto& a, const auto& b) { return a.id < b.id; };
  std::sort(accounts.begin(), accounts.end(), by_id);
  std::sort(entitlements.begin(), entitlements.end(), by_id);
  std::sort(grants.begin(), grants.end());
}

std::string Observation::content_digest() const {
  std::string text;
  for (const auto& account : accounts) text += json::to_string(to_json(account)) + "\n";
  for (const auto& entitlement : entitlements) text += entitlement.id.str() + "\t" + entitlement.title + "\n";
  for (const auto& grant : grants) text += json::to_string(to_json(grant)) + "\n";
  return Digest::of(text).str();
}

const Account* Observation::find_account(const NativeId& id) const {
  const auto it = std::lower_bound(accounts.begin(), accounts.end(), id,
                                   [](const Account& account, const NativeId& wanted) { return account.id < wanted; });
  return it != accounts.end() && it->id == id ? &*it : nullptr;
}

std::vector<Grant> Observation::grants_of(const NativeId& id) const {
  const auto first = std::lower_bound(grants.begin(), grants.end(), Grant{Holder{id, {}}, {}, {}});
  auto last = first;
  while (last != grants.end() && last->holder.account == id) ++last;
  return {first, last};
}

json::Value to_json(const Account& account) {
  json::Object object{{"id", account.id.str()},         {"name", account.name},
                      {"class", account.account_class}, {"purpose", name_of(account.purpose)},
                      {"enabled", account.enabled},     {"attributes", attributes_to_json(account.attributes)}};
  codec::put_text(object, "incarnation", account.incarnation);
  codec::put_text(object, "restriction", account.restriction);
  return object;
}

Result<Account> account_from_json(const json::Value& value) {
  const json::Reader reader(value, "account");
  Account account;
  TENURE_TRY(std::string id, reader.string("id"));
  account.id = NativeId(std::move(id));
  TENURE_TRY(account.name, reader.string("name"));
  TENURE_TRY(account.account_class, reader.string("class"));
  TENURE_TRY(account.purpose, codec::get_enum(reader, "purpose", purpose_from));
  TENURE_TRY(account.enabled, reader.boolean("enabled"));
  account.incarnation = codec::text(value, "incarnation");
  account.restriction = codec::text(value, "restriction");
  const json::Value* attributes = value.find("attributes");
  if (attributes == nullptr || !attributes->is_object()) return reader.wrong("attributes", "an object");
  for (const auto& [name, attribute] : attributes->as_object()) account.attributes.emplace(name, attribute);
  return account;
}

json::Value to_json(const Grant& grant) {
  json::Object object{{"entitlement", grant.entitlement.str()}};
  codec::put_text(object, "account", grant.holder.account.str());
  codec::put_text(object, "nested", grant.holder.entitlement.str());
  codec::put_text(object, "parameters", grant.parameters);
  return object;
}

Result<Grant> grant_from_json(const json::Value& value) {
  const json::Reader reader(value, "grant");
  Grant grant;
  TENURE_TRY(std::string entitlement, reader.string("entitlement"));
  grant.entitlement = EntitlementId(std::move(entitlement));
  grant.holder.account = NativeId(codec::text(value, "account"));
  grant.holder.entitlement = EntitlementId(codec::text(value, "nested"));
  grant.parameters = codec::text(value, "parameters");
  if (grant.holder.account.empty() == grant.holder.entitlement.empty())
    return reader.wrong("", "exactly one of account and nested");
  return grant;
}

json::Value to_json(const Coverage& coverage) {
  json::Array unknown;
  for (const auto& part : coverage.unknown) unknown.push_back(part);
  return json::Object{{"complete", coverage.complete}, {"unknown", std::move(unknown)}, {"reason", coverage.reason}};
}

json::Value to_json(const Observation& observation) {
  json::Array accounts, entitlements, grants;
  for (const auto& account : observation.accounts) accounts.push_back(to_json(account));
  for (const auto& entitlement : observation.entitlements)
    entitlements.push_back(json::Object{{"id", entitlement.id.str()}, {"title", entitlement.title}});
  for (const auto& grant : observation.grants) grants.push_back(to_json(grant));
  return json::Object{{"target", observation.target.str()},        {"read_at", codec::put_time(observation.read_at)},
                      {"coverage", to_json(observation.coverage)}, {"accounts", std::move(accounts)},
                      {"entitlements", std::move(entitlements)},   {"grants", std::move(grants)}};
}

Result<Observation> observation_from_json(const json::Value& value) {
  const json::Reader reader(value, "observation");
  Observation observation;
  TENURE_TRY(std::string target, reader.string("target"));
  observation.target = TargetName(std::move(target));
  TENURE_TRY(observation.read_at, codec::get_time(reader, "read_at"));
  TENURE_TRY(const json::Reader coverage, reader.member("coverage"));
  TENURE_TRY(observation.coverage.complete, coverage.boolean("complete"));
  TENURE_TRY(const auto unknown, coverage.array("unknown"));
  for (const auto& part : unknown) {
    if (!part.value().is_string()) return part.wrong("", "a string");
    observation.coverage.unknown.push_back(part.value().as_string());
  }
  observation.coverage.reason = codec::text(coverage.value(), "reason");
  TENURE_TRY(const auto accounts, reader.array("accounts"));
  for (const auto& element : accounts) {
    TENURE_TRY(Account account, account_from_json(element.value()));
    observation.accounts.push_back(std::move(account));
  }
  TENURE_TRY(const auto entitlements, reader.array("entitlements"));
  for (const auto& element : entitlements) {
    TENURE_TRY(std::string id, element.string("id"));
    observation.entitlements.push_back({EntitlementId(std::move(id)), codec::text(element.value(), "title")});
  }
  TENURE_TRY(const auto grants, reader.array("grants"));
  for (const auto& element : grants) {
    TENURE_TRY(Grant grant, grant_from_json(element.value()));
    observation.grants.push_back(std::move(grant));
  }
  return observation;
}

}  // namespace tenure::model
