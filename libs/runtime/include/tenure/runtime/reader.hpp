// Reading targets, and the stored observation of each.
//
// Rows of table kObserved, owner = target (format observed/v1, docs/formats/observed.md):
//   "<target>/meta"       read_at, coverage, entitlements, nesting, bits, digest of every block
//   "<target>/b/<hash>"   accounts with their grants, by the first `bits` bits of SHA-256 of the native id, in
//   hexadecimal
//   "<target>/d/<id>"     one account as a later read-back showed it, or null when it is proven absent; wins over its
//   block
// A full reading rewrites the blocks that differ and drops the deltas it covers. What a reading could not cover is kept
// from before: unknown is not none (T9).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <tenure/base/clock.hpp>
#include <tenure/connector/connector.hpp>
#include <tenure/engine/exchange.hpp>
#include <tenure/model/access.hpp>
#include <tenure/runtime/blocks.hpp>
#include <tenure/store/store.hpp>

namespace tenure::runtime {

// The last full reading with later read-backs applied, sorted; nullopt when the target was never read.
Result<std::optional<model::Observation>> load_observation(store::Snapshot& snapshot, const model::TargetName& target);

// The same in its parts, for those who load very many: the reading without accounts and their grants (nullptr: never
// read; nothing else follows), its blocks, and the accounts that were read back since, which win over their blocks.
struct ObservationVisitor {
  std::function<void(const model::Observation* head)> head;
  std::function<Status(const ObservedBlock& block)> many;
  std::function<void(const model::NativeId& account, std::optional<model::AccountImage> image)> one;  // nullopt: gone
};
Status visit_observation(store::Snapshot& snapshot, const model::TargetName& target, const ObservationVisitor& visitor);

// Rows that make the stored observation equal to this reading. The snapshot must be newer than the start of the
// reading.
Result<std::vector<store::Write>> writes_for(store::Snapshot& snapshot, const model::Observation& observation);

// The row for one fresh image.
store::Write apply_image(const engine::ImageUpdate& update, Time at);

struct TargetReading {
  model::TargetName target;
  Time begun_at;
  Result<model::Observation> observation;  // an error: everything about the target stays unknown
};

// Reads a target whole. Blocks for at most `timeout`. Nothing is written.
TargetReading read_target(connector::Connection& connection, const model::TargetName& target, Duration timeout,
                          const Clock& clock);

// Rows (kObserved, kTarget) and evidence (read.completed, read.failed) of a reading, to be committed together. The row
// of the target is written against the version in the snapshot: on kStoreConflict take a new snapshot and call again.
Result<store::Batch> batch_for(const TargetReading& reading, store::Snapshot& snapshot, Time now);

}  // namespace tenure::runtime
