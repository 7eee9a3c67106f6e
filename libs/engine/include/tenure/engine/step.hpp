// The engine's one function. Pure: same state, input, time and random generator give the same effects and the same next
// state, on every compiler (T16); it performs nothing and asks nobody.
//
// The caller performs the effects in order and gives their answers back as inputs. Rules for the caller:
//  - A Send is performed only because step() asked for it; step() asks after CommitDone{ok} of the intent (T1).
//  - Commits are durable before CommitDone{ok}. kUnknown when it is not known; then, as after kFailed, the effect
//  Reload
//    follows and every later input is ignored: load() a fresh State.
//  - Every Send and Read is answered exactly once, a call that was cut off with an error of effect kUnknown.
//
// Not thread-safe per State.
#pragma once

#include <tenure/base/clock.hpp>
#include <tenure/base/time.hpp>
#include <tenure/engine/exchange.hpp>
#include <tenure/engine/state.hpp>

namespace tenure::engine {

Effects step(State& state, const Input& input, Time now, Random& random);

}  // namespace tenure::engine
