// The company as tables for peers, in the form in which they are fastest: only what they need, numbers for identities
// and entitlements, observed grants with their identities instead of accounts, ENUM columns.
#pragma once

#include "company.hpp"

#include <cstdint>
#include <span>
#include <string>

#include <tenure/base/error.hpp>

namespace tenure::bench {

// <folder>/people.csv, with a header: id (row), works, department, site, level, country, status, worker_type; an
// unknown fact is blank.
Status write_people(const Company& company, const std::string& folder);
// <folder>/observed.csv, without header, managed scope only: entitlement, identity.
Status write_observed(const Company& company, const std::string& folder);
// Two columns of numbers, without header.
Status write_pairs(const std::string& path, std::span<const std::uint64_t> offsets,
                   std::span<const std::uint32_t> accounts);

// DuckDB's table people from people.csv. Texts are ENUM, or VARCHAR.
std::string people_sql(const Company& company, const std::string& folder, bool enums);
// REQUIRES: people_sql() with ENUM before it. DuckDB's tables department_rule (rule, department, site, level),
// other_rule (rule, country1..3, status, worker_type), other_rule_country (rule, country), gives (rule, entitlement).
// Rule -1 is what everybody has.
std::string rules_sql(const Company& company);
// DuckDB's table observed (entitlement, identity) from observed.csv.
std::string observed_sql(const std::string& folder);

}  // namespace tenure::bench
