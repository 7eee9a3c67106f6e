// What the screen of every target stands on: who is there, in which lifecycle state, and which lines are true of whom.
#pragma once

#include "line_rows.hpp"
#include "lives.hpp"
#include "picture.hpp"

#include <array>
#include <cstdint>
#include <vector>

#include <tenure/plan/planner.hpp>
#include <tenure/population/population.hpp>

namespace tenure::plan {

using population::AccountIndex;
using population::Bitmap;
using population::IdentityIndex;

struct ScreenGround {
  const policy::PolicySet& policy;
  const population::Population& population;
  const Picture& picture;  // of nobody: targets as they are set
  const PlanRequest& request;
  AllLives lives;
  std::array<model::AccountState, kLifecycleStates> aims{};
  std::array<bool, kLifecycleStates> ended{};  // nothing stays
  Bitmap enabled;                              // whose accounts are to be enabled
  LineRows lines;                              // of the targets asked for

  // Through merges; kNobody when there is nobody of that number.
  IdentityIndex somebody_of(IdentityIndex owner) const {
    if (owner >= lives.somebody.size()) return population::kNobody;
    if (lives.somebody.test(owner)) return owner;
    const population::People& people = population.people();
    if (!people.present().test(owner)) return population::kNobody;
    const IdentityIndex root = people.row(people.resolved(people.id(owner)));
    return root < lives.somebody.size() && lives.somebody.test(root) ? root : population::kNobody;
  }
  bool is_ended(IdentityIndex row) const { return ended.at(lives.states[row]); }
};

}  // namespace tenure::plan
