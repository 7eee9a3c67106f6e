#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>

#include <tenure/base/text.hpp>
#include <tenure/plan/compare.hpp>

namespace tenure::plan {
namespace {

constexpr std::string_view kNul("\0", 1);

// What a change is about, as a text that is equal in both plans.
class Subjects {
 public:
  explicit Subjects(const Plan& plan) {
    for (const Change& change : plan.changes) by_id_.emplace(change.id, &change);
  }

  std::string exact(const Change& change) const { return loose(change) + std::string(kNul) + change.parameters; }
  // Whatever the parameters.
  std::string loose(const Change& change) const {
    std::string text(name_of(change.verb));
    for (const std::string& part :
         {change.target.str(), account(change), change.account_class, change.entitlement.str()}) {
      text.append(kNul);
      text.append(part);
    }
    text.append(kNul);
    return text + std::to_string(change.identity.value());
  }
  std::string exact(const model::ChangeId& id) const {
    const auto it = by_id_.find(id);
    return it == by_id_.end() ? id.str() : exact(*it->second);
  }

 private:
  // A new account is known by whose it is (loose() names the identity and the class), not by the name it may get.
  static std::string account(const Change& change) {
    return change.account.id.empty() ? "new" : "id " + change.account.id.str();
  }
  std::unordered_map<model::ChangeId, const Change*> by_id_;
};

std::vector<std::string> needs_of(const Change& change, const Subjects& subjects) {
  std::vector<std::string> needs;
  for (const auto& need : change.needs) needs.push_back(subjects.exact(need));
  std::sort(needs.begin(), needs.end());
  return needs;
}

void note_differing(const json::Object& a, const json::Object& b, std::set<std::string>& out) {
  for (const auto& [name, value] : a) {
    const auto other = b.find(name);
    if (other == b.end() || other->second != value) out.insert(name);
  }
  for (const auto& [name, value] : b)
    if (!a.contains(name)) out.insert(name);
}

std::vector<std::string> differing_members(const Change& a, const Subjects& in_a, const Change& b,
                                           const Subjects& in_b) {
  json::Value left = to_json(a), right = to_json(b);
  for (json::Value* value : {&left, &right})
    for (const char* reference : {"id", "needs", "account"}) value->as_object().erase(reference);
  std::set<std::string> differs;
  note_differing(left.as_object(), right.as_object(), differs);
  if (a.account.id != b.account.id || a.account.name != b.account.name ||
      in_a.exact(a.account.producer) != in_b.exact(b.account.producer))
    differs.insert("account");
  if (needs_of(a, in_a) != needs_of(b, in_b)) differs.insert("needs");
  return {differs.begin(), differs.end()};
}

// Pairs what both plans have under one key; what is left over stays for a wider key.
class Pairing {
 public:
  Pairing(const Plan& a, const Plan& b) : in_a_(a), in_b_(b), left_(a.changes.size()), right_(b.changes.size()) {
    for (std::size_t i = 0; i < a.changes.size(); ++i) left_[i] = {&a.changes[i], std::nullopt};
    for (std::size_t i = 0; i < b.changes.size(); ++i) right_[i] = {&b.changes[i], std::nullopt};
    match(true);
    match(false);
  }

  void into(Comparison& out) const {
    for (const Side& side : left_) {
      if (!side.partner) {
        out.only_a.push_back(side.change);
        continue;
      }
      const Change& other = *right_[*side.partner].change;
      auto differs = differing_members(*side.change, in_a_, other, in_b_);
      if (differs.empty())
        ++out.same;
      else
        out.differ.push_back({side.change, &other, std::move(differs)});
    }
    for (const Side& side : right_)
      if (!side.partner) out.only_b.push_back(side.change);
  }

 private:
  struct Side {
    const Change* change = nullptr;
    std::optional<std::size_t> partner;
  };

  void match(bool exact) {
    std::unordered_map<std::string, std::vector<std::size_t>> open;
    for (std::size_t i = right_.size(); i-- > 0;)  // backwards: the first is taken first
      if (!right_[i].partner) open[key(*right_[i].change, in_b_, exact)].push_back(i);
    for (std::size_t i = 0; i < left_.size(); ++i) {
      if (left_[i].partner) continue;
      const auto it = open.find(key(*left_[i].change, in_a_, exact));
      if (it == open.end() || it->second.empty()) continue;
      left_[i].partner = it->second.back();
      right_[it->second.back()].partner = i;
      it->second.pop_back();
    }
  }
  static std::string key(const Change& change, const Subjects& subjects, bool exact) {
    return exact ? subjects.exact(change) : subjects.loose(change);
  }

  Subjects in_a_, in_b_;
  std::vector<Side> left_, right_;
};

std::set<std::string> beside(const Plan& plan) {
  std::set<std::string> lines;
  lines.insert("purpose: " + plan.purpose);
  for (const auto& unknown : plan.unknowns)
    lines.insert("unknown " + (unknown.target.empty() ? "" : unknown.target.str() + " ") + unknown.what + ": " +
                 unknown.reason + ", " + std::to_string(unknown.changes_withheld) + " withheld");
  for (const auto& later : plan.later)
    lines.insert("later " + later.target.str() + " " + later.account.name + ": " + later.entitlement.str() +
                 (later.parameters.empty() ? "" : " " + later.parameters) + " stays for now");
  for (const auto& guard : plan.guards)
    lines.insert("guard " + guard.guard + ": " + guard.text + (guard.held ? ", held" : ""));
  for (const auto& needed : plan.approvals)
    lines.insert("approval " + needed.rule + ": " + std::to_string(needed.count) +
                 (needed.approvers.empty() ? "" : " of " + join(needed.approvers, ", ")));
  return lines;
}

}  // namespace

Comparison compare(const Plan& a, const Plan& b) {
  Comparison out;
  out.policies_differ = a.policy != b.policy;
  Pairing(a, b).into(out);
  const std::set<std::string> left = beside(a), right = beside(b);
  std::set_difference(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(out.beside_only_a));
  std::set_difference(right.begin(), right.end(), left.begin(), left.end(), std::back_inserter(out.beside_only_b));
  return out;
}

}  // namespace tenure::plan
