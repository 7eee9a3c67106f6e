#include <array>
#include <optional>
#include <type_traits>

#include <tenure/engine/rows.hpp>

namespace tenure::engine {
namespace {

constexpr std::array<std::string_view, 14> kChangeStates = {
    "planned", "scheduled", "ready",  "executing", "unknown", "verifying",  "retry_wait",
    "manual",  "done",      "failed", "stale",     "drift",   "superseded", "cancelled"};
constexpr std::array<std::string_view, 4> kOutcomes = {"none", "applied", "failed", "unknown"};
constexpr std::array<std::string_view, 3> kObligationStates = {"open", "proven", "waived"};
constexpr std::array<std::string_view, 11> kVerbs = {"create", "update",       "enable", "disable", "delete", "grant",
                                                     "revoke", "end_sessions", "claim",  "adopt",   "onboard"};

template <class Enum, std::size_t N>
Result<Enum> get_enum(const json::Reader& reader, std::string_view key, const std::array<std::string_view, N>& names) {
  TENURE_TRY(const std::string name, reader.string(key));
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return static_cast<Enum>(i);
  return reader.wrong(key, "a known name, not \"" + name + "\"");
}

// Members that are empty, zero or not set are left out: rows are many.
void put(json::Object& object, std::string_view key, const std::string& value) {
  if (!value.empty()) object.emplace(key, value);
}
void put(json::Object& object, std::string_view key, std::int64_t value) {
  if (value != 0) object.emplace(key, value);
}
void put(json::Object& object, std::string_view key, Time value) {
  if (value != Time{}) object.emplace(key, value == Time::never() ? std::string("never") : value.to_rfc3339());
}

Status get(const json::Value& object, std::string_view key, Time& out) {
  const std::string text = object.string_or(key, "");
  if (text == "never") {
    out = Time::never();
  } else if (!text.empty()) {
    TENURE_TRY(out, Time::parse(text));
  }
  return {};
}
Status get(const json::Value& object, std::string_view key, Digest& out) {
  if (const std::string text = object.string_or(key, ""); !text.empty()) {
    TENURE_TRY(out, Digest::parse(text));
  }
  return {};
}
template <class Tag>
void get(const json::Value& object, std::string_view key, Name<Tag>& out) {
  out = Name<Tag>(object.string_or(key, ""));
}

evidence::Mode mode_from(std::string_view text) {
  for (const auto mode : {evidence::Mode::kRequested, evidence::Mode::kManual, evidence::Mode::kBreakGlass})
    if (evidence::mode_text(mode) == text) return mode;
  return evidence::Mode::kAutomated;
}

}  // namespace

std::string_view name_of(ChangeState state) {
  return kChangeStates.at(static_cast<std::size_t>(state));
}
std::string_view name_of(AttemptOutcome outcome) {
  return kOutcomes.at(static_cast<std::size_t>(outcome));
}
std::string_view name_of(ObligationState state) {
  return kObligationStates.at(static_cast<std::size_t>(state));
}

std::string obligation_id(const plan::Change& change, const model::NativeId& account) {
  std::string id = change.target.str() + "/" + account.str() + "/" + std::string(plan::name_of(change.verb));
  if (!change.entitlement.empty()) id += "/" + change.entitlement.str();
  return id;
}

std::int64_t RunRow::ended_count() const {
  std::int64_t sum = 0;
  for (const auto& [name, count] : ended) sum += count;
  return sum;
}

json::Value to_json(const ChangeRow& row) {
  json::Object object{{"change", plan::to_json(row.change)},
                      {"plan", row.plan.str()},
                      {"run", row.run},
                      {"case", row.case_id.str()},
                      {"mode", evidence::mode_text(row.mode)},
                      {"order", row.order},
                      {"state", name_of(row.state)}};
  put(object, "shard", row.shard);
  put(object, "policy", row.policy.str());
  put(object, "account", row.account.str());
  put(object, "attempts", row.attempts);
  put(object, "failures", row.failures);
  put(object, "misses", row.misses);
  put(object, "next_at", row.next_at);
  put(object, "intended_at", row.intended_at);
  put(object, "send_deadline", row.send_deadline);
  put(object, "settle_at", row.settle_at);
  put(object, "hazard_until", row.hazard_until);
  put(object, "acknowledged_at", row.acknowledged_at);
  if (row.second_look) object.emplace("second_look", true);
  if (!row.waiting_for.empty()) {
    json::Array waiting;
    for (const model::ChangeId& id : row.waiting_for) waiting.emplace_back(id.str());
    object.emplace("waiting_for", std::move(waiting));
  }
  put(object, "superseded_by", row.superseded_by.str());
  put(object, "obligation", row.obligation);
  put(object, "work_order", row.work_order);
  put(object, "problem", row.problem);
  put(object, "admitted_at", row.admitted_at);
  put(object, "ended_at", row.ended_at);
  return object;
}

Result<ChangeRow> change_row_from_json(const json::Value& value) {
  const json::Reader reader(value, "change_row");
  ChangeRow row;
  TENURE_TRY(const json::Reader change, reader.member("change"));
  TENURE_TRY(row.change, plan::change_from_json(change.value()));
  TENURE_CHECK_OK(get(value, "plan", row.plan));
  TENURE_CHECK_OK(get(value, "policy", row.policy));
  TENURE_TRY(row.run, reader.string("run"));
  get(value, "case", row.case_id);
  row.mode = mode_from(value.string_or("mode", ""));
  TENURE_TRY(row.order, reader.integer("order"));
  row.shard = static_cast<int>(value.int_or("shard", 0));
  TENURE_TRY(row.state, get_enum<ChangeState>(reader, "state", kChangeStates));
  get(value, "account", row.account);
  row.attempts = static_cast<int>(value.int_or("attempts", 0));
  row.failures = static_cast<int>(value.int_or("failures", 0));
  row.misses = static_cast<int>(value.int_or("misses", 0));
  TENURE_CHECK_OK(get(value, "next_at", row.next_at));
  TENURE_CHECK_OK(get(value, "intended_at", row.intended_at));
  TENURE_CHECK_OK(get(value, "send_deadline", row.send_deadline));
  TENURE_CHECK_OK(get(value, "settle_at", row.settle_at));
  TENURE_CHECK_OK(get(value, "hazard_until", row.hazard_until));
  TENURE_CHECK_OK(get(value, "acknowledged_at", row.acknowledged_at));
  row.second_look = value.bool_or("second_look", false);
  if (value.find("waiting_for") != nullptr) {
    TENURE_TRY(const std::vector<json::Reader> waiting, reader.array("waiting_for"));
    for (const json::Reader& one : waiting)
      if (one.value().is_string()) row.waiting_for.emplace(one.value().as_string());
  }
  get(value, "superseded_by", row.superseded_by);
  row.obligation = value.string_or("obligation", "");
  row.work_order = value.string_or("work_order", "");
  row.problem = value.string_or("problem", "");
  TENURE_CHECK_OK(get(value, "admitted_at", row.admitted_at));
  TENURE_CHECK_OK(get(value, "ended_at", row.ended_at));
  return row;
}

json::Value to_json(const AttemptRow& row) {
  json::Object object{{"change", row.change.str()},
                      {"run", row.run},
                      {"number", row.number},
                      {"plan", row.plan.str()},
                      {"outcome", name_of(row.outcome)}};
  put(object, "intended_at", row.intended_at);
  put(object, "send_deadline", row.send_deadline);
  put(object, "ended_at", row.ended_at);
  put(object, "problem", row.problem);
  return object;
}

Result<AttemptRow> attempt_row_from_json(const json::Value& value) {
  const json::Reader reader(value, "attempt");
  AttemptRow row;
  get(value, "change", row.change);
  TENURE_TRY(row.run, reader.string("run"));
  TENURE_TRY(const std::int64_t number, reader.integer("number"));
  row.number = static_cast<int>(number);
  TENURE_CHECK_OK(get(value, "plan", row.plan));
  TENURE_TRY(row.outcome, get_enum<AttemptOutcome>(reader, "outcome", kOutcomes));
  TENURE_CHECK_OK(get(value, "intended_at", row.intended_at));
  TENURE_CHECK_OK(get(value, "send_deadline", row.send_deadline));
  TENURE_CHECK_OK(get(value, "ended_at", row.ended_at));
  row.problem = value.string_or("problem", "");
  return row;
}

json::Value to_json(const ObligationRow& row) {
  json::Object object{{"id", row.id},
                      {"target", row.account.target.str()},
                      {"account", row.account.id.str()},
                      {"verb", plan::name_of(row.verb)},
                      {"case", row.case_id.str()},
                      {"cause", row.cause.str()},
                      {"state", name_of(row.state)}};
  put(object, "name", row.name);
  put(object, "entitlement", row.entitlement.str());
  put(object, "parameters", row.parameters);
  put(object, "identity", row.identity.value());
  put(object, "change", row.change.str());
  put(object, "run", row.run);
  put(object, "owner", row.owner);
  json::Array required;
  for (const std::string& proof : row.required) required.emplace_back(proof);
  object.emplace("required", std::move(required));
  json::Object proofs;
  for (const auto& [name, part] : row.proofs) {
    json::Object one{{"status", part.status}, {"method", part.method}};
    put(one, "at", part.at);
    proofs.emplace(name, std::move(one));
  }
  object.emplace("proofs", std::move(proofs));
  put(object, "effective_at", row.effective_at);
  put(object, "decided_at", row.decided_at);
  put(object, "sent_at", row.sent_at);
  put(object, "proven_at", row.proven_at);
  put(object, "waiver", row.waiver);
  put(object, "waived_until", row.waived_until);
  return object;
}

Result<ObligationRow> obligation_row_from_json(const json::Value& value) {
  const json::Reader reader(value, "obligation");
  ObligationRow row;
  TENURE_TRY(row.id, reader.string("id"));
  get(value, "target", row.account.target);
  get(value, "account", row.account.id);
  TENURE_TRY(row.verb, get_enum<plan::Verb>(reader, "verb", kVerbs));
  get(value, "case", row.case_id);
  get(value, "cause", row.cause);
  TENURE_TRY(row.state, get_enum<ObligationState>(reader, "state", kObligationStates));
  row.name = value.string_or("name", "");
  get(value, "entitlement", row.entitlement);
  row.parameters = value.string_or("parameters", "");
  row.identity = model::IdentityId(value.int_or("identity", 0));
  get(value, "change", row.change);
  row.run = value.string_or("run", "");
  row.owner = value.string_or("owner", "");
  TENURE_TRY(const std::vector<json::Reader> required, reader.array("required"));
  for (const json::Reader& one : required)
    if (one.value().is_string()) row.required.insert(one.value().as_string());
  if (const json::Value* proofs = value.find("proofs"); proofs != nullptr && proofs->is_object())
    for (const auto& [name, one] : proofs->as_object()) {
      ProofPart part{.status = one.string_or("status", "unknown"), .method = one.string_or("method", "")};
      TENURE_CHECK_OK(get(one, "at", part.at));
      row.proofs.emplace(name, std::move(part));
    }
  TENURE_CHECK_OK(get(value, "effective_at", row.effective_at));
  TENURE_CHECK_OK(get(value, "decided_at", row.decided_at));
  TENURE_CHECK_OK(get(value, "sent_at", row.sent_at));
  TENURE_CHECK_OK(get(value, "proven_at", row.proven_at));
  row.waiver = value.string_or("waiver", "");
  TENURE_CHECK_OK(get(value, "waived_until", row.waived_until));
  return row;
}

json::Value to_json(const RunRow& row) {
  json::Object ended;
  for (const auto& [name, count] : row.ended) ended.emplace(name, count);
  json::Object object{{"id", row.id}, {"plan", row.plan.str()}, {"total", row.total}, {"ended", std::move(ended)}};
  put(object, "started_at", row.started_at);
  put(object, "ended_at", row.ended_at);
  return object;
}

Result<RunRow> run_row_from_json(const json::Value& value) {
  const json::Reader reader(value, "run");
  RunRow row;
  TENURE_TRY(row.id, reader.string("id"));
  TENURE_CHECK_OK(get(value, "plan", row.plan));
  TENURE_TRY(row.total, reader.integer("total"));
  if (const json::Value* ended = value.find("ended"); ended != nullptr && ended->is_object())
    for (const auto& [name, count] : ended->as_object())
      if (count.is_int()) row.ended.emplace(name, count.as_int());
  TENURE_CHECK_OK(get(value, "started_at", row.started_at));
  TENURE_CHECK_OK(get(value, "ended_at", row.ended_at));
  return row;
}

json::Value to_json(const CaseRow& row) {
  json::Object object{{"id", row.id.str()},     {"cause", row.cause.id.str()}, {"kind", row.cause.kind},
                      {"text", row.cause.text}, {"closed", row.closed},        {"debt", row.debt}};
  put(object, "root", row.cause.root);
  put(object, "identity", row.cause.identity.value());
  put(object, "opened_at", row.opened_at);
  put(object, "closed_at", row.closed_at);
  return object;
}

Result<CaseRow> case_row_from_json(const json::Value& value) {
  const json::Reader reader(value, "case");
  CaseRow row;
  TENURE_TRY(const std::string id, reader.string("id"));
  row.id = model::CaseId(id);
  get(value, "cause", row.cause.id);
  row.cause.kind = value.string_or("kind", "");
  row.cause.root = value.string_or("root", "");
  row.cause.text = value.string_or("text", "");
  row.cause.identity = model::IdentityId(value.int_or("identity", 0));
  row.closed = value.bool_or("closed", false);
  row.debt = value.bool_or("debt", false);
  TENURE_CHECK_OK(get(value, "opened_at", row.opened_at));
  TENURE_CHECK_OK(get(value, "closed_at", row.closed_at));
  return row;
}

json::Value document(const RowBody& body) {
  return std::visit(
      [](const auto& row) -> json::Value {
        if constexpr (std::is_same_v<std::decay_t<decltype(row)>, std::monostate>)
          return nullptr;
        else if constexpr (std::is_same_v<std::decay_t<decltype(row)>, json::Value>)
          return row;
        else if constexpr (std::is_same_v<std::decay_t<decltype(row)>, governance::WorkOrder>)
          return governance::to_json(row);
        else
          return to_json(row);
      },
      body);
}

}  // namespace tenure::engine
