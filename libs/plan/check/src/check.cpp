#include "parts.hpp"

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <tenure/base/hash.hpp>
#include <tenure/base/workers.hpp>
#include <tenure/plan_check/check.hpp>

namespace tenure::plan_check {
namespace {

bool closes_login(const ReadChange& change) {
  return change.verb == "disable" || change.verb == "delete";
}

void check_order(const ReadPlan& plan, std::vector<Fault>& faults) {
  std::unordered_map<std::string, std::size_t> place;
  std::unordered_map<std::string, std::string> closed;  // account -> change that closes its login
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    place.emplace(plan.changes[i].id, i);
    if (closes_login(plan.changes[i]))
      closed[key_of({plan.changes[i].target, plan.changes[i].account})] = plan.changes[i].id;
  }
  const auto needs = [&](const ReadChange& change, const std::string& id) {
    // The chain is short: disable, end sessions, revoke.
    for (const auto& need : change.needs) {
      if (need == id) return true;
      if (const auto it = place.find(need); it != place.end())
        for (const auto& further : plan.changes[it->second].needs)
          if (further == id) return true;
    }
    return false;
  };
  std::size_t rank = 0;
  for (std::size_t i = 0; i < plan.changes.size(); ++i) {
    const ReadChange& change = plan.changes[i];
    if (change.lane_rank < rank)
      faults.push_back({"order", change.id, "lane " + change.lane + " comes after a later lane"});
    rank = std::max(rank, change.lane_rank);
    const bool takes = change.verb == "revoke" || change.verb == "end_sessions" || closes_login(change);
    if (takes && change.lane_rank > 1)
      faults.push_back({"order", change.id, "what takes away is not in the revoke lane"});
    if ((change.verb == "create" || change.verb == "enable") && change.lane_rank < 3)
      faults.push_back({"order", change.id, "what gives is in a lane of revocations"});
    std::vector<std::string> earlier = change.needs;
    if (!change.producer.empty()) earlier.push_back(change.producer);
    for (const auto& need : earlier)
      if (const auto it = place.find(need); it == place.end() || it->second >= i)
        faults.push_back({"order", change.id, "needs " + need + ", which does not come before it"});
    const auto login = closed.find(key_of({change.target, change.account}));
    if ((change.verb == "revoke" || change.verb == "end_sessions") && login != closed.end() &&
        plan.changes[place.at(login->second)].verb == "disable" && !needs(change, login->second))
      faults.push_back({"order", change.id, "it does not wait until new logins are stopped"});
    if (plan.purpose.starts_with("onboard ") && change.verb != "claim" && change.verb != "adopt" &&
        change.verb != "onboard")
      faults.push_back({"order", change.id, "an onboarding sends nothing"});
  }
}

void check_duplicates(const ReadPlan& plan, std::vector<Fault>& faults) {
  std::unordered_set<std::string> ids, done, given;
  for (const ReadChange& change : plan.changes) {
    const std::string subject = change.verb == "create" ? "new " + change.name : change.subject();
    if (!ids.insert(change.id).second) faults.push_back({"duplicate", change.id, "the id is there twice"});
    if (!done.insert(key_of({change.verb, change.target, subject, change.entitlement, change.parameters})).second)
      faults.push_back({"duplicate", change.id, change.verb + " is there twice"});
    if (change.verb == "grant") given.insert(key_of({change.target, subject, change.entitlement, change.parameters}));
  }
  for (const ReadChange& change : plan.changes)
    if (change.verb == "revoke" &&
        given.contains(key_of({change.target, change.subject(), change.entitlement, change.parameters})))
      faults.push_back({"duplicate", change.id, "given and taken in one plan"});
}

}  // namespace

std::vector<Fault> check(const Input& input) {
  return check(input, own_thread());
}

std::vector<Fault> check(const Input& input, Workers& workers) {
  std::vector<Fault> faults;
  if (Digest::of(input.plan).str() != input.digest) faults.push_back({"digest", "", "the bytes have another digest"});
  ReadPlan plan;
  if (auto fault = read_plan(input.plan, plan)) {
    faults.push_back({"digest", "", *fault});
    return faults;
  }
  check_reasons(input, plan, faults);
  check_revocations(input, plan, workers, faults);
  check_order(plan, faults);
  check_duplicates(plan, faults);
  check_guards(input, plan, faults);
  return faults;
}

}  // namespace tenure::plan_check
