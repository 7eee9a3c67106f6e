// The parts of load_population(): everyone's facts, and one target at a time.
#pragma once

#include <tenure/policy/policy_set.hpp>
#include <tenure/population/loading.hpp>
#include <tenure/store/store.hpp>

namespace tenure::app {

Status load_everyone(store::Snapshot& snapshot, population::People& people);
// The loader's target must not be known yet but for the loader.
Status load_accounts(store::Snapshot& snapshot, const model::TargetName& target, population::AccountsLoader& loader);

}  // namespace tenure::app
