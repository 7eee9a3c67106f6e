// The questions, one function each.
#pragma once

#include "read.hpp"

#include <tenure/plan_check/check.hpp>

namespace tenure::plan_check {

void check_reasons(const Input& input, const ReadPlan& plan, std::vector<Fault>& faults);
void check_guards(const Input& input, const ReadPlan& plan, std::vector<Fault>& faults);

}  // namespace tenure::plan_check
