// plan/v1 as the checker reads it: only what its questions need.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tenure/base/json.hpp>

namespace tenure::plan_check {

struct ReadChange {
  std::string id, verb, lane, target, account, producer, name, account_class, entitlement, parameters, prior_parameters;
  std::string risk, cause, rule, term;
  json::Object facts;
  std::int64_t identity = 0;
  bool prior_present = false;
  std::vector<std::string> needs;
  std::size_t lane_rank = 0;
  // The account in this plan: its id in the target, or the change that makes it.
  std::string subject() const { return account.empty() ? "new " + (producer.empty() ? id : producer) : account; }
};

struct ReadCause {
  std::string id, kind, root;
};

struct ReadGuard {
  bool held = false;
  std::vector<std::string> causes;
};

struct ReadUnknown {
  std::string target, reason;
  std::int64_t changes_withheld = 0;
};

// What the plan says stays for a while.
struct ReadLater {
  std::string target, account, account_class, entitlement, parameters, rule;
  std::int64_t identity = 0;
  std::int64_t until = 0;  // microseconds since 1970; 0: counted from a disabling that is in the plan
};

struct ReadPlan {
  std::string purpose;
  std::vector<ReadCause> causes;
  std::vector<ReadChange> changes;
  std::vector<ReadGuard> guards;
  std::vector<ReadUnknown> unknowns;
  std::vector<ReadLater> later;
};

// The fault in words when it is not plan/v1.
std::optional<std::string> read_plan(std::string_view bytes, ReadPlan& plan);

}  // namespace tenure::plan_check
