// Names and numbers of the things Tenure governs. Distinct types for distinct things; none is ever reused.
#pragma once

#include <string>

#include <tenure/base/strong.hpp>

namespace tenure::model {

// Dense from 1 in the order in which identities became known; never reused, a merge leaves an alias.
using IdentityId = Number<struct IdentityTag>;
using SourceName = Name<struct SourceTag>;
using TargetName = Name<struct TargetTag>;
using RoleName = Name<struct RoleTag>;
// Id of an entitlement within its target's catalogue ("dept-sales", "PAY.DATA").
using EntitlementId = Name<struct EntitlementTag>;
// The target's own stable id of an account (entryUUID, role oid, SCIM id, RACF userid): survives a rename.
using NativeId = Name<struct NativeTag>;
// One cause and everything that follows from it; a UUID.
using CaseId = Name<struct CaseTag>;
// "C-<digest of cause>": the root a change follows from.
using CauseId = Name<struct CauseTag>;
// Id of one change: first 16 hexadecimal digits of the digest of its content, so the same change has the same id.
using ChangeId = Name<struct ChangeTag>;

// An account of one target.
struct AccountRef {
  TargetName target;
  NativeId id;
  friend auto operator<=>(const AccountRef&, const AccountRef&) = default;
};

}  // namespace tenure::model
