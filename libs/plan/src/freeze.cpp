// The canonical form of a plan: ids from content, one order, one digest (docs/formats/plan.md).
#include "plan_json.hpp"

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_map>

#include <tenure/plan/plan.hpp>

namespace tenure::plan {
namespace {

std::unexpected<Error> malformed(std::string message) {
  return fail(tenure::Reason::kPlanFormat, std::move(message));
}

std::string label(const Change& change) {
  return std::string(name_of(change.verb)) + " on " + change.target.str() + " (" + change.id.str() + ")";
}

// Orders changes so that each comes after what it refers to, and says how deep each one stands.
class Dependencies {
 public:
  explicit Dependencies(const std::vector<Change>& changes)
      : changes_(changes), state_(changes.size()), depth_(changes.size()) {}

  Status resolve() {
    for (std::size_t i = 0; i < changes_.size(); ++i)
      if (!by_id_.emplace(changes_[i].id, i).second)
        return malformed("two changes have the id " + changes_[i].id.str());
    for (std::size_t i = 0; i < changes_.size(); ++i) TENURE_CHECK_OK(visit(i));
    return {};
  }
  const std::vector<std::size_t>& order() const { return order_; }
  std::size_t depth(std::size_t index) const { return depth_[index]; }

 private:
  enum class State : std::uint8_t { kNew, kOpen, kDone };

  // The chain of needs is short (disable, end sessions, revoke), so recursion is bounded; a circle is found by kOpen.
  Status visit(std::size_t index) {
    if (state_[index] == State::kDone) return {};
    if (state_[index] == State::kOpen) return malformed("needs go in a circle at " + label(changes_[index]));
    if (++level_ > kLevelMax) return malformed("needs are nested too deeply at " + label(changes_[index]));
    state_[index] = State::kOpen;
    const Change& change = changes_[index];
    for (const auto& need : change.needs) TENURE_CHECK_OK(follow(index, need));
    if (!change.account.producer.empty()) TENURE_CHECK_OK(follow(index, change.account.producer));
    state_[index] = State::kDone;
    order_.push_back(index);
    --level_;
    return {};
  }

  Status follow(std::size_t index, const model::ChangeId& id) {
    const auto it = by_id_.find(id);
    if (it == by_id_.end())
      return malformed(label(changes_[index]) + " refers to " + id.str() + ", which is not there");
    if (changes_[it->second].lane > changes_[index].lane)
      return malformed(label(changes_[index]) + " needs " + label(changes_[it->second]) + " of a later lane");
    TENURE_CHECK_OK(visit(it->second));
    depth_[index] = std::max(depth_[index], depth_[it->second] + 1);
    return {};
  }

  static constexpr int kLevelMax = 64;
  const std::vector<Change>& changes_;
  std::unordered_map<model::ChangeId, std::size_t> by_id_;
  std::vector<State> state_;
  std::vector<std::size_t> depth_;
  std::vector<std::size_t> order_;
  int level_ = 0;
};

Result<model::ChangeId> content_id(const Change& change) {
  json::Value value = to_json(change);
  value.as_object().erase("id");
  TENURE_TRY(const std::string bytes, json::canonical(value));
  return model::ChangeId(sha256(bytes).hex().substr(0, 16));
}

Status order_changes(Plan& plan) {
  Dependencies dependencies(plan.changes);
  TENURE_CHECK_OK(dependencies.resolve());
  std::unordered_map<model::ChangeId, model::ChangeId> renamed;
  std::set<model::ChangeId> seen;
  for (const std::size_t index : dependencies.order()) {
    Change& change = plan.changes[index];
    std::sort(change.reason.facts.begin(), change.reason.facts.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    for (auto& need : change.needs) need = renamed.at(need);
    std::sort(change.needs.begin(), change.needs.end());
    change.needs.erase(std::unique(change.needs.begin(), change.needs.end()), change.needs.end());
    if (!change.account.producer.empty()) change.account.producer = renamed.at(change.account.producer);
    TENURE_TRY(model::ChangeId id, content_id(change));
    if (!seen.insert(id).second) return malformed("the change " + label(change) + " is there twice");
    renamed.emplace(std::exchange(change.id, id), id);
  }
  std::vector<std::size_t> by_preference(plan.changes.size());
  for (std::size_t i = 0; i < by_preference.size(); ++i) by_preference[i] = i;
  const auto key = [&](std::size_t i) {
    const Change& change = plan.changes[i];
    return std::tuple(change.lane, change.verb == Verb::kOnboard, dependencies.depth(i), std::cref(change.cause),
                      std::cref(change.id));
  };
  std::sort(by_preference.begin(), by_preference.end(), [&](std::size_t a, std::size_t b) { return key(a) < key(b); });
  std::vector<Change> ordered;
  ordered.reserve(plan.changes.size());
  for (const std::size_t i : by_preference) ordered.push_back(std::move(plan.changes[i]));
  plan.changes = std::move(ordered);
  return {};
}

Status order_rest(Plan& plan) {
  std::set<model::CauseId> causes;
  std::sort(plan.causes.begin(), plan.causes.end(), [](const Cause& a, const Cause& b) { return a.id < b.id; });
  for (const Cause& cause : plan.causes) {
    if (!causes.insert(cause.id).second) return malformed("the cause " + cause.id.str() + " is there twice");
    if (cause.id != cause_id(cause))
      return malformed("the cause " + cause.id.str() + " does not have the id of its content");
  }
  for (const Change& change : plan.changes)
    if (!causes.contains(change.cause)) return malformed(label(change) + " has no cause in the plan");
  for (GuardResult& guard : plan.guards) {
    std::sort(guard.causes.begin(), guard.causes.end());
    for (const auto& cause : guard.causes)
      if (!causes.contains(cause)) return malformed("guard \"" + guard.guard + "\" names a cause that is not there");
  }
  std::sort(plan.unknowns.begin(), plan.unknowns.end(), [](const Unknown& a, const Unknown& b) {
    return std::tie(a.target, a.what, a.reason) < std::tie(b.target, b.what, b.reason);
  });
  std::sort(plan.guards.begin(), plan.guards.end(),
            [](const GuardResult& a, const GuardResult& b) { return a.guard < b.guard; });
  return {};
}

json::Value document_of(const Plan& plan) {
  json::Array causes, changes, unknowns, guards, approvals;
  for (const auto& cause : plan.causes) causes.push_back(codec::to_json(cause));
  for (const auto& change : plan.changes) changes.push_back(to_json(change));
  for (const auto& unknown : plan.unknowns) unknowns.push_back(codec::to_json(unknown));
  for (const auto& guard : plan.guards) guards.push_back(codec::to_json(guard));
  for (const auto& approval : plan.approvals) approvals.push_back(codec::to_json(approval));
  return json::Object{{"format", "plan/v1"},           {"policy", plan.policy.str()},
                      {"purpose", plan.purpose},       {"causes", std::move(causes)},
                      {"changes", std::move(changes)}, {"unknowns", std::move(unknowns)},
                      {"guards", std::move(guards)},   {"approvals", std::move(approvals)}};
}

template <class Element>
Status read_all(const json::Reader& reader, std::string_view key, Result<Element> (*read)(const json::Reader&),
                std::vector<Element>& into) {
  TENURE_TRY(const auto elements, reader.array(key));
  for (const auto& element : elements) {
    TENURE_TRY(Element value, read(element));
    into.push_back(std::move(value));
  }
  return {};
}

Result<Plan> read_document(const json::Reader& reader) {
  Plan plan;
  TENURE_TRY(const std::string format, reader.string("format"));
  if (format != "plan/v1") return reader.wrong("format", "\"plan/v1\", not \"" + format + "\"");
  TENURE_TRY(const std::string policy, reader.string("policy"));
  TENURE_TRY(plan.policy, Digest::parse(policy));
  TENURE_TRY(plan.purpose, reader.string("purpose"));
  TENURE_CHECK_OK(read_all(reader, "causes", codec::read_cause, plan.causes));
  TENURE_CHECK_OK(read_all(reader, "changes", codec::read_change, plan.changes));
  TENURE_CHECK_OK(read_all(reader, "unknowns", codec::read_unknown, plan.unknowns));
  TENURE_CHECK_OK(read_all(reader, "guards", codec::read_guard, plan.guards));
  TENURE_CHECK_OK(read_all(reader, "approvals", codec::read_approval, plan.approvals));
  return plan;
}

}  // namespace

Result<Frozen> freeze(Plan& plan) {
  TENURE_CHECK_OK(order_changes(plan));
  TENURE_CHECK_OK(order_rest(plan));
  auto bytes = json::canonical(document_of(plan));
  if (!bytes) return malformed(bytes.error().message());
  Frozen frozen;
  frozen.digest = Digest::of(*bytes);
  frozen.bytes = std::move(*bytes);
  return frozen;
}

Result<Plan> thaw(std::string_view bytes) {
  const auto value = json::parse(bytes, {.allow_double = false});
  if (!value) return malformed(value.error().message());
  auto plan = read_document(json::Reader(*value, "plan"));
  if (!plan) return malformed(plan.error().message());
  Plan again = *plan;
  TENURE_TRY(const Frozen frozen, freeze(again));
  std::set<model::ChangeId> ids;
  for (const Change& change : again.changes) ids.insert(change.id);
  for (const Change& change : plan->changes)
    if (!ids.contains(change.id))
      return malformed("change " + change.id.str() + " does not have the id of its content");
  if (frozen.bytes != bytes) return malformed("the document is not in canonical form");
  return plan;
}

}  // namespace tenure::plan
