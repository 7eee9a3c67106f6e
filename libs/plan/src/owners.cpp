#include "owners.hpp"

#include "lives.hpp"

#include <algorithm>
#include <set>

namespace tenure::plan {
namespace {

using population::IdentityIndex;
using State = model::LifecycleState;

bool is_end(State state) {
  return state == State::kLeft || state == State::kRetired || state == State::kRevoking;
}

class Owners {
 public:
  Owners(const policy::PolicySet& policy, const population::People& people, Time now)
      : policy_(policy), people_(people), lives_(policy, people, now) {
    for (const std::string& kind : policy.lifecycle.owner.relations)
      if (const auto code = people.relation_kinds().find(kind); code != population::Dictionary::kNone)
        kinds_.insert(code);
  }

  bool has_ended(IdentityIndex row) const { return is_end(lives_.state(row)); }

  // "" when somebody answers for it.
  std::string why_nobody(IdentityIndex row) const {
    std::string left;
    for (const auto& link : people_.relations(row)) {
      if (!kinds_.contains(link.kind)) continue;
      const model::IdentityId owner = people_.resolved(link.to);
      if (!people_.contains(owner)) continue;
      const State state = lives_.state(people_.row(owner));
      if (!is_end(state)) return "";
      left = std::string(people_.key(people_.row(owner))) + ", who answered for it, is " +
             std::string(model::name_of(state));
    }
    return left.empty() ? "nobody answers for it" : left;
  }

  // Who is asked: whoever answers for the first source that tells of it.
  std::string asked(IdentityIndex row) const {
    for (const auto& record : people_.records(row)) {
      const auto source = policy_.sources.find(model::SourceName(std::string(people_.sources().text(record.source))));
      if (source != policy_.sources.end()) return source->second.owner;
    }
    return "";
  }

 private:
  const policy::PolicySet& policy_;
  const population::People& people_;
  Lives lives_;
  std::set<std::uint32_t> kinds_;
};

}  // namespace

void find_unanswered(const policy::PolicySet& policy, const population::Population& population, const Setting& setting,
                     const PlanRequest& request, Draft& draft) {
  const policy::OwnerRule& rule = policy.lifecycle.owner;
  if (rule.of.empty()) return;
  const population::People& people = population.people();
  const Owners owners(policy, people, setting.now);
  const auto look = [&](IdentityIndex row) {
    if (!people.present().test(row) || people.aliases().test(row) || owners.has_ended(row)) return;
    const std::string why = owners.why_nobody(row);
    if (why.empty()) return;
    model::Finding finding;
    finding.kind = model::FindingKind::kUnowned;
    finding.identity = people.id(row);
    finding.about = "owner";
    finding.id = model::finding_id(finding.kind, {}, {}, "", finding.identity, finding.about);
    finding.owner = owners.asked(row);
    finding.deadline = setting.now + rule.within;
    finding.summary = std::string(model::name_of(people.kind(row))) + " " + std::string(people.key(row)) + ": " + why;
    draft.find(std::move(finding));
  };
  if (!request.identities.empty()) {
    for (const model::IdentityId id : request.identities)
      if (people.contains(id) &&
          std::find(rule.of.begin(), rule.of.end(), people.kind(people.row(id))) != rule.of.end())
        look(people.row(id));
    return;
  }
  for (const model::IdentityKind kind : rule.of)
    people.of_kind(kind).for_each([&](std::size_t row) { look(static_cast<IdentityIndex>(row)); });
}

}  // namespace tenure::plan
