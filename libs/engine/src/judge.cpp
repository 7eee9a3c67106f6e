#include "judge.hpp"

#include "planted.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace tenure::engine {
namespace {

using plan::Verb;

// Targets have their own ideas of types: 3 comes back as "3", a list in another order. What counts is the set of texts,
// as in the connectors' own read-back.
std::vector<std::string> texts_of(const json::Value& value) {
  std::vector<std::string> texts;
  if (value.is_array()) {
    for (const json::Value& element : value.as_array())
      for (std::string& text : texts_of(element)) texts.push_back(std::move(text));
    std::sort(texts.begin(), texts.end());
  } else if (!value.is_null()) {
    std::string text = value.is_string() ? value.as_string() : json::to_string(value);
    if (!text.empty()) texts.push_back(std::move(text));
  }
  return texts;
}

// An attribute that a target does not hold reads as absent from the map; a plan says null.
bool holds(const model::AttributeMap& attributes, const std::string& name, const json::Value& value) {
  const auto it = attributes.find(name);
  if (it == attributes.end()) return texts_of(value).empty();
  return it->second == value || texts_of(it->second) == texts_of(value);
}

bool holds_all(const model::AttributeMap& attributes, const model::AttributeMap& wanted) {
  return std::all_of(wanted.begin(), wanted.end(),
                     [&](const auto& one) { return holds(attributes, one.first, one.second); });
}

// Each attribute has its old or its new value.
bool between(const model::AttributeMap& attributes, const model::AttributeMap& prior,
             const model::AttributeMap& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const auto& one) {
    if (holds(attributes, one.first, one.second)) return true;
    const auto before = prior.find(one.first);
    return before == prior.end() || holds(attributes, one.first, before->second);
  });
}

const model::Grant* find_grant(const model::AccountImage& image, const model::EntitlementId& entitlement,
                               const model::Parameters& parameters) {
  for (const model::Grant& grant : image.grants)
    if (grant.entitlement == entitlement && grant.parameters == parameters) return &grant;
  return nullptr;
}

bool holds_any(const model::AccountImage& image, const model::EntitlementId& entitlement) {
  return std::any_of(image.grants.begin(), image.grants.end(),
                     [&](const model::Grant& grant) { return grant.entitlement == entitlement; });
}

Verdict judge_absent(const plan::Change& change) {
  switch (change.verb) {
    case Verb::kDelete:
    case Verb::kDisable:
    case Verb::kRevoke:
      return Verdict::kGoal;  // nobody is there to log in or to hold it
    case Verb::kCreate:
      return Verdict::kPrior;
    default:
      return Verdict::kOther;
  }
}

Verdict judge_grant(const plan::Change& change, const model::AccountImage& image) {
  const bool before = change.prior_present && change.prior_parameters != change.parameters;
  if (find_grant(image, change.entitlement, change.parameters) != nullptr &&
      (!before || find_grant(image, change.entitlement, change.prior_parameters) == nullptr))
    return Verdict::kGoal;
  if (before)
    return find_grant(image, change.entitlement, change.prior_parameters) != nullptr ? Verdict::kPrior
                                                                                     : Verdict::kOther;
  return holds_any(image, change.entitlement) ? Verdict::kOther : Verdict::kPrior;
}

Verdict judge_present(const plan::Change& change, const model::AccountImage& image, bool partly) {
  const model::Account& account = image.account;
  switch (change.verb) {
    case Verb::kDelete:
      return Verdict::kPrior;
    case Verb::kDisable:
      return account.enabled ? Verdict::kPrior : Verdict::kGoal;
    case Verb::kEnable:
      return account.enabled ? Verdict::kGoal : Verdict::kPrior;
    case Verb::kRevoke:
      if (!holds_any(image, change.entitlement)) return Verdict::kGoal;
      // Held with other parameters than the plan saw: what is to be taken away is not known any more.
      return find_grant(image, change.entitlement, change.parameters) != nullptr ? Verdict::kPrior : Verdict::kOther;
    case Verb::kGrant:
      return judge_grant(change, image);
    case Verb::kUpdate:
      if (holds_all(account.attributes, change.attributes)) return Verdict::kGoal;
      if (partly)
        return between(account.attributes, change.prior, change.attributes) ? Verdict::kPrior : Verdict::kOther;
      return holds_all(account.attributes, change.prior) ? Verdict::kPrior : Verdict::kOther;
    case Verb::kCreate:
      // Before our first attempt, whoever is there is not ours to take.
      if (!partly) return Verdict::kOther;
      return account.enabled && holds_all(account.attributes, change.attributes) ? Verdict::kGoal : Verdict::kOther;
    default:
      return Verdict::kOther;
  }
}

}  // namespace

Verdict judge(const plan::Change& change, const Reading& reading, bool partly) {
  switch (reading.kind) {
    case Reading::Kind::kPresent:
      return judge_present(change, reading.image, partly);
    case Reading::Kind::kAbsent:
      return judge_absent(change);
    case Reading::Kind::kSessions:
      if (change.verb != Verb::kEndSessions) return Verdict::kNoAnswer;
      return reading.sessions == 0 ? Verdict::kGoal : Verdict::kPrior;
    case Reading::Kind::kError:
      if (planted(Defect::kErrorMeansAbsent)) return judge_absent(change);
      return Verdict::kNoAnswer;
  }
  return Verdict::kNoAnswer;
}

bool is_local(Verb verb) {
  return verb == Verb::kClaim || verb == Verb::kAdopt || verb == Verb::kOnboard;
}

bool gives_access(const plan::Change& change) {
  return change.verb == Verb::kCreate || change.verb == Verb::kEnable || change.verb == Verb::kGrant;
}

bool overtakes(const plan::Change& revocation, const plan::Change& giving) {
  if (!gives_access(giving)) return false;
  switch (revocation.verb) {
    case Verb::kDelete:
    case Verb::kDisable:
      return true;
    case Verb::kRevoke:
      return giving.verb == Verb::kGrant && giving.entitlement == revocation.entitlement;
    default:
      return false;
  }
}

std::set<std::string> required_proofs(Verb verb) {
  if (verb == Verb::kEndSessions) return {"sessions_zero"};
  return {"configuration"};
}

Reading reading_from(const model::Observation& observation, const plan::Change& change,
                     const model::NativeId& account) {
  const auto unknown = [&](const std::string& what) {
    return std::find(observation.coverage.unknown.begin(), observation.coverage.unknown.end(), what) !=
           observation.coverage.unknown.end();
  };
  Reading reading;
  const model::Account* found = nullptr;
  if (!account.empty()) {
    found = observation.find_account(account);
  } else if (!change.account.name.empty()) {
    for (const model::Account& one : observation.accounts)
      if (one.name == change.account.name && one.account_class == change.account_class) found = &one;
  }
  if (change.verb == plan::Verb::kEndSessions) return reading;  // a reading of accounts says nothing of sessions
  if (found == nullptr) {
    if (observation.coverage.complete && observation.coverage.unknown.empty()) reading.kind = Reading::Kind::kAbsent;
    return reading;
  }
  const bool about_grants = change.verb == plan::Verb::kGrant || change.verb == plan::Verb::kRevoke;
  if (about_grants && (unknown("grants:" + change.entitlement.str()) || unknown("entitlements") || unknown("grants")))
    return reading;
  if (unknown(found->account_class)) return reading;
  reading.kind = Reading::Kind::kPresent;
  reading.image.account = *found;
  reading.image.grants = observation.grants_of(found->id);
  return reading;
}

}  // namespace tenure::engine
