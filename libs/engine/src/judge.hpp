// What a fresh reading says about a change. Pure.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include <tenure/engine/exchange.hpp>
#include <tenure/engine/rows.hpp>

namespace tenure::engine {

enum class Verdict : std::uint8_t {
  kGoal,   // the target holds what the change wants
  kPrior,  // it holds what the plan expected before the change
  kOther,  // something else: the world moved
  kNoAnswer
};

// `partly`: an attempt was made, so values may be prior ones or new ones.
Verdict judge(const plan::Change& change, const Reading& reading, bool partly);

// Recorded by Tenure alone; nothing is sent.
bool is_local(plan::Verb verb);
// Gives access or could bring it back when it lands late.
bool gives_access(const plan::Change& change);
// An older `giving` change that this revocation makes pointless. REQUIRES: same account.
bool overtakes(const plan::Change& revocation, const plan::Change& giving);
std::set<std::string> required_proofs(plan::Verb verb);

// From a full reading; kError where its coverage proves nothing (T9).
Reading reading_from(const model::Observation& observation, const plan::Change& change, const model::NativeId& account);

}  // namespace tenure::engine
