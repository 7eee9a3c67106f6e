#include "plan_json.hpp"

namespace tenure::plan {
namespace codec {
namespace {

void put_text(json::Object& object, std::string_view key, const std::string& value) {
  if (!value.empty()) object.emplace(std::string(key), value);
}

void put_attributes(json::Object& object, std::string_view key, const model::AttributeMap& attributes) {
  if (attributes.empty()) return;
  json::Object members;
  for (const auto& [name, value] : attributes) members.emplace(name, value);
  object.emplace(std::string(key), std::move(members));
}

template <class Name>
void put_names(json::Object& object, std::string_view key, const std::vector<Name>& names) {
  if (names.empty()) return;
  json::Array array;
  for (const auto& name : names) {
    if constexpr (std::is_same_v<Name, std::string>)
      array.emplace_back(name);
    else
      array.emplace_back(name.str());
  }
  object.emplace(std::string(key), std::move(array));
}

std::string text(const json::Reader& reader, std::string_view key) {
  return reader.value().string_or(key, "");
}

Result<model::AttributeMap> read_attributes(const json::Reader& reader, std::string_view key) {
  model::AttributeMap attributes;
  const json::Value* value = reader.value().find(key);
  if (value == nullptr) return attributes;
  if (!value->is_object()) return reader.wrong(key, "an object");
  for (const auto& [name, member] : value->as_object()) attributes.emplace(name, member);
  return attributes;
}

template <class Enum>
Result<Enum> read_enum(const json::Reader& reader, std::string_view key,
                       std::optional<Enum> (*from)(std::string_view)) {
  TENURE_TRY(const std::string name, reader.string(key));
  if (const auto value = from(name)) return *value;
  return reader.wrong(key, "a known name, not \"" + name + "\"");
}

json::Value reason_to_json(const Reason& reason) {
  json::Object object{{"rule", reason.rule}, {"text", reason.text}};
  put_text(object, "term", reason.term);
  if (!reason.facts.empty()) {
    json::Object facts;
    for (const auto& [name, value] : reason.facts) facts.emplace(name, value);
    object.emplace("facts", std::move(facts));
  }
  return object;
}

Status read_account(const json::Reader& reader, AccountOf& into) {
  if (reader.value().find("account") == nullptr) return {};
  TENURE_TRY(const json::Reader account, reader.member("account"));
  if (!account.value().is_object()) return account.wrong("", "an object");
  into.id = model::NativeId(text(account, "id"));
  into.producer = model::ChangeId(text(account, "producer"));
  into.name = text(account, "name");
  return {};
}

Result<Reason> read_reason(const json::Reader& reader) {
  Reason reason;
  TENURE_TRY(reason.rule, reader.string("rule"));
  TENURE_TRY(reason.text, reader.string("text"));
  reason.term = text(reader, "term");
  TENURE_TRY(const model::AttributeMap facts, read_attributes(reader, "facts"));
  reason.facts.assign(facts.begin(), facts.end());
  return reason;
}

}  // namespace

Result<std::vector<std::string>> read_texts(const json::Reader& reader, std::string_view key) {
  std::vector<std::string> texts;
  if (reader.value().find(key) == nullptr) return texts;
  TENURE_TRY(const auto elements, reader.array(key));
  for (const auto& element : elements) {
    if (!element.value().is_string()) return element.wrong("", "a string");
    texts.push_back(element.value().as_string());
  }
  return texts;
}

json::Value to_json(const Cause& cause) {
  json::Object object{{"id", cause.id.str()}, {"kind", cause.kind}, {"root", cause.root}, {"text", cause.text}};
  if (cause.identity.valid()) object.emplace("identity", cause.identity.value());
  return object;
}

Result<Cause> read_cause(const json::Reader& reader) {
  Cause cause;
  TENURE_TRY(std::string id, reader.string("id"));
  cause.id = model::CauseId(std::move(id));
  TENURE_TRY(cause.kind, reader.string("kind"));
  TENURE_TRY(cause.root, reader.string("root"));
  TENURE_TRY(cause.text, reader.string("text"));
  cause.identity = model::IdentityId(reader.value().int_or("identity", 0));
  return cause;
}

json::Value to_json(const Unknown& unknown) {
  json::Object object{
      {"what", unknown.what}, {"reason", unknown.reason}, {"changes_withheld", unknown.changes_withheld}};
  put_text(object, "target", unknown.target.str());
  return object;
}

Result<Unknown> read_unknown(const json::Reader& reader) {
  Unknown unknown;
  unknown.target = model::TargetName(text(reader, "target"));
  TENURE_TRY(unknown.what, reader.string("what"));
  TENURE_TRY(unknown.reason, reader.string("reason"));
  TENURE_TRY(unknown.changes_withheld, reader.integer("changes_withheld"));
  return unknown;
}

Result<Later> read_later(const json::Reader& reader) {
  Later later;
  TENURE_TRY(std::string target, reader.string("target"));
  later.target = model::TargetName(std::move(target));
  TENURE_CHECK_OK(read_account(reader, later.account));
  later.account_class = text(reader, "class");
  later.identity = model::IdentityId(reader.value().int_or("identity", 0));
  TENURE_TRY(std::string entitlement, reader.string("entitlement"));
  later.entitlement = model::EntitlementId(std::move(entitlement));
  later.parameters = text(reader, "parameters");
  TENURE_TRY(later.rule, reader.string("rule"));
  TENURE_TRY(const std::string after, reader.string("after"));
  TENURE_TRY(later.after, Duration::parse(after));
  if (const std::string until = text(reader, "until"); !until.empty()) {
    TENURE_TRY(later.until, Time::parse(until));
  }
  return later;
}

json::Value to_json(const GuardResult& guard) {
  json::Object object{{"guard", guard.guard}, {"held", guard.held}, {"text", guard.text}};
  put_names(object, "causes", guard.causes);
  return object;
}

Result<GuardResult> read_guard(const json::Reader& reader) {
  GuardResult guard;
  TENURE_TRY(guard.guard, reader.string("guard"));
  TENURE_TRY(guard.held, reader.boolean("held"));
  TENURE_TRY(guard.text, reader.string("text"));
  TENURE_TRY(const auto causes, read_texts(reader, "causes"));
  for (const auto& cause : causes) guard.causes.emplace_back(cause);
  return guard;
}

namespace {

void put_step(json::Object& object, const std::vector<std::string>& approvers, Duration after,
              const std::vector<std::string>& to) {
  put_names(object, "approvers", approvers);
  if (after != Duration()) object.emplace("escalate_after", after.to_string());
  put_names(object, "escalate_to", to);
}

Result<ApprovalStep> read_step(const json::Reader& reader) {
  ApprovalStep step;
  TENURE_TRY(const std::int64_t count, reader.integer("count"));
  if (count < 0 || count > 1000) return reader.wrong("count", "a number of persons");
  step.count = static_cast<int>(count);
  TENURE_TRY(step.approvers, read_texts(reader, "approvers"));
  if (const std::string after = text(reader, "escalate_after"); !after.empty()) {
    TENURE_TRY(step.escalate_after, Duration::parse(after));
  }
  TENURE_TRY(step.escalate_to, read_texts(reader, "escalate_to"));
  return step;
}

}  // namespace

Result<ApprovalNeeded> read_approval(const json::Reader& reader) {
  ApprovalNeeded approval;
  TENURE_TRY(approval.rule, reader.string("rule"));
  TENURE_TRY(approval.text, reader.string("text"));
  TENURE_TRY(ApprovalStep first, read_step(reader));
  approval.count = first.count;
  approval.approvers = std::move(first.approvers);
  approval.escalate_after = first.escalate_after;
  approval.escalate_to = std::move(first.escalate_to);
  approval.limit = text(reader, "limit");
  if (const std::string after = text(reader, "expires_after"); !after.empty()) {
    TENURE_TRY(approval.expires_after, Duration::parse(after));
  }
  if (reader.value().find("then") == nullptr) return approval;
  TENURE_TRY(const auto then, reader.array("then"));
  for (const auto& element : then) {
    TENURE_TRY(ApprovalStep step, read_step(element));
    approval.then.push_back(std::move(step));
  }
  return approval;
}

namespace {

json::Value account_to_json(const AccountOf& account) {
  json::Object object;
  put_text(object, "id", account.id.str());
  put_text(object, "producer", account.producer.str());
  put_text(object, "name", account.name);
  return object;
}

}  // namespace

Result<Change> read_change(const json::Reader& reader) {
  Change change;
  TENURE_TRY(std::string id, reader.string("id"));
  change.id = model::ChangeId(std::move(id));
  TENURE_TRY(change.kind, read_enum(reader, "kind", change_kind));
  TENURE_TRY(change.verb, read_enum(reader, "verb", verb_from));
  TENURE_TRY(change.lane, read_enum(reader, "lane", lane_from));
  TENURE_TRY(std::string target, reader.string("target"));
  change.target = model::TargetName(std::move(target));
  TENURE_CHECK_OK(read_account(reader, change.account));
  change.account_class = text(reader, "class");
  TENURE_TRY(change.purpose, read_enum(reader, "purpose", model::purpose_from));
  change.identity = model::IdentityId(reader.value().int_or("identity", 0));
  change.entitlement = model::EntitlementId(text(reader, "entitlement"));
  change.parameters = text(reader, "parameters");
  change.prior_parameters = text(reader, "prior_parameters");
  TENURE_TRY(change.attributes, read_attributes(reader, "attributes"));
  TENURE_TRY(change.prior, read_attributes(reader, "prior"));
  TENURE_TRY(const model::AttributeMap names, read_attributes(reader, "names"));
  for (const auto& [attribute, name] : names) {
    if (!name.is_string()) return reader.wrong("names", "texts");
    change.names.emplace(attribute, name.as_string());
  }
  TENURE_TRY(change.prior_present, reader.boolean("prior_present"));
  change.manual = reader.value().bool_or("manual", false);
  TENURE_TRY(change.risk, read_enum(reader, "risk", model::risk_from));
  TENURE_TRY(std::string cause, reader.string("cause"));
  change.cause = model::CauseId(std::move(cause));
  TENURE_TRY(const json::Reader reason, reader.member("reason"));
  TENURE_TRY(change.reason, read_reason(reason));
  if (const std::string due = text(reader, "due"); !due.empty()) {
    TENURE_TRY(change.due, Time::parse(due));
  }
  TENURE_TRY(const auto needs, read_texts(reader, "needs"));
  for (const auto& need : needs) change.needs.emplace_back(need);
  return change;
}

}  // namespace codec

json::Value to_json(const Change& change) {
  json::Object object{{"id", change.id.str()},
                      {"kind", name_of(change.kind)},
                      {"verb", name_of(change.verb)},
                      {"lane", name_of(change.lane)},
                      {"target", change.target.str()},
                      {"purpose", model::name_of(change.purpose)},
                      {"prior_present", change.prior_present},
                      {"risk", model::name_of(change.risk)},
                      {"cause", change.cause.str()},
                      {"reason", codec::reason_to_json(change.reason)}};
  if (!(change.account == AccountOf{})) object.emplace("account", codec::account_to_json(change.account));
  codec::put_text(object, "class", change.account_class);
  if (change.identity.valid()) object.emplace("identity", change.identity.value());
  codec::put_text(object, "entitlement", change.entitlement.str());
  codec::put_text(object, "parameters", change.parameters);
  codec::put_text(object, "prior_parameters", change.prior_parameters);
  codec::put_attributes(object, "attributes", change.attributes);
  codec::put_attributes(object, "prior", change.prior);
  if (!change.names.empty()) {
    json::Object names;
    for (const auto& [attribute, name] : change.names) names.emplace(attribute, name);
    object.emplace("names", std::move(names));
  }
  if (change.manual) object.emplace("manual", true);
  if (change.due != Time{}) object.emplace("due", change.due.to_rfc3339());
  codec::put_names(object, "needs", change.needs);
  return object;
}

json::Value to_json(const ApprovalNeeded& approval) {
  json::Object object{{"rule", approval.rule}, {"count", approval.count}, {"text", approval.text}};
  codec::put_step(object, approval.approvers, approval.escalate_after, approval.escalate_to);
  json::Array then;
  for (const ApprovalStep& step : approval.then) {
    json::Object one{{"count", step.count}};
    codec::put_step(one, step.approvers, step.escalate_after, step.escalate_to);
    then.push_back(std::move(one));
  }
  if (!then.empty()) object.emplace("then", std::move(then));
  if (approval.expires_after != Duration()) object.emplace("expires_after", approval.expires_after.to_string());
  codec::put_text(object, "limit", approval.limit);
  return object;
}

Result<ApprovalNeeded> approval_needed_from_json(const json::Value& value) {
  auto approval = codec::read_approval(json::Reader(value, "approval"));
  if (!approval) return fail(tenure::Reason::kPlanFormat, approval.error().message());
  return approval;
}

Result<Change> change_from_json(const json::Value& value) {
  auto change = codec::read_change(json::Reader(value, "change"));
  if (!change) return fail(tenure::Reason::kPlanFormat, change.error().message());
  return change;
}

}  // namespace tenure::plan
