// Questions about the present: who is this, who can reach that, why.
#pragma once

#include <string>
#include <vector>

#include <tenure/app/workspace.hpp>
#include <tenure/model/access.hpp>
#include <tenure/model/identity.hpp>
#include <tenure/plan/explain.hpp>

namespace tenure::app {

struct HeldGrant {
  std::string entitlement;
  model::Parameters parameters;
  std::string why;  // shortest reason: "role dept-sales", "adopted by ana until 2027-01-01", "unexplained since ..."
  bool explained = true;
};

struct HeldAccount {
  std::string target;
  std::string name;
  std::string account_class;
  model::Purpose purpose = model::Purpose::kNormal;
  bool enabled = true;
  std::string restriction;
  std::vector<HeldGrant> grants;  // direct ones
};

struct IdentityView {
  model::Identity identity;
  model::LifecycleState state = model::LifecycleState::kStaged;
  std::vector<HeldAccount> accounts;  // as last read
  std::size_t targets_known = 0;      // coverage: of how many targets this is the answer
  std::size_t targets_total = 0;
  std::vector<std::string> unknown;  // "crm: not answered since ..."
};

// By key, login or "identity:7". kNotFound.
Result<IdentityView> show_identity(Workspace& workspace, const std::string& name);

struct IdentityLine {
  std::string key, name, kind, state;
  std::size_t accounts = 0;
};
// In order of identity number; only those in a lifecycle state when it is given.
Result<std::vector<IdentityLine>> list_identities(Workspace& workspace, const std::string& state);

// One account that reaches a resource, with the names that people know.
struct ReachLine {
  plan::Reach reach;
  std::string person;  // key; "" = nobody's account
  std::string state;   // of the person
};
struct WhoCan {
  std::string target, entitlement;
  std::vector<ReachLine> lines;
  std::vector<std::string> unknown;  // what did not answer: nobody there is not the same as nobody
};
// "directory:build-admins". kNotFound names the nearest entitlement.
Result<WhoCan> who_can(Workspace& workspace, const std::string& resource);

// Why an identity has (or would have) an entitlement. kNotFound.
Result<plan::Why> why(Workspace& workspace, const std::string& identity, const std::string& resource);

}  // namespace tenure::app
