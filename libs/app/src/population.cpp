#include "load_everyone.hpp"

#include <deque>

#include <tenure/app/population.hpp>
#include <tenure/population/loading.hpp>

namespace tenure::app {

Result<population::Population> load_population(store::Store& store, const policy::PolicySet& policy, Workers& workers,
                                               std::optional<std::int64_t> sequence) {
  population::Population all;
  std::deque<population::AccountsLoader> loaders;
  std::vector<const model::TargetName*> targets;
  for (const auto& [name, target] : policy.targets) {
    loaders.emplace_back(all, name);
    targets.push_back(&name);
  }
  std::vector<Status> done(targets.size() + 1);
  std::vector<std::int64_t> sequences(done.size());
  workers.run(done.size(), [&](std::size_t piece) {  // the people first: they take longest
    auto snapshot = store.snapshot();
    if (!snapshot) {
      done[piece] = fail(snapshot.error());
      return;
    }
    sequences[piece] = (*snapshot)->sequence();
    done[piece] = piece == 0 ? load_everyone(**snapshot, all.people())
                             : load_accounts(**snapshot, *targets[piece - 1], loaders[piece - 1]);
  });
  for (const Status& status : done) TENURE_CHECK_OK(status);
  for (const std::int64_t seen : sequences)
    if (seen != sequence.value_or(sequences.front()))
      return fail(Reason::kStoreConflict, "something was committed while everybody was loaded");
  all.settle();
  return all;
}

}  // namespace tenure::app
