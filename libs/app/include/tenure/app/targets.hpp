// Targets: read back what they hold, test connections, say what is known of them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tenure/app/workspace.hpp>
#include <tenure/model/decision.hpp>

namespace tenure::app {

struct TargetOutcome {
  std::string target;
  bool known = false;   // it answered in full; false: what it holds is unknown, the last reading is kept
  std::string problem;  // why not; parts that are unknown
  std::optional<Error> error;
  std::int64_t accounts = 0, entitlements = 0, grants = 0;
  bool changed = false;                   // content differs from the last reading
  std::int64_t work_orders_verified = 0;  // manual changes that this reading shows done
  std::int64_t work_orders_returned = 0;  // attested, and the reading shows them undone
  Duration took;
};

struct ReadOutcome {
  std::vector<TargetOutcome> targets;
  bool all_known() const;
};

// Reads the targets named (all when empty), each on its own: one that is down or slow leaves the others alone. Settles
// manual changes and open obligations that the reading proves.
Result<ReadOutcome> read_targets(Workspace& workspace, const std::vector<std::string>& targets);

struct TargetStatus {
  model::TargetState state;
  std::string title, connector, owner;
  bool manual = false;
  std::int64_t accounts = 0, grants = 0, unexplained = 0, orphans = 0;
};
Result<std::vector<TargetStatus>> list_targets(Workspace& workspace);

struct TargetTest {
  std::string target;
  bool ok = false;
  std::vector<std::string> faults;  // rights that lack, with what they are needed for; or the error
};
// Preflight: reachability, credentials, rights; changes nothing.
Result<std::vector<TargetTest>> test_targets(Workspace& workspace, const std::vector<std::string>& targets);

}  // namespace tenure::app
