// Decisions about who is who.
#pragma once

#include <string>
#include <vector>

#include <tenure/app/workspace.hpp>
#include <tenure/model/identity.hpp>

namespace tenure::app {

struct MergeIdentitiesRequest {
  std::string keep, gone;          // keys or logins
  std::vector<std::string> first;  // "target:login" of accounts whose class both have
  std::string reason;
};

struct MergedIdentities {
  model::Identity kept, alias;
  std::size_t accounts = 0;  // that are the kept one's from now on
  std::size_t names = 0;
  std::size_t relations = 0;  // identities whose relations named the alias
};

// By the workspace's actor; one commit. `gone` stays as an alias. The next plan says what follows for access. Errors:
// kNotFound, kIdentityMerge, kSelfApproval.
Result<MergedIdentities> merge_identities(Workspace& workspace, const MergeIdentitiesRequest& request);

}  // namespace tenure::app
