// plan/what-if: the condition of one rule is edited so that some 100,000 people are touched: who gains and who loses
// what, by target and risk. Two policy sets and the population are in memory; nothing is planned or written.
#include "harness.hpp"
#include "planning.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <tenure/base/diagnostic.hpp>
#include <tenure/base/workers.hpp>
#include <tenure/plan/impact.hpp>

namespace tenure::bench {
namespace {

constexpr unsigned kThreads = 2;
constexpr std::uint32_t kLevel = 8;  // code of level 9: a tenth of the people are there or above

// The first rule over countries that gives anything: what it gives, no other rule does.
std::size_t edited_rule(const Company& company) {
  const auto found = std::find_if(company.rules.begin(), company.rules.end(),
                                  [](const Rule& rule) { return !rule.by_department && !rule.entitlements.empty(); });
  return static_cast<std::size_t>(found - company.rules.begin());
}

policy::PolicySet edited_policy(Harness& harness, const Company& company, std::size_t rule) {
  std::vector<policy::Document> documents = policy_of(company);
  const std::string from =
      "name: " + role_name(rule) + ", owner: ana.ash }\nassign: '" + cel_of(company, company.rules[rule]) + "'";
  const std::string to = "name: " + role_name(rule) +
                         ", owner: ana.ash }\nassign: identity.level >= " + company.attribute("level").values[kLevel];
  bool replaced = false;
  for (policy::Document& document : documents)
    if (const auto at = document.text.find(from); at != std::string::npos) {
      document.text.replace(at, from.size(), to);
      replaced = true;
    }
  harness.expect(replaced, "plan/what-if: the rule to edit is in the documents");
  Diagnostics diagnostics;
  auto policy = policy::load(documents, diagnostics);
  if (!policy) harness.require(Status(std::unexpected<Error>(diagnostics.to_error())), "the edited policy");
  return std::move(*policy);
}

// For each entitlement of the rule.
plan::Impact::Count expected(const Company& company, std::size_t edited) {
  const Rule& rule = company.rules[edited];
  const Attribute& level = company.attribute("level");
  plan::Impact::Count count;
  for (std::size_t row = 0; row < company.size.identities; ++row) {
    if (company.working[row] == Working::kLeft) continue;
    const Holds before = holds(company, rule, row);
    const Holds after = level.unknown[row] ? Holds::kUnknown : level.codes[row] >= kLevel ? Holds::kYes : Holds::kNo;
    if (after == Holds::kYes && before != Holds::kYes) ++count.gains;
    if (after == Holds::kNo && before == Holds::kYes) ++count.loses;
    if (after == Holds::kUnknown && before == Holds::kYes) ++count.may_lose;
    if (after == Holds::kUnknown && before == Holds::kNo) ++count.may_gain;
  }
  const auto times = static_cast<std::int64_t>(rule.entitlements.size());
  return {count.gains * times, count.loses * times, count.may_gain * times, count.may_lose * times};
}

plan::Impact::Count total(const plan::Impact& impact) {
  plan::Impact::Count sum;
  for (const auto& [target, count] : impact.by_target) {
    sum.gains += count.gains;
    sum.loses += count.loses;
    sum.may_gain += count.may_gain;
    sum.may_lose += count.may_lose;
  }
  return sum;
}

void measure(Harness& harness) {
  Company company = make_company(CompanySize::of(harness.size()));
  const std::size_t rule = edited_rule(company);
  const policy::PolicySet edited = edited_policy(harness, company, rule);
  const plan::Impact::Count wanted = expected(company, rule);
  const std::size_t rights = company.rules[rule].entitlements.size();
  const auto ready = make_ready(std::move(company));
  const auto workers = make_workers(kThreads);
  std::vector<double> times;
  plan::Impact impact;
  for (std::size_t run = 0; run <= harness.runs(9); ++run) {
    const double took = seconds([&] {
      impact =
          plan::what_if(ready->policy, edited, ready->populated.population, ready->populated.setting.now, *workers);
    });
    if (run > 0) times.push_back(took);  // the first makes the bitmaps of the values
    harness.expect(total(impact) == wanted, "plan/what-if: who gains and loses what");
  }
  harness.print({.bench = "plan/what-if",
                 .value = median(times),
                 .n = times.size(),
                 .note = fmt::format("{} identities touched, {} rights: {} gains, {} losses, {} undecided; {} threads",
                                     impact.identities, rights, wanted.gains, wanted.loses,
                                     wanted.may_gain + wanted.may_lose, kThreads)});
}

}  // namespace
}  // namespace tenure::bench

int main(int argc, char** argv) {
  tenure::bench::Harness harness(argc, argv);
  if (harness.wants("plan/what-if")) tenure::bench::measure(harness);
  return harness.status();
}
