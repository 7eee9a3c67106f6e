#include "approvals.hpp"

#include "text_index.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include <tenure/policy/evaluate.hpp>

namespace tenure::plan {
namespace {

constexpr std::uint32_t kNoState = 0xFF;

std::string count_text(std::int64_t changes) {
  return std::to_string(changes) + (changes == 1 ? " change" : " changes");
}

// What rules see of a change, as numbers: plans have many changes and few kinds of them.
struct Tuple {
  std::uint32_t target = 0, entitlement = 0, cause = 0;
  std::uint32_t enumerators = 0;
  std::uint32_t state = kNoState;
  friend bool operator==(const Tuple&, const Tuple&) = default;
};
struct TupleHash {
  std::size_t operator()(const Tuple& tuple) const {
    std::uint64_t hash = 0;
    for (const std::uint32_t part : {tuple.target, tuple.entitlement, tuple.cause, tuple.enumerators, tuple.state})
      hash = (hash ^ part) * 0x9e3779b97f4a7c15U ^ hash >> 29U;
    return hash;
  }
};

policy::ChangeFacts facts_of(const Change& change, const std::string& cause_kind, std::uint32_t state) {
  policy::ChangeFacts facts;
  facts.verb = name_of(change.verb);
  facts.kind = name_of(change.kind);
  facts.risk = model::name_of(change.risk);
  facts.target = change.target.str();
  facts.entitlement = change.entitlement.str();
  facts.purpose = model::name_of(change.purpose);
  if (state != kNoState) facts.state = model::name_of(static_cast<model::LifecycleState>(state));
  facts.cause = cause_kind;
  facts.takes_away = takes_away(change);
  facts.manual = change.manual;
  return facts;
}

// Changes of each kind, each kind with one change that stands for it.
class Kinds {
 public:
  explicit Kinds(const Plan& plan) : causes_(plan.causes.size()) {
    for (const Cause& cause : plan.causes) {
      const std::uint32_t number = causes_.number_of(cause.id.str());
      if (number == kind_of_cause_.size()) kind_of_cause_.push_back(number_of_kind(cause.kind));
    }
    kind_of_cause_.push_back(number_of_kind(kNone));
  }

  void count(const Change& change, std::uint32_t state) {
    // Changes of one identity stand together, and so do those of one target and cause.
    if (last_ == nullptr || last_->cause != change.cause) {
      const std::uint32_t number = causes_.find(change.cause.str());
      cause_ = number == TextIndex::kNone ? kind_of_cause_.back() : kind_of_cause_[number];
    }
    if (last_ == nullptr || last_->target != change.target) target_ = targets_.number_of(change.target.str());
    last_ = &change;
    const std::array<std::uint32_t, 6> enumerators = {
        static_cast<std::uint32_t>(change.verb),        static_cast<std::uint32_t>(change.kind),
        static_cast<std::uint32_t>(change.risk),        static_cast<std::uint32_t>(change.purpose),
        static_cast<std::uint32_t>(takes_away(change)), static_cast<std::uint32_t>(change.manual)};
    Tuple tuple{target_, entitlements_.number_of(change.entitlement.str()), cause_, 0, state};
    for (const std::uint32_t one : enumerators) tuple.enumerators = tuple.enumerators << 5U | one;
    Kind& kind = all_[tuple];
    kind.change = &change;
    ++kind.count;
  }

  struct Kind {
    const Change* change = nullptr;
    std::int64_t count = 0;
  };
  const std::unordered_map<Tuple, Kind, TupleHash>& all() const { return all_; }
  const std::string& cause_kind(const Tuple& tuple) const { return *cause_kinds_[tuple.cause]; }

 private:
  std::uint32_t number_of_kind(const std::string& kind) {
    const std::uint32_t number = kinds_.number_of(kind);
    if (number == cause_kinds_.size()) cause_kinds_.push_back(&kind);
    return number;
  }

  inline static const std::string kNone;
  const Change* last_ = nullptr;
  std::uint32_t cause_ = 0, target_ = 0;  // of the last
  TextIndex causes_, kinds_, targets_, entitlements_;
  std::vector<const std::string*> cause_kinds_;
  std::vector<std::uint32_t> kind_of_cause_;  // the last: of a cause that is not in the plan
  std::unordered_map<Tuple, Kind, TupleHash> all_;
};

}  // namespace

std::vector<ApprovalNeeded> approvals_needed(const policy::PolicySet& policy, const StateOf& state, const Plan& plan) {
  Kinds kinds(plan);
  model::IdentityId last;
  std::uint32_t its_state = kNoState;
  for (const Change& change : plan.changes) {
    if (change.identity != last) {
      last = change.identity;
      const auto found = last.valid() ? state(last) : std::nullopt;
      its_state = found ? static_cast<std::uint32_t>(*found) : kNoState;
    }
    kinds.count(change, its_state);
  }
  std::unordered_map<const policy::ApprovalRule*, std::int64_t> matched;
  std::int64_t unmatched = 0;
  for (const auto& [tuple, kind] : kinds.all()) {
    const auto rules = policy::approvals_for(policy, facts_of(*kind.change, kinds.cause_kind(tuple), tuple.state));
    if (rules.empty()) unmatched += kind.count;
    for (const auto* rule : rules) matched[rule] += kind.count;
  }
  // A revocation is never given up because nobody answered.
  const bool takes_away = std::any_of(kinds.all().begin(), kinds.all().end(),
                                      [](const auto& one) { return plan::takes_away(*one.second.change); });
  std::vector<ApprovalNeeded> needed;
  for (const auto& rule : policy.approvals) {
    const auto it = matched.find(&rule);
    if (it == matched.end()) continue;
    ApprovalNeeded one;
    const bool standing = rule.standing && (rule.changes_max == 0 || it->second <= rule.changes_max);
    one.rule = standing ? "standing:" + rule.name : rule.name;
    one.text = count_text(it->second);
    one.count = 0;
    if (standing && rule.changes_max > 0) one.limit = "at most " + count_text(rule.changes_max) + " of one plan";
    if (rule.standing && !standing) {  // beyond its limit it stands no more: somebody is asked
      one.count = 1;
      one.text += ", more than the " + std::to_string(rule.changes_max) + " that it stands for";
    }
    if (!takes_away) one.expires_after = rule.expires_after;
    for (const policy::ApprovalStep& step : rule.steps) {
      if (&step != &rule.steps.front()) {
        one.then.push_back({step.count, step.approvers, step.escalate_after, step.escalate_to});
        continue;
      }
      one.count = step.count;
      one.approvers = step.approvers;
      one.escalate_after = step.escalate_after;
      one.escalate_to = step.escalate_to;
    }
    needed.push_back(std::move(one));
  }
  if (unmatched > 0) needed.push_back({.rule = "unmatched", .count = 1, .text = count_text(unmatched)});
  return needed;
}

}  // namespace tenure::plan
