// The planner's picture of the world, filled from the store: everybody in memory, and what is about nobody in
// particular.
#pragma once

#include <memory>

#include <tenure/app/workspace.hpp>
#include <tenure/base/workers.hpp>
#include <tenure/plan/world.hpp>
#include <tenure/population/population.hpp>
#include <tenure/store/store.hpp>

namespace tenure::app {

struct Everybody {
  population::Population population;
  plan::Setting setting;
};
// As this snapshot shows it: kStoreConflict if somebody committed since.
Result<Everybody> load_everybody(Workspace& workspace, store::Snapshot& snapshot, Workers& workers);
Result<Everybody> load_everybody(Workspace& workspace);
std::unique_ptr<Workers> all_processors();

// Only `now` and `history`: what guards count besides a plan.
Result<plan::Setting> load_history(Workspace& workspace);

// Everybody as values of the model, for use cases about a few: not for many people.
Result<plan::World> load_world(Workspace& workspace);

}  // namespace tenure::app
