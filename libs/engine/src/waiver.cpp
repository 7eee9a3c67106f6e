#include "turn.hpp"

#include <tenure/engine/waiver.hpp>

namespace tenure::engine {

std::optional<Reopened> reopen(const ObligationRow& row, const model::CaseId& fresh, Time now) {
  if (row.state != ObligationState::kWaived || row.waived_until > now) return std::nullopt;
  Reopened out{row, {}, {}};
  out.row.state = ObligationState::kOpen;
  out.row.case_id = fresh;
  out.row.change = {};  // nothing works on it: a reading proves it, or the next plan takes it away
  out.row.run.clear();
  out.case_row.id = fresh;
  out.case_row.cause.id = row.cause;
  out.case_row.cause.kind = "timer";
  out.case_row.cause.root = "waiver";
  out.case_row.cause.text = "the waiver of " + row.id + " ended";
  out.case_row.cause.identity = row.identity;
  out.case_row.opened_at = now;
  evidence::Draft opened;
  opened.type = evidence::event::kCaseOpened;
  opened.time = now;
  opened.case_id = fresh.str();
  opened.actor = {evidence::ActorKind::kSystem, "engine"};
  opened.subject = subject_ref(row.identity);
  opened.facts = {{"kind", "timer"}};
  evidence::Draft again = opened;
  again.type = evidence::event::kObligationReopened;
  again.target.system = row.account.target.str();
  again.fields = {{"obligation", row.id}, {"waiver", row.waiver}};
  again.facts = {{"waived_until", row.waived_until.to_rfc3339()}};
  out.records = {std::move(opened), std::move(again)};
  return out;
}

}  // namespace tenure::engine
