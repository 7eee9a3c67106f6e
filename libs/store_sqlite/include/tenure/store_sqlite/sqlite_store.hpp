// The durable store of one node: SQLite in WAL mode with synchronous=FULL, one writing connection, reading connections
// for snapshots, and a lock file against a second process.
//
// SQLite 3.51.3 or later is required (older releases can corrupt a WAL that two connections reset at once). Checkpoints
// are made here after commits, never automatically inside one.
#pragma once

#include <memory>
#include <string>

#include <tenure/base/clock.hpp>
#include <tenure/store/store.hpp>

namespace tenure::store_sqlite {

struct Options {
  std::string folder;   // holds tenure.db, its WAL, and the lock file
  bool create = false;  // make a new state; kStateExists if there is one
};

// Opens or creates. kNoState: nothing there. kStoreLocked: another process has it (named in the message).
// kStoreSchema: written by another version. random and entropy outlive the store; random is
// used by it alone, under its own lock.
Result<std::unique_ptr<store::Store>> open(const Options& options, Random& random, Entropy& entropy);

// Snapshots only, beside a process that may hold the folder: everything that would write, and the evidence, answers
// kStoreLocked. kNoState: nothing there.
Result<std::unique_ptr<store::Store>> open_reading(const std::string& folder);

}  // namespace tenure::store_sqlite
