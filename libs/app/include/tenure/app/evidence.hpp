// Evidence: show records with their openings, seal, and verify the log.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tenure/app/workspace.hpp>

namespace tenure::app {

struct RecordView {
  std::int64_t sequence = 0;
  std::int64_t leaf_index = -1;  // -1: recorded, not sealed yet
  std::string id, type, time, case_id, mode, outcome, actor, subject, target;
  std::int64_t case_seq = 0;
  json::Object facts;
  json::Object opened;              // field -> value, for those whose opening is kept and fits its commitment
  std::vector<std::string> erased;  // fields whose opening is gone
};

struct RecordFilter {
  std::string id;  // one record, or a unique prefix
  std::string case_id;
  std::string type;       // "change.*" by prefix
  std::string identity;   // key or login: records about it
  std::size_t last = 50;  // newest so many; 0 = all
};
// In order of sequence.
Result<std::vector<RecordView>> show_records(Workspace& workspace, const RecordFilter& filter);

struct SealOutcome {
  std::int64_t sealed = 0;  // records sealed by this call
  std::int64_t size = 0;    // of the log
  std::string checkpoint;   // path
};
Result<SealOutcome> seal(Workspace& workspace);

struct Verification {
  bool ok = false;
  std::int64_t records = 0;  // in the store
  std::int64_t sealed = 0;   // in the log
  std::int64_t cases = 0;
  std::int64_t cases_open = 0;
  std::string origin;
  std::string root;                 // hex
  std::vector<std::string> faults;  // first one first: file, place, what
};
// Verifies the log folder with code that shares nothing with the writer, then that store and log hold the same leaves.
Result<Verification> verify_evidence(Workspace& workspace);

}  // namespace tenure::app
