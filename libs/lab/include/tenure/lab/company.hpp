// Nordhaven, the demo company: feeds, the state of its targets before Tenure arrives, and what is planted in both.
//
// Deterministic: the same options give the same bytes on every compiler (integers only, one generator, no unordered
// container). All dates are relative to `today`. Values only; any thread may read a Company.
//
// `tenure demo` and the end-to-end tests check by name against Expectations: these are facts about what was planted,
// and nothing that a product library may look at.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/base/time.hpp>

namespace tenure::lab {

struct CompanyOptions {
  std::uint64_t seed = 20261120;
  Time today;         // the first instant of a day in UTC
  int people = 2000;  // persons in hr.csv, 100..20,000; contractors, services and events follow in proportion
};

// An account by the names that its target uses.
struct AccountName {
  std::string target;     // "directory", "ledger", "crm", "mainframe"
  std::string account;    // uid, role, userName, userid
  std::string person_id;  // whose it is ("P00001", "K00001", "S0001"); empty = nobody's
  friend auto operator<=>(const AccountName&, const AccountName&) = default;
};

struct GrantName {
  std::string target;
  std::string account;
  std::string entitlement;  // cn, role, displayName, profile
  std::string parameter;    // mainframe: access; ledger_admin: "admin_option"; else empty
  std::string person_id;
  friend auto operator<=>(const GrantName&, const GrantName&) = default;
};

struct Newcomer {
  std::string person_id;
  std::string uid;  // what the allocation rule gives when identities are served in their order; empty = not foreseen
};

struct Move {
  std::string person_id;
  std::string from;
  std::string to;
};

struct Expectations {
  // Counts of the first export.
  int people = 0;  // distinct person_id in hr.csv
  int hr_rows = 0;
  int contractor_rows = 0;
  int contractors = 0;  // distinct person_id K... in contractors.jsonl
  int services = 0;
  int active_services = 0;
  int working = 0;     // people and contractors with an engagement today and not on leave
  int on_leave = 0;    // their accounts are disabled, their groups are kept
  int terminated = 0;  // no engagement any more; they have no account
  int starting = 0;    // 3..30 days ahead; they have no account
  // Counts of the legacy state.
  std::map<std::string, int> accounts;         // by target
  std::map<std::string, int> grants;           // by target, memberships of accounts, all scopes
  std::map<std::string, int> grants_legacy;    // by target, those whose entitlement is outside the managed scope
  std::map<std::string, int> account_purpose;  // "admin", "shared", "service", "normal" in the directory

  // Planted in the legacy state.
  std::vector<AccountName> orphans;  // match nobody
  // Wanted by policy; `account` is what it will be called. Whoever has no directory account has none anywhere, and only
  // that one is listed.
  std::vector<AccountName> missing_accounts;
  std::vector<AccountName> irregular_uids;         // directory accounts whose uid the rule would not give
  std::vector<AccountName> blank_employee_number;  // directory accounts whose full name fits exactly one person
  AccountName ambiguous;                           // no employeeNumber, and its full name fits two people
  std::vector<std::string> ambiguous_person_ids;
  std::vector<AccountName> surplus_accounts;          // of a known person, wanted by no rule
  std::vector<AccountName> retired_service_accounts;  // enabled, though the service is retired
  std::vector<AccountName> stale_titles;              // directory accounts with another title than HR says
  std::vector<GrantName> surplus_grants;              // managed scope, explained by no rule
  std::vector<GrantName> missing_grants;              // wanted by policy, of accounts that exist
  std::vector<GrantName> project_grants;              // project-*: no source explains them
  std::vector<std::string> unknown_level;             // persons whose level is blank in HR

  // The second export.
  std::vector<Newcomer> joiners;
  std::vector<Move> movers;
  std::vector<std::string> leavers;
  Newcomer rehire;
  std::vector<std::string> regraded;  // title and level
  std::string contract_end;           // one of two contracts ends; the person stays
  // Among the leavers.
  AccountName session_leaver;    // Finance; the demo opens a session with this ledger role before the run
  AccountName mainframe_leaver;  // HR, on the mainframe
  AccountName crm_leaver;        // Sales, in crm

  // For changes made by hand; none of these people is in the second export.
  AccountName build_admins_intruder;  // Sales, directory: add to build-admins (revert)
  AccountName engineering_removed;    // directory: take out of dept-engineering (out-of-band restriction, is held)
  AccountName locked;                 // directory: set pwdAccountLockedTime (stays locked)
  std::string ghost_uid = "ghost";    // directory: add this entry (orphan)
  AccountName declared;               // Sales, ledger: GRANT ledger_rw (declared afterwards)
  AccountName adopted;                // Operations level 3, ledger: GRANT reporting_ro (adopt)
};

std::string to_json(const Expectations& expectations);  // pretty

struct Company {
  // Feeds.
  std::string hr_csv;
  std::string contractors_jsonl;
  std::string services_csv;
  std::string hr_csv_second;  // contractors and services do not change
  // The legacy state of the targets.
  std::string directory_ldif;       // for slapadd, below the base entries that Slapd makes; memberOf included
  std::string ledger_sql;           // for PostgresOptions::seed_sql
  std::string crm_json;             // for ScimAppOptions::seed_json
  std::string mainframe_users_csv;  // the operators' export
  std::string mainframe_permits_csv;
  Expectations expectations;
};

// Error kUsage when `people` or `today` is out of range.
Result<Company> make_company(const CompanyOptions& options);

// <folder>/feeds/{hr.csv,contractors.jsonl,services.csv}, <folder>/exchange/mainframe/*.csv,
// <folder>/company.second_export/hr.csv, <folder>/lab/{directory.ldif,ledger.sql,crm.json,expectations.json}.
Status write_company(const Company& company, const std::string& folder);

}  // namespace tenure::lab
