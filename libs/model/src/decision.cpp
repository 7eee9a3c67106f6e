#include "json_codec.hpp"

#include <tenure/base/hash.hpp>
#include <tenure/model/decision.hpp>

namespace tenure::model {
namespace {

constexpr std::array<std::string_view, 7> kDecisions = {"baseline", "adopted", "accepted", "declared",
                                                        "granted",  "held",    "disabled"};
constexpr std::array<std::string_view, 12> kFindings = {"drift_added", "drift_removed",  "restriction", "orphan",
                                                        "unexplained", "ambiguous",      "contention",  "unproven",
                                                        "unowned",     "name_collision", "sod",         "decide_again"};
constexpr std::array<std::string_view, 3> kFindingStates = {"open", "answered", "closed"};

std::optional<DecisionKind> decision_kind(std::string_view name) {
  return codec::enum_from<DecisionKind>(kDecisions, name);
}
std::optional<FindingState> finding_state(std::string_view name) {
  return codec::enum_from<FindingState>(kFindingStates, name);
}

void put_account(json::Object& object, const AccountRef& account) {
  codec::put_text(object, "target", account.target.str());
  codec::put_text(object, "account", account.id.str());
}

AccountRef get_account(const json::Value& value) {
  return {TargetName(codec::text(value, "target")), NativeId(codec::text(value, "account"))};
}

}  // namespace

std::string_view name_of(DecisionKind kind) {
  return codec::enum_name(kDecisions, kind);
}
std::string_view name_of(FindingKind kind) {
  return codec::enum_name(kFindings, kind);
}
std::string_view name_of(FindingState state) {
  return codec::enum_name(kFindingStates, state);
}
std::optional<FindingKind> finding_kind(std::string_view name) {
  return codec::enum_from<FindingKind>(kFindings, name);
}

std::string row_id(const Claim& claim) {
  return claim.account.target.str() + "/" + claim.account.id.str();
}

std::string row_id(const Decision& decision) {
  std::string id = decision.account.target.str() + "/" + decision.account.id.str() + "/" + decision.entitlement.str();
  if (!decision.parameters.empty()) id += "/" + decision.parameters;
  return id;
}

std::string row_id(const NameTaken& name) {
  return name.target.str() + "/" + name.attribute + "/" + name.name;
}

std::string finding_id(FindingKind kind, const AccountRef& account, const EntitlementId& entitlement,
                       const Parameters& parameters, IdentityId identity, std::string_view about) {
  std::string text(name_of(kind));  // one text: a hash over many small parts costs more than putting them together
  for (const std::string* part : {&account.target.str(), &account.id.str(), &entitlement.str(), &parameters})
    (text += '\0') += *part;
  (text += '\0') += std::to_string(identity.value());
  if (!about.empty()) (text += '\0') += about;
  const Sha256 hash = sha256(text);
  return "F-" + to_hex(hash.view().substr(0, 6));
}

json::Value to_json(const Claim& claim) {
  json::Object object{{"identity", claim.identity.value()},
                      {"purpose", name_of(claim.purpose)},
                      {"reason", claim.reason},
                      {"since", codec::put_time(claim.since)}};
  put_account(object, claim.account);
  return object;
}

Result<Claim> claim_from_json(const json::Value& value) {
  const json::Reader reader(value, "claim");
  Claim claim;
  claim.account = get_account(value);
  TENURE_TRY(const std::int64_t identity, reader.integer("identity"));
  claim.identity = IdentityId(identity);
  TENURE_TRY(claim.purpose, codec::get_enum(reader, "purpose", purpose_from));
  TENURE_TRY(claim.reason, reader.string("reason"));
  TENURE_TRY(claim.since, codec::get_time(reader, "since"));
  return claim;
}

json::Value to_json(const Decision& decision) {
  json::Object object{{"kind", name_of(decision.kind)},
                      {"since", codec::put_time(decision.since)},
                      {"until", codec::put_time(decision.until)}};
  put_account(object, decision.account);
  codec::put_text(object, "entitlement", decision.entitlement.str());
  codec::put_text(object, "parameters", decision.parameters);
  codec::put_text(object, "owner", decision.owner);
  codec::put_text(object, "actor", decision.actor);
  codec::put_text(object, "reason", decision.reason);
  codec::put_text(object, "ticket", decision.ticket);
  codec::put_text(object, "second_person", decision.second_person);
  if (!decision.facts.empty()) {
    json::Object facts;
    for (const auto& [name, fact] : decision.facts) facts.emplace(name, fact);
    object.emplace("facts", std::move(facts));
  }
  if (decision.decide_again_by != Time::never())
    object.emplace("decide_again_by", codec::put_time(decision.decide_again_by));
  return object;
}

Result<Decision> decision_from_json(const json::Value& value) {
  const json::Reader reader(value, "decision");
  Decision decision;
  TENURE_TRY(decision.kind, codec::get_enum(reader, "kind", decision_kind));
  decision.account = get_account(value);
  decision.entitlement = EntitlementId(codec::text(value, "entitlement"));
  decision.parameters = codec::text(value, "parameters");
  decision.owner = codec::text(value, "owner");
  decision.actor = codec::text(value, "actor");
  decision.reason = codec::text(value, "reason");
  decision.ticket = codec::text(value, "ticket");
  decision.second_person = codec::text(value, "second_person");
  TENURE_TRY(decision.since, codec::get_time(reader, "since"));
  TENURE_TRY(decision.until, codec::get_time(reader, "until"));
  if (const json::Value* facts = value.find("facts"); facts != nullptr && facts->is_object())
    for (const auto& [name, fact] : facts->as_object()) decision.facts.emplace(name, fact);
  if (value.find("decide_again_by") != nullptr) {
    TENURE_TRY(decision.decide_again_by, codec::get_time(reader, "decide_again_by"));
  }
  return decision;
}

json::Value to_json(const NameTaken& name) {
  return json::Object{{"target", name.target.str()},
                      {"attribute", name.attribute},
                      {"name", name.name},
                      {"identity", name.identity.value()},
                      {"since", codec::put_time(name.since)}};
}

Result<NameTaken> name_from_json(const json::Value& value) {
  const json::Reader reader(value, "name");
  NameTaken name;
  name.target = TargetName(codec::text(value, "target"));
  TENURE_TRY(name.attribute, reader.string("attribute"));
  TENURE_TRY(name.name, reader.string("name"));
  name.identity = IdentityId(value.int_or("identity", 0));
  TENURE_TRY(name.since, codec::get_time(reader, "since"));
  return name;
}

json::Value to_json(const TargetState& state) {
  json::Object object{{"target", state.target.str()},
                      {"managed", state.managed},
                      {"managed_since", codec::put_time(state.managed_since)},
                      {"last_full_read", codec::put_time(state.last_full_read)},
                      {"unknown_since", codec::put_time(state.unknown_since)}};
  codec::put_text(object, "unknown_reason", state.unknown_reason);
  codec::put_text(object, "observation_digest", state.observation_digest);
  return object;
}

Result<TargetState> target_state_from_json(const json::Value& value) {
  const json::Reader reader(value, "target");
  TargetState state;
  state.target = TargetName(codec::text(value, "target"));
  TENURE_TRY(state.managed, reader.boolean("managed"));
  TENURE_TRY(state.managed_since, codec::get_time(reader, "managed_since"));
  TENURE_TRY(state.last_full_read, codec::get_time(reader, "last_full_read"));
  TENURE_TRY(state.unknown_since, codec::get_time(reader, "unknown_since"));
  state.unknown_reason = codec::text(value, "unknown_reason");
  state.observation_digest = codec::text(value, "observation_digest");
  return state;
}

json::Value to_json(const Finding& finding) {
  json::Object object{{"id", finding.id},
                      {"kind", name_of(finding.kind)},
                      {"state", name_of(finding.state)},
                      {"identity", finding.identity.value()},
                      {"summary", finding.summary},
                      {"opened_at", codec::put_time(finding.opened_at)},
                      {"deadline", codec::put_time(finding.deadline)},
                      {"closed_at", codec::put_time(finding.closed_at)}};
  put_account(object, finding.account);
  codec::put_text(object, "entitlement", finding.entitlement.str());
  codec::put_text(object, "parameters", finding.parameters);
  codec::put_text(object, "owner", finding.owner);
  codec::put_text(object, "about", finding.about);
  codec::put_text(object, "answer", finding.answer);
  return object;
}

Result<Finding> finding_from_json(const json::Value& value) {
  const json::Reader reader(value, "finding");
  Finding finding;
  TENURE_TRY(finding.id, reader.string("id"));
  TENURE_TRY(finding.kind, codec::get_enum(reader, "kind", finding_kind));
  TENURE_TRY(finding.state, codec::get_enum(reader, "state", finding_state));
  finding.account = get_account(value);
  finding.entitlement = EntitlementId(codec::text(value, "entitlement"));
  finding.parameters = codec::text(value, "parameters");
  finding.identity = IdentityId(value.int_or("identity", 0));
  TENURE_TRY(finding.summary, reader.string("summary"));
  finding.owner = codec::text(value, "owner");
  TENURE_TRY(finding.opened_at, codec::get_time(reader, "opened_at"));
  TENURE_TRY(finding.deadline, codec::get_time(reader, "deadline"));
  TENURE_TRY(finding.closed_at, codec::get_time(reader, "closed_at"));
  finding.about = codec::text(value, "about");
  finding.answer = codec::text(value, "answer");
  return finding;
}

}  // namespace tenure::model
