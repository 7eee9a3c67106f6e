#include "fitting.hpp"

#include "correlate.hpp"
#include "reconcile.hpp"

namespace tenure::plan {
namespace {

void fit_class(const Picture& picture, const TargetPicture& target, const policy::AccountClassDoc& type,
               const NamesOf& names, Fitting& fitting) {
  std::vector<const model::Account*> unclaimed;
  for (const auto& account : target.observed->accounts)
    if (account.account_class == type.name && picture.claim_on({target.doc->name, account.id}) == nullptr)
      unclaimed.push_back(&account);
  if (unclaimed.empty()) return;
  const Correlator correlator(picture, type, names);
  for (const model::Account* account : unclaimed) {
    const Match match = correlator.match(*account);
    if (!match.identity.valid()) continue;
    fitting.logins.emplace(std::tuple(match.identity, target.doc->name, type.name), account->name);
    fitting.keys.emplace(model::AccountRef{target.doc->name, account->id},
                         picture.world().identities.at(match.identity).key);
  }
}

}  // namespace

Fitting find_fitting(const Picture& picture, const PlanRequest& request) {
  Fitting fitting;
  const NamesOf names(picture);
  for (const auto& [name, target] : picture.targets()) {
    if (!in_request(request, target) || !target.answers) continue;
    for (const auto& type : target.doc->classes)
      if (type.scope <= model::Scope::kAdditive && !type.correlate.empty())
        fit_class(picture, target, type, names, fitting);
  }
  return fitting;
}

}  // namespace tenure::plan
