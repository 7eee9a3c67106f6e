// What Tenure remembers about accounts and grants, as it is stored in table kDecision (docs/formats/decisions.md):
//
//   "<target>/<account>/<entitlement>[/<parameters>]"  one decision; state = its kind, or "ended": there is none any
//   more
//   "/<target>/<bits>/<block>"                          plain decisions of many accounts (blocks.hpp); state = "block"
//
// A row wins over the block. Every grant that Tenure makes leaves a decision: folding turns rows that have become many
// into blocks, so that a million accounts are a few thousand rows and are loaded in seconds. What is remembered does
// not change by it.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include <tenure/model/decision.hpp>
#include <tenure/runtime/blocks.hpp>
#include <tenure/store/store.hpp>

namespace tenure::runtime {

// Decisions that may stand in a block: "granted", about an account or a grant.
bool may_be_folded(const model::Decision& decision);

// The row for a decision that there is, and for one (by its row_id) that has ended.
store::Write put_decision(const model::Decision& decision);
store::Write end_decision(const std::string& row_id);

struct DecisionVisitor {
  std::function<void(model::Decision)> one;  // from rows
  // From blocks, whole: rights of `block` for which skip() is true have been decided anew, or have ended.
  using Skip =
      std::function<bool(const std::string& account, const std::string& entitlement, const std::string& parameters)>;
  // `touched` accounts are those for which skip may be true; the others need not be asked about.
  std::function<void(const GivenBlock& block, const std::function<bool(const std::string& account)>& touched,
                     const Skip& skip)>
      many;
};
// Every decision there is about accounts of a target, once; blocks first. Error kStoreCorrupt.
Status visit_decisions(store::Snapshot& snapshot, const model::TargetName& target, const DecisionVisitor& visitor);
// Those of all targets as values, in order of row_id.
Result<std::vector<model::Decision>> load_decisions(store::Snapshot& snapshot);

// Rows that put a target's plain decisions into blocks, once at least `least` rows could be; else nothing. To be
// committed as they are: kStoreConflict means that something was decided meanwhile; fold again later.
Result<std::vector<store::Write>> fold_decisions(store::Snapshot& snapshot, const model::TargetName& target,
                                                 std::size_t least);

}  // namespace tenure::runtime
