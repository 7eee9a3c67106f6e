// Two identities turn out to be one: a decision of a named person. The one that goes stays as an alias for ever, so
// that its number, its key and the values by which records find it lead to the one that is kept.
//
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tenure/governance/transition.hpp>
#include <tenure/model/decision.hpp>
#include <tenure/model/identity.hpp>

namespace tenure::governance {

// An account of one of the two, as claimed and last read.
struct ClaimedAccount {
  model::Claim claim;
  std::string account_class;
  std::string name;                                    // login, for people
  std::optional<model::Decision> granted_or_disabled;  // Tenure's own decision about the account itself
};

struct MergeRequest {
  Person person;
  std::string reason;                    // required
  std::vector<model::AccountRef> first;  // of two accounts of one class the one that roles mean from now on
  std::string case_id;
};

// What changes; everything in one commit.
struct IdentityMerge {
  model::Identity kept, alias;
  std::vector<model::Identity> others;           // whose relations named the alias
  std::vector<model::Claim> claims;              // of the alias's accounts, now the kept one's
  std::vector<model::Decision> decisions;        // the accounts that were said to be first are Tenure's
  std::vector<model::Decision> decisions_ended;  // the others of their class are not
  std::vector<model::NameTaken> names;           // given to the alias, now the kept one's
  std::vector<evidence::Draft> records;
};

// `accounts`: of both; `names`: of the ledger, those of `gone`; `everybody`: for relations to `gone`. Errors:
// kIdentityMerge when they are the same, of two kinds, or one is an alias already, when no reason is given, or when
// both have an account of one class and `first` does not name exactly one of them; kSelfApproval when the person is one
// of the two (T15).
Result<IdentityMerge> merge_identities(const model::Identity& keep, const model::Identity& gone,
                                       const std::vector<ClaimedAccount>& accounts,
                                       const std::vector<model::NameTaken>& names,
                                       const std::vector<model::Identity>& everybody, const MergeRequest& request,
                                       Time now);

}  // namespace tenure::governance
