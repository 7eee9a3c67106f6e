#include "approvals.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>

#include <tenure/base/text.hpp>
#include <tenure/plan/split.hpp>

namespace tenure::plan {
namespace {

constexpr std::size_t kNamedMax = 5;  // keys in a purpose, crossings in a message

std::string what(const Change& change) {
  return describe(change) + " in " + change.target.str() + " (" + change.id.str() + ")";
}

class Splitter {
 public:
  Splitter(const Plan& whole, const SplitRequest& request)
      : whole_(whole), request_(request), only_(request.only.begin(), request.only.end()) {
    for (std::size_t i = 0; i < whole.changes.size(); ++i) {
      index_.emplace(whole.changes[i].id, i);
      own_.push_back(key_of(whole.changes[i], request.by));
    }
    keys_ = own_;
    if (!only_.empty())
      for (std::string& key : keys_)
        if (!only_.contains(key)) key.clear();
  }

  // The key of the part that each change goes to, in the order of the plan; "" for the rest.
  Result<std::vector<std::string>> assign() {
    const std::set<std::string> there(own_.begin(), own_.end());
    for (const std::string& key : only_)
      if (!there.contains(key))
        return fail(tenure::Reason::kNotFound, "no change of the plan has " + noun() + " \"" + key + "\"");
    if (request_.pull)
      pull();
    else
      TENURE_CHECK_OK(check_crossings());
    if (std::set<std::string>(keys_.begin(), keys_.end()).size() < 2)
      return fail(tenure::Reason::kPlanSplit, "everything would be in one part");
    return keys_;
  }

  const std::string& own_key(std::size_t i) const { return own_[i]; }
  std::string purpose_of(const std::string& key) const {
    if (!key.empty()) return whole_.purpose + "; " + noun() + " " + key;
    std::string text = whole_.purpose + "; without " + noun() + " ";
    if (only_.size() > kNamedMax) return text + "of " + std::to_string(only_.size()) + " parts";
    return text + join({only_.begin(), only_.end()}, ", ");
  }

 private:
  std::string noun() const {
    switch (request_.by) {
      case GroupBy::kCause:
        return "cause";
      case GroupBy::kTarget:
        return "target";
      case GroupBy::kIdentity:
        return "identity";
      case GroupBy::kLane:
        return "lane";
    }
    return "";
  }

  // What a change cannot be planned without.
  std::vector<std::size_t> needed_by(std::size_t i) const {
    std::vector<std::size_t> needed;
    for (const auto& need : whole_.changes[i].needs)
      if (const auto it = index_.find(need); it != index_.end()) needed.push_back(it->second);
    if (const auto it = index_.find(whole_.changes[i].account.producer); it != index_.end())
      needed.push_back(it->second);
    return needed;
  }

  Status check_crossings() const {
    std::vector<std::string> crossings;
    std::size_t count = 0;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      for (const std::size_t other : needed_by(i)) {
        if (keys_[i] == keys_[other]) continue;
        if (++count <= kNamedMax)
          crossings.push_back(what(whole_.changes[i]) + " needs " + what(whole_.changes[other]));
      }
    }
    if (count == 0) return {};
    return fail(tenure::Reason::kPlanSplit,
                join(crossings, "; ") + (count > kNamedMax ? "; and " + std::to_string(count - kNamedMax) : "") +
                    (count > kNamedMax ? " more" : ""));
  }

  std::size_t root(std::size_t i) {
    while (knots_[i] != i) i = knots_[i] = knots_[knots_[i]];
    return i;
  }

  void pull() {
    knots_.resize(keys_.size());
    std::iota(knots_.begin(), knots_.end(), std::size_t{0});
    for (std::size_t i = 0; i < keys_.size(); ++i)
      for (const std::size_t other : needed_by(i)) {
        const std::size_t x = root(i), y = root(other);
        knots_[std::max(x, y)] = std::min(x, y);
      }
    std::unordered_map<std::size_t, std::string> chosen;  // a named key before the rest, the first change before others
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      const auto [it, fresh] = chosen.emplace(root(i), keys_[i]);
      if (!fresh && it->second.empty()) it->second = keys_[i];
    }
    for (std::size_t i = 0; i < keys_.size(); ++i) keys_[i] = chosen.at(root(i));
  }

  const Plan& whole_;
  const SplitRequest& request_;
  const std::set<std::string> only_;
  std::unordered_map<model::ChangeId, std::size_t> index_;
  std::vector<std::string> own_, keys_;
  std::vector<std::size_t> knots_;
};

// What of the whole stands beside the changes of a part.
void add_beside(const Plan& whole, Plan& part) {
  std::set<model::CauseId> causes;
  std::set<model::TargetName> targets;
  for (const Change& change : part.changes) {
    causes.insert(change.cause);
    targets.insert(change.target);
  }
  for (const Cause& cause : whole.causes)
    if (causes.contains(cause.id)) part.causes.push_back(cause);
  for (const Unknown& unknown : whole.unknowns)
    if (unknown.target.empty() || targets.contains(unknown.target)) part.unknowns.push_back(unknown);
  for (GuardResult guard : whole.guards) {
    std::erase_if(guard.causes, [&](const model::CauseId& cause) { return !causes.contains(cause); });
    if (guard.held && guard.causes.empty()) continue;
    part.guards.push_back(std::move(guard));
  }
}

}  // namespace

Result<std::vector<Part>> split(const policy::PolicySet& policy, const StateOf& state, const Plan& whole,
                                const SplitRequest& request) {
  if (whole.policy != policy.digest)
    return fail(tenure::Reason::kPlanSplit, "it was made under the policy " + whole.policy.brief() +
                                                ", and the one in force is " + policy.digest.brief());
  Splitter splitter(whole, request);
  TENURE_TRY(const auto keys, splitter.assign());
  std::map<std::string, Part> by_key;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    Part& part = by_key[keys[i]];
    part.plan.changes.push_back(whole.changes[i]);
    const bool own = splitter.own_key(i) == keys[i] || (keys[i].empty() && !request.only.empty());
    part.pulled += own ? 0 : 1;
  }
  std::vector<Part> parts;
  for (auto& [key, part] : by_key) {
    part.key = key;
    part.plan.policy = whole.policy;
    part.plan.purpose = splitter.purpose_of(key);
    add_beside(whole, part.plan);
    part.plan.approvals = approvals_needed(policy, state, part.plan);
    TENURE_TRY(part.frozen, freeze(part.plan));
    parts.push_back(std::move(part));
  }
  // The rest has the least key and comes last.
  if (!parts.empty() && parts.front().key.empty()) std::rotate(parts.begin(), parts.begin() + 1, parts.end());
  return parts;
}

}  // namespace tenure::plan
