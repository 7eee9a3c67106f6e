// Which accounts do not have the attributes that the rules give.
#pragma once

#include "screen_ground.hpp"

namespace tenure::plan {

// Of `looked_at`, accounts of one class, each the only one of somebody, wanted and enabled: those whose attributes may
// not be as the rules give them. REQUIRES: `differ` has a bit for every account.
void screen_attributes(const ScreenGround& ground, const population::Accounts& accounts, const policy::RoleGrant& rules,
                       const Bitmap& looked_at, Bitmap& differ);

}  // namespace tenure::plan
