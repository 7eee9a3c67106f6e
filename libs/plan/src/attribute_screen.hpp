// Which accounts do not have the attributes that the rules give.
#pragma once

#include "screen_ground.hpp"

namespace tenure::plan {

// `accounts` of one class, each the only one of somebody, wanted and enabled. Adds their owners to `candidates`; may
// add more.
void screen_attributes(const ScreenGround& ground, const population::Accounts& accounts, const policy::RoleGrant& rules,
                       const Bitmap& looked_at, Bitmap& candidates);

}  // namespace tenure::plan
