// Who holds what, out of a file that a target exported: a line for each grant, naming the account and the entitlement,
// in any order. Straight from the text to sorted arrays, without a value per grant in between. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/base/workers.hpp>
#include <tenure/csv/csv.hpp>
#include <tenure/population/dictionary.hpp>
#include <tenure/population/holders.hpp>

namespace tenure::source {

// The columns that name them.
struct GrantColumns {
  std::string account;
  std::string entitlement;
};

struct GrantReading {
  population::Holders holders;  // a grant that is listed twice is one grant
  std::size_t lines = 0;
  std::size_t new_accounts = 0;  // that the dictionaries did not know: they know them now
  std::size_t new_entitlements = 0;
};

// The number of an account or entitlement is its code in the dictionary. Names that the dictionaries do not know get
// the next numbers, in the order in which the text first names them: nothing is dropped.
//
// Errors, with line and column, after which the dictionaries are as before: kTargetPartial (empty, cut off, without a
// line end or without a record: it proves no absence), kTargetProtocol (any other fault, a column missing, a line
// without account or entitlement). A faulty line is never left out: what is read is all of it or nothing.
//
// What comes out does not depend on how many workers there are.
Result<GrantReading> read_grants(const csv::Reader& reader, const std::string& file, const GrantColumns& columns,
                                 population::Dictionary& accounts, population::Dictionary& entitlements,
                                 Workers& workers);

}  // namespace tenure::source
