#include "planted.hpp"
#include "turn.hpp"

#include <tenure/engine/step.hpp>

namespace tenure::engine {

#ifdef TENURE_PLANTED_DEFECTS
Defect planted_defect = Defect::kNone;
#endif

namespace {

struct Apply {
  Turn& turn;
  void operator()(const Admit& input) const { admit(turn, input); }
  void operator()(const Tick&) const {}
  void operator()(const CommitDone& input) const { commit_done(turn, input); }
  void operator()(const SendDone& input) const { send_done(turn, input); }
  void operator()(const ReadDone& input) const { read_done(turn, input); }
  void operator()(const Observed& input) const { observed(turn, input); }
  void operator()(const WorkOrderMoved& input) const { work_order_moved(turn, input); }
  void operator()(const Waive& input) const { waive(turn, input); }
  void operator()(const Stop&) const { turn.state.stopping = true; }
  void operator()(const Leased& input) const { leased(turn, input); }
  void operator()(const LeaseLost&) const { lose_lease(turn); }
};

}  // namespace

Effects step(State& state, const Input& input, Time now, Random& random) {
  if (state.reload) return {};
  Turn turn(state, now, random);
  const bool renewal = std::holds_alternative<Leased>(input);
  if (!renewal && now >= state.leased_until() && !planted(Defect::kOutliveLease)) {
    lose_lease(turn);  // whoever holds it by now decides; what this one thinks is void
    return turn.finish();
  }
  if (!renewal) wake(turn);
  std::visit(Apply{turn}, input);
  if (!state.reload) start_what_may(turn);
  Effects effects = turn.finish();
  if (const Time at = next_wake(state, now); at != state.armed) {
    state.armed = at;
    effects.emplace_back(Arm{at});
  }
  return effects;
}

}  // namespace tenure::engine
