// Where the accepted records of sources stand in the store, so that a feed of a million records of which a hundredth
// changed does not rewrite all of them. Table kSourceRecord, owner = source:
//
//   "<source>"           {"blocks":1024,"columns":[...],"digest":"sha256:...","feed_columns":[...],"file":"..."}
//   "<source>/00003f"    [["C1",["C1","P1",null]],...]: the records whose keys belong to that block, in byte order
//
// and in kMeta, "merge": what the next merge has to know of the last one. Lines are not kept: a row that comes in
// between would move them all. Those of records that a warning is about are in "merge".
#pragma once

#include <set>

#include <tenure/source/register.hpp>
#include <tenure/store/store.hpp>

namespace tenure::app {

struct StoredRecords {
  source::Kept kept;
  std::size_t blocks = 0;
};

// nullopt: no feed of it was ever accepted. Errors: kStoreCorrupt.
Result<std::optional<StoredRecords>> load_records(store::Snapshot& snapshot, const std::string& source);
Result<std::optional<source::MergeMemory>> load_merge_memory(store::Snapshot& snapshot);

// The writes after which the store has `kept`: the blocks of the keys that were touched, or all of them when there are
// too few blocks, or far too many. `blocks`: as loaded; 0 = none yet.
void write_records(const std::string& source, const source::Kept& kept, std::size_t blocks,
                   const std::set<std::string>& touched, store::Batch& batch);
store::Write write_of(const source::MergeMemory& memory);

}  // namespace tenure::app
