// plan/check: the independent checker over the plan of plan/full: digest, reasons, revocations of everybody, order,
// duplicates, guards. It must find nothing wrong; and it must find what is wrong with a plan that leaves everything
// out.
#include "harness.hpp"
#include "planning.hpp"
#include "questioned.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tenure/base/workers.hpp>

namespace tenure::bench {
namespace {

constexpr unsigned kThreads = 2;

void measure(Harness& harness) {
  const Company company = make_company(CompanySize::of(harness.size()));
  const policy::PolicySet policy = load_policy(company);
  const auto workers = make_workers(kThreads);
  const Populated populated = populate(company);
  const plan::PlanResult result = harness.require(
      plan::make_plan(policy, populated.population, populated.setting, {}, *workers), "the plan to check");

  const Questioned questioned(company, policy, result.frozen);
  std::vector<double> times;
  for (std::size_t run = 0; run < harness.runs(3); ++run) {
    std::vector<plan_check::Fault> faults;
    times.push_back(seconds([&] { faults = plan_check::check(questioned.input(), *workers); }));
    if (!faults.empty())
      harness.expect(false, fmt::format("plan/check: {} faults in a right plan, the first: {} {} {}", faults.size(),
                                        faults[0].kind, faults[0].change, faults[0].text));
  }
  harness.print({.bench = "plan/check",
                 .value = median(times),
                 .n = times.size(),
                 .note = fmt::format("{} changes, {} rules, everybody's rights; {} threads", result.plan.changes.size(),
                                     policy.roles.size(), kThreads)});

  plan::Plan nothing;
  nothing.policy = result.plan.policy;
  nothing.purpose = result.plan.purpose;
  const plan::Frozen frozen = harness.require(plan::freeze(nothing), "an empty plan");
  const Questioned empty(company, policy, frozen);
  const auto faults = plan_check::check(empty.input(), *workers);
  const bool found =
      std::any_of(faults.begin(), faults.end(), [](const auto& one) { return one.kind == "revocation"; });
  harness.expect(found, "plan/check: a plan without the revocations that are due passes");
}

}  // namespace
}  // namespace tenure::bench

int main(int argc, char** argv) {
  tenure::bench::Harness harness(argc, argv);
  if (harness.wants("plan/check")) tenure::bench::measure(harness);
  return harness.status();
}
