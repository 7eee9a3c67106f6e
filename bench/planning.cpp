#include "planning.hpp"

#include "harness.hpp"

#include <unordered_set>
#include <utility>

namespace tenure::bench {
namespace {

std::string key_of(std::string_view target, std::string_view id) {
  return std::string(target) + "/" + std::string(id);
}

std::uint32_t row_of(model::IdentityId id) {
  return static_cast<std::uint32_t>(id.value() - 1);
}

}  // namespace

Catalogue::Catalogue(const Company& company) {
  for (std::uint32_t number = 0; number < company.entitlements.size(); ++number) {
    const Entitlement& entitlement = company.entitlements[number];
    numbers_.emplace(key_of(company.targets[entitlement.target].name, entitlement.id), number);
  }
}

std::uint32_t Catalogue::number(const model::TargetName& target, const model::EntitlementId& id) const {
  return numbers_.at(key_of(target.str(), id.str()));
}

Said said_by(const plan::PlanResult& result, const Catalogue& catalogue) {
  Said said;
  std::unordered_set<std::uint64_t> revoked;
  for (const plan::Change& change : result.plan.changes) {
    said.reasons += change.reason.rule.empty() || change.reason.text.empty() ? 0 : 1;
    said.updates += change.verb == plan::Verb::kUpdate ? 1 : 0;
    if (change.verb != plan::Verb::kGrant && change.verb != plan::Verb::kRevoke) continue;
    const std::uint32_t number = catalogue.number(change.target, change.entitlement), row = row_of(change.identity);
    if (change.verb == plan::Verb::kGrant) {
      ++said.grants;
      said.missing.add(number, row);
    } else {
      ++said.revocations;
      said.extra.add(number, row);
      revoked.insert(std::uint64_t{number} << 32U | row);
    }
  }
  said.findings = result.findings.size();
  for (const model::Finding& finding : result.findings) {
    if (finding.kind != model::FindingKind::kDriftRemoved && finding.kind != model::FindingKind::kDriftAdded) continue;
    const std::uint32_t number = catalogue.number(finding.account.target, finding.entitlement),
                        row = row_of(finding.identity);
    if (finding.kind == model::FindingKind::kDriftRemoved)
      said.missing.add(number, row);
    else if (!revoked.contains(std::uint64_t{number} << 32U | row))  // where the target's document reverts drift: both
      said.extra.add(number, row);
  }
  return said;
}

std::unique_ptr<Ready> make_ready(Company company) {
  auto ready = std::unique_ptr<Ready>(new Ready{Catalogue(company), expected_of(company), load_policy(company), {}, 0});
  ready->populate_seconds = seconds([&] { ready->populated = populate(company); });
  company = Company();
  trim_memory();
  return ready;
}

}  // namespace tenure::bench
