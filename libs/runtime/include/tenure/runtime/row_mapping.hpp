// Engine rows in the store's tables, both ways.
//
// Thread-safety: as the store and snapshot given.
#pragma once

#include <vector>

#include <tenure/engine/exchange.hpp>
#include <tenure/engine/state.hpp>
#include <tenure/store/store.hpp>

namespace tenure::runtime {

store::Table table_of(engine::RowTable table);

// Appends what one Commit asks for: rows, observed deltas, evidence. Rows with `merge` are read in the snapshot and
// written against its version (a conflict on commit: read again); where there are none, it may be nullptr. Errors: the
// snapshot's; kJsonShape for a body that is not canonical (a defect).
Status append(store::Batch& batch, const engine::Commit& commit, store::Snapshot* snapshot, Time now);

// Every open row, for engine::load().
Result<engine::Rows> load_rows(store::Snapshot& snapshot);

}  // namespace tenure::runtime
