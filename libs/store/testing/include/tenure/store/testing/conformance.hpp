// What every store must do, as a suite: `run_conformance(factory)` inside one GoogleTest test. The factory opens the
// same durable state again each time it is called, after the previous store was destroyed.
#pragma once

#include <functional>
#include <memory>

#include <tenure/store/store.hpp>

namespace tenure::store::testing {

using Factory = std::function<std::unique_ptr<Store>()>;

void check_rows_and_versions(Store& store);
void check_batches_are_atomic(Store& store);
void check_queries(Store& store);
void check_snapshots_stand_still(Store& store);
void check_evidence_and_sealing(Store& store);
// The state survives closing and opening, and case chains continue.
void check_reopening(const Factory& open);

// A draft that every store accepts, in the case given.
evidence::Draft sample_draft(const std::string& case_id, std::int64_t n);

}  // namespace tenure::store::testing
