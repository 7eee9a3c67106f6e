// What an author expects of the whole policy for somebody: "Ana in Sales has X and not Y, because of R-12". Examples
// are no rules: they are no part of the digest of a policy set. Values; any thread.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>
#include <tenure/model/identity.hpp>
#include <tenure/model/ids.hpp>

namespace tenure::policy {

// Target -> entitlements, each a name, or "PAY.DATA access=READ".
using Expected = std::map<std::string, std::vector<std::string>>;

// One element of a document of the kind Examples.
struct Example {
  std::string suite;     // name of the document
  std::string name;      // "Ana in Sales"
  json::Value identity;  // attributes; what is not given is unknown
  std::optional<Time> at;
  std::vector<model::Engagement> engagements;  // none: somebody who is active
  std::optional<model::LifecycleState> state;  // expected
  std::vector<model::RoleName> requested;      // that were asked for and approved
  Expected holds;                              // given for certain
  Expected lacks;                              // for certain not given
  Expected undecided;                          // neither, on account of what is not known
  std::map<std::string, std::string> because;  // "directory:sales" -> rule: "role sales-rep", or the name of a role
  std::optional<std::vector<std::string>> conflicts;
  Place place;
};

}  // namespace tenure::policy
