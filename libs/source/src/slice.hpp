// The part of everybody that is merged: all, or those whom something may have changed, with all that touches them.
// Private to libs/source.
#pragma once

#include <functional>
#include <string>

#include <tenure/base/workers.hpp>
#include <tenure/source/merge.hpp>

namespace tenure::source {

struct Slice {
  const policy::PolicySet& policy;
  // Every source of which there are accepted records has an entry, be it an empty one.
  const std::map<model::SourceName, Records>& records;
  const Identities& previous;
  Time now;
  std::int64_t next_id = 1;  // of the next identity that is new
  // Identities that are not in `previous` and are no aliases, whose fact is exactly this text.
  using Holders = std::function<std::vector<model::IdentityId>(const std::string& attribute, const std::string& text)>;
  Holders others;
  Workers* workers = &own_thread();  // who may share the mapping
};

Merged merge(const Slice& slice);

}  // namespace tenure::source
