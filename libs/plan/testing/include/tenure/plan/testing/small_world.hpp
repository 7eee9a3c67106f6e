// Worlds for tests: read from short JSON, and changed by plans as perfect targets would change.
#pragma once

#include <string>
#include <string_view>

#include <tenure/plan/planner.hpp>

namespace tenure::plan::testing {

// Aborts on anything it does not understand: that is a defect of the test. Form: tests/golden/plan/README.md.
World read_world(std::string_view text);

struct ApplyOptions {
  // A planted bug: this verb is carried out and not remembered (nothing when empty).
  std::string forgets;
};

// Carries the changes out in the order of the plan, reads the targets again, remembers what remembered_after() says,
// opens and closes findings, and adds to the history that guards count. New accounts get ids from their names. Aborts
// when an expected prior value is not there: a plan that its own world refuses is a defect.
void apply(const policy::PolicySet& policy, const PlanResult& result, World& world, const ApplyOptions& options = {});

// The plan as lines, for golden files: causes with their changes and reasons, what is unknown, guards, approvals,
// findings.
std::string as_text(const PlanResult& result, const World& world);

}  // namespace tenure::plan::testing
