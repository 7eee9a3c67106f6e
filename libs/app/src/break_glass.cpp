#include "break_glass_rows.hpp"
#include "people.hpp"
#include "plan_rows.hpp"
#include "state.hpp"
#include "world.hpp"

#include <algorithm>

#include <tenure/app/break_glass.hpp>
#include <tenure/app/plans.hpp>

namespace tenure::app {
namespace {

using governance::BreakGlass;
using governance::BreakGlassState;
using store::Table;

Result<BreakGlass> keep(Workspace& workspace, governance::Transition<BreakGlass> moved,
                        std::vector<store::Write> more = {}) {
  store::Batch batch;
  batch.writes = std::move(more);
  batch.writes.push_back(write_of(moved.row));
  batch.records = std::move(moved.records);
  TENURE_CHECK_OK(workspace.store().commit(batch));
  return std::move(moved.row);
}

// The rule that let it be opened; the policy may have changed since.
Result<const policy::BreakGlassRule*> rule_of(const Workspace& workspace, const BreakGlass& glass) {
  for (const auto& rule : workspace.policy().break_glass)
    if (rule.name == glass.rule) return &rule;
  return fail(Reason::kBreakGlassRefused, "the policy has no rule \"" + glass.rule + "\" any more");
}

Result<std::vector<engine::ChangeRow>> changes_of(store::Snapshot& snapshot, const BreakGlass& glass) {
  TENURE_TRY(auto all, load_documents<engine::ChangeRow>(snapshot, {Table::kChange}, engine::change_row_from_json));
  std::erase_if(all, [&](const engine::ChangeRow& row) {
    return std::find(glass.runs.begin(), glass.runs.end(), row.run) == glass.runs.end();
  });
  for (const std::string& run : glass.runs) {
    TENURE_TRY(auto done,
               load_documents<engine::ChangeRow>(snapshot, {Table::kDone, run}, engine::change_row_from_json));
    all.insert(all.end(), std::make_move_iterator(done.begin()), std::make_move_iterator(done.end()));
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.order < b.order; });
  return all;
}

void add_unverified(const std::vector<engine::ChangeRow>& changes, std::vector<std::string>& out) {
  for (const auto& row : changes)
    if (!engine::terminal(row.state) || row.state == engine::ChangeState::kDrift)
      out.push_back(row.change.target.str() + ": " + std::string(plan::name_of(row.change.verb)) + " of " +
                    row.change.account.name + " is " + std::string(engine::name_of(row.state)) + ", not verified");
}

Status add_unread(store::Snapshot& snapshot, const BreakGlass& glass, const std::vector<engine::ChangeRow>& changes,
                  std::vector<std::string>& out) {
  for (const auto& target : glass.targets) {
    Time last = glass.opened_at;
    for (const auto& row : changes)
      if (row.change.target == target) last = std::max(last, row.ended_at);
    TENURE_TRY(const auto state, load_target_state(snapshot, target));
    if (!state || state->last_full_read <= last)
      out.push_back(target.str() + " was not read since " + last.to_rfc3339() + " (`tenure target read " +
                    target.str() + "`)");
  }
  return {};
}

bool differs(model::FindingKind kind) {
  using model::FindingKind;
  return kind == FindingKind::kDriftAdded || kind == FindingKind::kDriftRemoved || kind == FindingKind::kRestriction ||
         kind == FindingKind::kOrphan;
}

Status add_findings(store::Snapshot& snapshot, const BreakGlass& glass, std::vector<std::string>& out) {
  TENURE_TRY(const auto findings, load_findings(snapshot));
  for (const auto& [id, finding] : findings)
    if (finding.state == model::FindingState::kOpen && differs(finding.kind) && finding.opened_at >= glass.opened_at &&
        glass.targets.contains(finding.account.target))
      out.push_back(id + " is not explained: " + finding.summary);
  return {};
}

Result<governance::Unsettled> unsettled_of(Workspace& workspace, const BreakGlass& glass) {
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  TENURE_TRY(const auto changes, changes_of(*snapshot, glass));
  governance::Unsettled unsettled;
  add_unverified(changes, unsettled.what);
  TENURE_CHECK_OK(add_unread(*snapshot, glass, changes, unsettled.what));
  TENURE_CHECK_OK(add_findings(*snapshot, glass, unsettled.what));
  return unsettled;
}

// What the rules are kept from undoing is theirs again: a right that is missing and an account that is disabled become
// findings, which a person answers; neither comes back by itself.
Result<std::vector<store::Write>> release_holds(store::Snapshot& snapshot, const plan::World& world,
                                                const BreakGlass& glass) {
  static_cast<void>(snapshot);
  std::vector<store::Write> writes;
  for (const auto& [key, decision] : world.decisions) {
    if (decision.kind != model::DecisionKind::kHeld || decision.actor != "break-glass " + glass.id) continue;
    if (decision.entitlement.empty()) {
      writes.push_back(erase_of(decision));
      continue;
    }
    model::Decision given = decision;
    given.kind = model::DecisionKind::kGranted;
    writes.push_back(write_of(given));
  }
  return writes;
}

}  // namespace

Result<BreakGlass> open_break_glass(Workspace& workspace, const OpenBreakGlass& request) {
  TENURE_TRY(const auto targets, targets_named(workspace, request.targets));
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(const auto* rule, rule_for(workspace, world, targets));
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  TENURE_TRY(const auto others, load_break_glass(*snapshot));
  const std::string& actor = workspace.actor().name;
  const governance::AskBreakGlass asking{short_id(workspace, "B-"),
                                         workspace.environment().random.uuid(),
                                         workspace.policy().digest,
                                         person_of(world, actor),
                                         roles_of(workspace.policy(), world, actor),
                                         request.reason,
                                         request.ticket,
                                         targets,
                                         request.term};
  TENURE_TRY(auto moved, governance::ask(asking, terms_of(*rule), others, world.now));
  return keep(workspace, std::move(moved));
}

Result<BreakGlass> confirm_break_glass(Workspace& workspace, const std::string& id) {
  TENURE_TRY(const BreakGlass glass, find_break_glass(workspace, id));
  TENURE_TRY(const auto* rule, rule_of(workspace, glass));
  TENURE_TRY(const plan::World world, load_world(workspace));
  const std::string& actor = workspace.actor().name;
  TENURE_TRY(auto moved, governance::confirm(glass, person_of(world, actor), roles_of(workspace.policy(), world, actor),
                                             terms_of(*rule), world.now));
  return keep(workspace, std::move(moved));
}

Result<BreakGlass> withdraw_break_glass(Workspace& workspace, const std::string& id, const std::string& reason) {
  TENURE_TRY(const BreakGlass glass, find_break_glass(workspace, id));
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(auto moved, governance::withdraw(glass, person_of(world, workspace.actor().name), reason, world.now));
  return keep(workspace, std::move(moved));
}

Result<BreakGlass> close_break_glass(Workspace& workspace, const std::string& id, const std::string& closing) {
  TENURE_TRY(const BreakGlass glass, find_break_glass(workspace, id));
  if (glass.state == BreakGlassState::kOpen) {
    plan::PlanRequest look;
    look.targets = glass.targets;
    TENURE_CHECK_OK(create_plan(workspace, look));
  }
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(const auto unsettled, unsettled_of(workspace, glass));
  TENURE_TRY(auto moved, governance::close(glass, person_of(world, workspace.actor().name), closing, unsettled,
                                           workspace.clock().now()));
  return keep(workspace, std::move(moved));
}

Result<BreakGlass> review_break_glass(Workspace& workspace, const std::string& id, const std::string& words) {
  TENURE_TRY(const BreakGlass glass, find_break_glass(workspace, id));
  TENURE_TRY(const plan::World world, load_world(workspace));
  const std::string& actor = workspace.actor().name;
  TENURE_TRY(auto moved, governance::review(glass, person_of(world, actor), roles_of(workspace.policy(), world, actor),
                                            words, world.now));
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  TENURE_TRY(auto released, release_holds(*snapshot, world, glass));
  return keep(workspace, std::move(moved), std::move(released));
}

Result<std::vector<BreakGlass>> list_break_glass(Workspace& workspace, bool all) {
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  TENURE_TRY(auto glasses, load_break_glass(*snapshot));
  const Time now = workspace.clock().now();
  std::erase_if(glasses, [&](const BreakGlass& glass) {
    const bool over = glass.state == BreakGlassState::kReviewed || glass.state == BreakGlassState::kWithdrawn;
    return !all && (over || glass.lapsed(now));
  });
  std::stable_sort(glasses.begin(), glasses.end(),
                   [](const BreakGlass& a, const BreakGlass& b) { return a.asked_at < b.asked_at; });
  return glasses;
}

Result<BreakGlassView> show_break_glass(Workspace& workspace, const std::string& id) {
  BreakGlassView view;
  TENURE_TRY(view.glass, find_break_glass(workspace, id));
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  TENURE_TRY(view.changes, changes_of(*snapshot, view.glass));
  if (view.glass.state != BreakGlassState::kOpen) return view;
  TENURE_TRY(auto unsettled, unsettled_of(workspace, view.glass));
  view.unsettled = std::move(unsettled.what);
  return view;
}

}  // namespace tenure::app
