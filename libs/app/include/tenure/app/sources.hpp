// Sources: read feeds, hold what must not be believed, merge the rest into identities.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tenure/app/workspace.hpp>

namespace tenure::app {

struct PullRequest {
  std::vector<std::string> sources;  // names; empty = all
  std::string release;               // digest of a held feed that a person has looked at and lets pass
  std::string reason;                // required with release
};

struct SourceOutcome {
  std::string source;
  bool accepted = false;
  std::string digest;                 // of the feed's bytes, "" when it could not be read
  std::vector<std::string> held_for;  // why it is held, for people; empty when accepted
  std::int64_t records = 0, added = 0, changed = 0, removed = 0;
  std::optional<Reason> reason;  // of the first hold
};

struct PullOutcome {
  std::vector<SourceOutcome> sources;
  std::int64_t identities = 0;                   // known now
  std::int64_t joined = 0, moved = 0, left = 0;  // identities whose lifecycle or deciding facts changed
  std::int64_t findings_opened = 0;
  bool any_held() const;
};

// One commit for everything that was accepted. Faults of feeds go to `diagnostics` (file, line, column); a feed that
// cannot be used is held, the others go on. An error is returned only when nothing could be done at all.
Result<PullOutcome> pull_sources(Workspace& workspace, const PullRequest& request, Diagnostics& diagnostics);

struct SourceStatus {
  std::string source, connector, file, digest, held_digest;
  std::vector<std::string> held_for;
  std::int64_t records = 0;
  Time pulled_at;
};
Result<std::vector<SourceStatus>> list_sources(Workspace& workspace);

}  // namespace tenure::app
