// The planner's picture of the world, filled from one snapshot of the store.
#pragma once

#include <tenure/app/workspace.hpp>
#include <tenure/plan/world.hpp>
#include <tenure/store/store.hpp>

namespace tenure::app {

Result<plan::World> load_world(Workspace& workspace, store::Snapshot& snapshot);
// The same from a snapshot of its own.
Result<plan::World> load_world(Workspace& workspace);

// Only `now` and `history`: what guards count besides a plan.
Result<plan::Setting> load_history(Workspace& workspace);

// Only who people are and which accounts are theirs: enough for people.hpp.
Result<plan::World> load_people(Workspace& workspace);

}  // namespace tenure::app
