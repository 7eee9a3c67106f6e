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

// A file that a person gives with what they say; kept under its digest in the state folder.
struct GivenFile {
  std::string name;  // without folders
  std::string content;
};

// By the workspace's actor; errors as governance says.
Result<governance::WorkOrder> claim_work_order(Workspace& workspace, const std::string& id);
Result<governance::WorkOrder> release_work_order(Workspace& workspace, const std::string& id,
                                                 const std::string& reason);
Result<governance::WorkOrder> reject_work_order(Workspace& workspace, const std::string& id, const std::string& reason);
Result<governance::WorkOrder> note_work_order(Workspace& workspace, const std::string& id, const std::string& text,
                                              const std::vector<GivenFile>& files);
Result<governance::WorkOrder> finish_work_order(Workspace& workspace, const std::string& id,
                                                const std::string& statement, const std::vector<GivenFile>& files);
// A second person saw it, where the target can never be read: its change ends by the word of two, marked as such.
Result<governance::WorkOrder> witness_work_order(Workspace& workspace, const std::string& id, const std::string& saw);

}  // namespace tenure::app
