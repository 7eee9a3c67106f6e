// Separation of duties over everyone at once: who may have more duties than may meet.
#pragma once

#include "duties.hpp"
#include "screen_ground.hpp"

namespace tenure::plan {

// A superset of those in whom the row planner finds a conflict, as far as it does not follow from a change: what is
// held in all targets, and roles whose lines are true. Sets their rows in `candidates`.
void screen_duties(const ScreenGround& ground, const DutyRights& rights, Bitmap& candidates);

}  // namespace tenure::plan
