// The end of a waiver: what was waived is owed again. Pure; any thread.
#pragma once

#include <optional>
#include <vector>

#include <tenure/engine/rows.hpp>
#include <tenure/evidence/record.hpp>

namespace tenure::engine {

struct Reopened {
  ObligationRow row;
  CaseRow case_row;  // the old case may be closed: what is owed again has a case of its own
  std::vector<evidence::Draft> records;
};
// nullopt: it is not waived, or still. `fresh`: id of the new case.
std::optional<Reopened> reopen(const ObligationRow& row, const model::CaseId& fresh, Time now);

}  // namespace tenure::engine
