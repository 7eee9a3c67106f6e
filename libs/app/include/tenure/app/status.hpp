// One screen: what waits, what drifts, what is unknown.
#pragma once

#include <string>
#include <vector>

#include <tenure/app/workspace.hpp>
#include <tenure/base/hash.hpp>
#include <tenure/governance/approval.hpp>

namespace tenure::app {

// A step of an approval that somebody is asked for now.
struct PlanWaiting {
  Digest plan;
  governance::Waiting waiting;
};

struct Overview {
  std::int64_t identities = 0;
  std::int64_t plans_open = 0;
  std::vector<PlanWaiting> waiting;  // approvals of open plans
  std::int64_t findings_open = 0;
  std::int64_t work_orders_open = 0, work_orders_attested = 0;
  std::int64_t obligations_open = 0;
  std::int64_t break_glass_open = 0;  // asked for, open, or closed and not reviewed
  std::int64_t changes_open = 0;
  std::vector<std::string> targets_unknown;
  std::vector<std::string> feeds_held;
  std::int64_t records = 0, sealed = 0;
};
Result<Overview> overview(Workspace& workspace);

// What the machine and the folder lack, for `doctor`; each with a remedy.
struct Check {
  std::string what;
  bool ok = false;
  std::string detail;
};
Result<std::vector<Check>> check_folder(Workspace& workspace);

}  // namespace tenure::app
