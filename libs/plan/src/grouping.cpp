#include <algorithm>

#include <tenure/plan/grouping.hpp>

namespace tenure::plan {
namespace {

std::string shown(const json::Value& value) {
  if (value.is_null()) return "(none)";
  return value.is_string() ? value.as_string() : json::to_string(value);
}

std::string right(const Change& change) {
  return change.entitlement.str() + (change.parameters.empty() ? "" : " " + change.parameters);
}

std::string account(const Change& change) {
  return change.account.name.empty() ? change.account.id.str() : change.account.name;
}

std::string describe_update(const Change& change) {
  std::string text;
  for (const auto& [name, value] : change.attributes) {
    if (!text.empty()) text += ", ";
    const auto prior = change.prior.find(name);
    text += name + ": " + (prior == change.prior.end() ? "?" : shown(prior->second)) + " -> " + shown(value);
  }
  return text;
}

}  // namespace

void Counts::count(const Change& change) {
  ++by_symbol[symbol_of(change)];
  ++total;
  privileged += change.risk == model::Risk::kPrivileged;
  manual += change.manual;
  risk_max = std::max(risk_max, change.risk);
}

std::string Counts::to_string() const {
  std::string text;
  for (const char symbol : std::string_view("+~-<m?")) {
    const auto it = by_symbol.find(symbol);
    if (it == by_symbol.end()) continue;
    if (!text.empty()) text += "  ";
    text += std::to_string(it->second) + " " + symbol;
  }
  return text;
}

std::string key_of(const Change& change, GroupBy by) {
  switch (by) {
    case GroupBy::kCause:
      return change.cause.str();
    case GroupBy::kTarget:
      return change.target.str();
    case GroupBy::kIdentity:
      return std::to_string(change.identity.value());
    case GroupBy::kLane:
      return std::string(name_of(change.lane));
  }
  return "";
}

std::vector<Group> grouped(const Plan& plan, GroupBy by) {
  std::map<model::CauseId, std::string> titles;
  for (const Cause& cause : plan.causes) titles[cause.id] = cause.text;
  std::map<std::pair<std::int64_t, std::string>, Group> groups;  // identities and lanes by number
  for (const Change& change : plan.changes) {
    const std::int64_t number = by == GroupBy::kIdentity ? change.identity.value()
                                : by == GroupBy::kLane   ? static_cast<std::int64_t>(change.lane)
                                                         : 0;
    const std::string key = key_of(change, by);
    Group& group = groups[{number, key}];
    group.key = key;
    group.title = by == GroupBy::kCause ? titles[change.cause] : key;
    group.counts.count(change);
    group.changes.push_back(&change);
  }
  std::vector<Group> result;
  for (auto& [key, group] : groups) result.push_back(std::move(group));
  if (by == GroupBy::kCause)
    std::stable_sort(result.begin(), result.end(), [](const Group& a, const Group& b) {
      const Lane x = a.changes.front()->lane, y = b.changes.front()->lane;
      return std::tie(x, a.title, a.key) < std::tie(y, b.title, b.key);
    });
  return result;
}

Counts counted(const Plan& plan) {
  Counts counts;
  for (const Change& change : plan.changes) counts.count(change);
  return counts;
}

std::string describe(const Change& change) {
  switch (change.verb) {
    case Verb::kCreate:
      return "create account " + account(change);
    case Verb::kUpdate:
      return account(change) + ": " + describe_update(change);
    case Verb::kEnable:
      return "enable account " + account(change);
    case Verb::kDisable:
      return "disable account " + account(change);
    case Verb::kDelete:
      return "delete account " + account(change);
    case Verb::kEndSessions:
      return "end sessions of " + account(change);
    case Verb::kGrant:
      if (change.prior_present)
        return account(change) + ": " + change.entitlement.str() + " " + change.prior_parameters + " -> " +
               change.parameters;
      return "grant " + right(change) + " to " + account(change);
    case Verb::kRevoke:
      return "revoke " + right(change) + " from " + account(change);
    case Verb::kClaim:
      return "account " + account(change) + " belongs to identity " + std::to_string(change.identity.value());
    case Verb::kAdopt:
      return account(change) + " holds " + right(change) + " by rule";
    case Verb::kOnboard:
      return "manage " + change.target.str() + " from now on";
  }
  return "?";
}

}  // namespace tenure::plan
