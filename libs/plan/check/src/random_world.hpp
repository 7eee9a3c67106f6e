// Small random worlds of the golden company, for the laws: made from a seed, so that a failure is its number.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tenure/plan/world.hpp>

namespace tenure::plan_check {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t n) { return next() % n; }
  bool once_in(std::size_t n) { return below(n) == 0; }
  template <class T>
  const T& of(const std::vector<T>& values) {
    return values[below(values.size())];
  }

 private:
  std::uint64_t next() {  // splitmix64
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  std::uint64_t state_;
};

// Nobody manages anything yet; everything has been read whole.
plan::World untouched_world(Dice& dice);
// Time passes: people join, move, leave and come back; hands and accidents change targets; some stop answering.
void let_time_pass(Dice& dice, plan::World& world);

// What is rare: merged identities, decisions of people, terms, changes under way, grants that decisions only tell of,
// accounts without facts. For laws that compare plans of one world; such a world may have no future.
void complicate(Dice& dice, plan::World& world);

}  // namespace tenure::plan_check
