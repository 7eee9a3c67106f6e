// Which record belongs to which identity (the rules: merge.hpp). Private to libs/source.
#pragma once

#include "mapped.hpp"

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <tenure/source/merge.hpp>

namespace tenure::source {

struct Correlation {
  std::map<model::IdentityId, std::vector<const Mapped*>> attached;
  // Records whose identity could not be told; the identity keeps what it knows from them. Not valid(): none at all.
  std::vector<std::pair<const Mapped*, model::IdentityId>> ambiguous;
  std::set<model::IdentityId> frozen;  // identities that have an ambiguous record
};

// `sources` in falling precedence, the records of each in order of key. New identities are numbered from `next`.
Correlation correlate(const std::vector<std::vector<Mapped>>& sources, const Identities& previous, std::int64_t next);

}  // namespace tenure::source
