// Random conditions over a random table of identities, and what rows say of them: for the law that columns say the
// same. Every type of attribute, every form of column, nulls, unknowns, values of wrong types, and parts that fail.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <tenure/cel/columns.hpp>
#include <tenure/cel/program.hpp>
#include <tenure/cel/testing/table.hpp>

namespace tenure::cel::testing {

// Gives numbers in [0, n).
using Upto = std::function<int(int n)>;

std::vector<Table::FieldSpec> identity_fields();
// `absent_rows`: some rows are nobody.
Table random_table(std::size_t rows, const Upto& upto, bool absent_rows = true);
// What random conditions are made of.
const std::vector<std::string>& condition_parts();
std::string random_condition(const Upto& upto, int depth);
// Checked where the checker agrees; else (nulls without a guard, operands of wrong types) with the check off. Aborts
// when the text is no expression.
Program compiled(const Environment& env, const std::string& text);

// What Program::evaluate says of every row.
ColumnVerdicts by_row(const Program& program, const Table& table, const Limits& limits = {});
bool same(const ColumnVerdicts& a, const ColumnVerdicts& b);

}  // namespace tenure::cel::testing
