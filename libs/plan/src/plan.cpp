#include <algorithm>
#include <array>

#include <tenure/base/hash.hpp>
#include <tenure/plan/plan.hpp>

namespace tenure::plan {
namespace {

constexpr std::array<std::string_view, 7> kKinds = {"account", "attribute", "grant", "credential",
                                                    "session", "relation",  "effect"};
constexpr std::array<std::string_view, 11> kVerbs = {"create", "update",       "enable", "disable", "delete", "grant",
                                                     "revoke", "end_sessions", "claim",  "adopt",   "onboard"};
constexpr std::array<std::string_view, 5> kLanes = {"emergency", "revoke", "reduce", "grant", "reconcile"};

template <class Enum, std::size_t N>
std::optional<Enum> find_name(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto it = std::find(names.begin(), names.end(), name);
  if (it == names.end()) return std::nullopt;
  return static_cast<Enum>(it - names.begin());
}

}  // namespace

std::string_view name_of(ChangeKind kind) {
  return kKinds.at(static_cast<std::size_t>(kind));
}
std::string_view name_of(Verb verb) {
  return kVerbs.at(static_cast<std::size_t>(verb));
}
std::string_view name_of(Lane lane) {
  return kLanes.at(static_cast<std::size_t>(lane));
}
std::optional<ChangeKind> change_kind(std::string_view name) {
  return find_name<ChangeKind>(kKinds, name);
}
std::optional<Verb> verb_from(std::string_view name) {
  return find_name<Verb>(kVerbs, name);
}
std::optional<Lane> lane_from(std::string_view name) {
  return find_name<Lane>(kLanes, name);
}

ChangeKind kind_of(Verb verb) {
  switch (verb) {
    case Verb::kCreate:
    case Verb::kEnable:
    case Verb::kDisable:
    case Verb::kDelete:
      return ChangeKind::kAccount;
    case Verb::kUpdate:
      return ChangeKind::kAttribute;
    case Verb::kGrant:
    case Verb::kRevoke:
    case Verb::kAdopt:
      return ChangeKind::kGrant;
    case Verb::kEndSessions:
      return ChangeKind::kSession;
    case Verb::kClaim:
      return ChangeKind::kRelation;
    case Verb::kOnboard:
      return ChangeKind::kEffect;
  }
  return ChangeKind::kEffect;
}

bool is_remote(Verb verb) {
  return verb != Verb::kClaim && verb != Verb::kAdopt && verb != Verb::kOnboard;
}

model::CauseId cause_id(const Cause& cause) {
  std::string text;
  text.reserve(cause.kind.size() + cause.root.size() + cause.text.size() + 24);
  for (const std::string* part : {&cause.kind, &cause.root, &cause.text}) (text += *part) += '\0';
  const Sha256 hash = sha256(text += std::to_string(cause.identity.value()));
  return model::CauseId("C-" + to_hex(hash.view().substr(0, 6)));
}

std::vector<ApprovalStep> ApprovalNeeded::steps() const {
  if (count == 0) return {};
  std::vector<ApprovalStep> all = {{count, approvers, escalate_after, escalate_to}};
  all.insert(all.end(), then.begin(), then.end());
  return all;
}

bool Plan::held() const {
  return std::any_of(guards.begin(), guards.end(), [](const GuardResult& guard) { return guard.held; });
}

const Change* Plan::find(const model::ChangeId& id) const {
  const auto it = std::find_if(changes.begin(), changes.end(), [&](const Change& change) { return change.id == id; });
  return it == changes.end() ? nullptr : &*it;
}

bool takes_away(const Change& change) {
  switch (change.verb) {
    case Verb::kDisable:
    case Verb::kDelete:
    case Verb::kRevoke:
    case Verb::kEndSessions:
      return true;
    case Verb::kGrant:  // the planner puts a grant into this lane only when its parameters shrink
      return change.lane == Lane::kReduce;
    default:
      return false;
  }
}

char symbol_of(const Change& change) {
  if (change.manual && is_remote(change.verb)) return 'm';
  switch (change.verb) {
    case Verb::kCreate:
    case Verb::kEnable:
      return '+';
    case Verb::kGrant:
      return change.prior_present ? '~' : '+';
    case Verb::kUpdate:
      return '~';
    case Verb::kDisable:
    case Verb::kDelete:
    case Verb::kRevoke:
    case Verb::kEndSessions:
      return '-';
    case Verb::kClaim:
    case Verb::kAdopt:
    case Verb::kOnboard:
      return '<';
  }
  return '?';
}

}  // namespace tenure::plan
