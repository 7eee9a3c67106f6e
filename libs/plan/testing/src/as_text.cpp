#include <tenure/plan/grouping.hpp>
#include <tenure/plan/testing/small_world.hpp>

namespace tenure::plan::testing {
namespace {

std::string who(const World& world, model::IdentityId id) {
  const auto it = world.identities.find(id);
  return it == world.identities.end() ? "nobody" : it->second.key;
}

}  // namespace

std::string as_text(const PlanResult& result, const World& world) {
  std::string text =
      result.plan.purpose + ": " + (result.plan.empty() ? "nothing to do" : counted(result.plan).to_string()) + "\n";
  for (const Group& group : grouped(result.plan, GroupBy::kCause)) {
    text += "\n" + group.title + "\n";
    for (const Change* change : group.changes) {
      text += std::string("  ") + symbol_of(*change) + " " + change->target.str() + " " + who(world, change->identity) +
              ": " + describe(*change) + "  [" + std::string(name_of(change->lane)) + ", " +
              std::string(model::name_of(change->risk)) + "] " + change->reason.rule + ": " + change->reason.text;
      if (change->due != Time{}) text += " (not before " + change->due.to_date() + ")";
      if (!change->needs.empty()) text += " (after " + std::to_string(change->needs.size()) + ")";
      text += "\n";
    }
  }
  for (const Later& later : result.plan.later)
    text += "later " + later.target.str() + " " + later.account.name + ": " + later.entitlement.str() +
            (later.parameters.empty() ? "" : " " + later.parameters) + " stays " +
            (later.until == Time::never() ? later.after.to_string() + " after it is disabled"
                                          : "until " + later.until.to_rfc3339()) +
            "  " + later.rule + "\n";
  for (const Unknown& unknown : result.plan.unknowns)
    text += "? " + (unknown.target.empty() ? "" : unknown.target.str() + " ") + unknown.what + ": " + unknown.reason +
            ", " + std::to_string(unknown.changes_withheld) + " withheld\n";
  for (const GuardResult& guard : result.plan.guards)
    text += std::string(guard.held ? "HELD " : "guard ") + guard.guard + ": " + guard.text + "\n";
  for (const ApprovalNeeded& approval : result.plan.approvals)
    text += "approval " + approval.rule + " x" + std::to_string(approval.count) + ": " + approval.text + "\n";
  for (const auto& finding : result.findings)
    text += "finding " + std::string(model::name_of(finding.kind)) + " " + finding.id + " (" + finding.owner +
            (finding.deadline == Time::never() ? "" : ", by " + finding.deadline.to_date()) + "): " + finding.summary +
            "\n";
  for (const auto& [id, answer] : result.findings_to_close) text += "close " + id + ": " + answer + "\n";
  for (const auto& one : result.assignments)
    text += "assignment " + one.id +
            (one.state == model::AssignmentState::kEnded
                 ? " ended: " + one.ended_because
                 : " is decided again by " + one.decide_again_by.to_date() + ": " + one.decide_again_because) +
            "\n";
  for (const auto& one : result.decisions)
    text += "decision " + row_id(one) + " is decided again by " + one.decide_again_by.to_date() + "\n";
  if (result.next_due != Time::never()) text += "next due " + result.next_due.to_rfc3339() + "\n";
  return text;
}

}  // namespace tenure::plan::testing
