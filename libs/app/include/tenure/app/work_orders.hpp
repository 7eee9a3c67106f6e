// Work orders: list, claim, say it is done. Only a later reading of the target makes one verified (targets.hpp).
#pragma once

#include <string>
#include <vector>

#include <tenure/app/workspace.hpp>
#include <tenure/governance/work_order.hpp>

namespace tenure::app {

struct WorkOrderFilter {
  std::string target;
  bool closed = false;  // also verified and cancelled ones
};
Result<std::vector<governance::WorkOrder>> list_work_orders(Workspace& workspace, const WorkOrderFilter& filter);
// By id or unique prefix. kWorkOrderNotFound.
Result<governance::WorkOrder> show_work_order(Workspace& workspace, const std::string& id);

// By the workspace's actor. kWorkOrderState, kWorkOrderNotFound.
Result<governance::WorkOrder> claim_work_order(Workspace& workspace, const std::string& id);
// An assertion: the order is attested afterwards, not verified. `attachment` is the content of a file, kept in the
// state folder under its digest; "" = none.
Result<governance::WorkOrder> finish_work_order(Workspace& workspace, const std::string& id,
                                                const std::string& statement, const std::string& attachment);

}  // namespace tenure::app
