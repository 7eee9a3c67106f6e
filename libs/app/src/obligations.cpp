#include "engine_room.hpp"
#include "people.hpp"
#include "state.hpp"
#include "world.hpp"

#include <algorithm>

#include <openssl/crypto.h>

#include <tenure/app/obligations.hpp>
#include <tenure/emergency/sealed.hpp>
#include <tenure/engine/waiver.hpp>
#include <tenure/evidence/note.hpp>

namespace tenure::app {
namespace {

using engine::ObligationRow;
using engine::ObligationState;
using store::Table;

store::Write write_of(const ObligationRow& row) {
  return {Table::kObligation,
          row.id,
          store::kAnyVersion,
          false,
          {row.account.target.str(), std::string(engine::name_of(row.state)), row.effective_at.to_micros()},
          json::to_string(engine::to_json(row))};
}

Result<std::vector<ObligationRow>> load_all(Workspace& workspace) {
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  return load_documents<ObligationRow>(*snapshot, {Table::kObligation}, engine::obligation_row_from_json);
}

Status may_waive(const Workspace& workspace, const plan::World& world, const ObligationRow& row,
                 const governance::Person& person) {
  if (person.id == "identity:" + std::to_string(row.identity.value()))
    return fail(Reason::kSelfApproval, person.id + " is whose access it is");
  const auto roles = roles_of(workspace.policy(), world, workspace.actor().name);
  const bool operates = std::any_of(roles.begin(), roles.end(),
                                    [&](const std::string& role) { return workspace.policy().groups.contains(role); });
  if (operates || row.owner == workspace.actor().name) return {};
  return fail(Reason::kNotEntitledToApprove, workspace.actor().name + " is in no group of the settings");
}

// "<vkey> <base64 signature>" over the waiver's canonical statement.
Result<std::string> signature_of(const WaiveObligation& request, const ObligationRow& row, const std::string& person) {
  if (request.signing_key.empty()) return std::string();
  TENURE_TRY(auto seed, emergency::signing_seed_from_pem(request.signing_key));
  auto key = evidence::SigningKey::create("tenure-waiver/" + person, seed);
  OPENSSL_cleanse(seed.data(), seed.size());
  if (!key) return fail(key.error());
  TENURE_TRY(const std::string statement, json::canonical(json::Object{{"format", "tenure-waiver/v1"},
                                                                       {"obligation", row.id},
                                                                       {"person", person},
                                                                       {"reason", request.reason},
                                                                       {"until", request.until.to_rfc3339()}}));
  return key->verifier().to_string() + " " + to_base64(key->sign(statement + "\n").signature);
}

}  // namespace

Result<std::vector<ObligationRow>> list_obligations(Workspace& workspace, const ObligationFilter& filter) {
  TENURE_CHECK_OK(reopen_obligations(workspace));
  TENURE_TRY(auto all, load_all(workspace));
  std::erase_if(all, [&](const ObligationRow& row) {
    return (!filter.target.empty() && row.account.target.str() != filter.target) ||
           (!filter.closed && row.state != ObligationState::kOpen);
  });
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.effective_at < b.effective_at; });
  return all;
}

Result<ObligationRow> show_obligation(Workspace& workspace, const std::string& id) {
  TENURE_CHECK_OK(reopen_obligations(workspace));
  TENURE_TRY(const auto all, load_all(workspace));
  const ObligationRow* found = nullptr;
  for (const auto& row : all) {
    if (row.id == id) return row;
    if (id.empty() || !row.id.starts_with(id)) continue;
    if (found != nullptr) return fail(Reason::kObligationNotFound, "more than one obligation begins with " + id);
    found = &row;
  }
  if (found == nullptr) return fail(Reason::kObligationNotFound, "there is no obligation \"" + id + "\"");
  return *found;
}

Result<ObligationRow> waive_obligation(Workspace& workspace, const WaiveObligation& request) {
  TENURE_TRY(const ObligationRow row, show_obligation(workspace, request.id));
  if (row.state != ObligationState::kOpen)
    return fail(Reason::kObligationState, row.id + " is " + std::string(engine::name_of(row.state)));
  TENURE_TRY(const plan::World world, load_world(workspace));
  if (request.reason.empty() || request.until <= world.now || request.until == Time::never())
    return fail(Reason::kWaiverTerm, row.id);
  const auto person = person_of(world, workspace.actor().name);
  TENURE_CHECK_OK(may_waive(workspace, world, row, person));
  TENURE_TRY(auto signature, signature_of(request, row, person.id));
  TENURE_TRY(const auto room, EngineRoom::open(workspace));
  room->executor().post(engine::Stop{});  // nothing else is started on this occasion
  room->executor().post(engine::Waive{row.id, person, request.reason, request.until, std::move(signature)});
  TENURE_CHECK_OK(room->executor().run({}));
  return show_obligation(workspace, row.id);
}

Result<std::vector<std::string>> reopen_obligations(Workspace& workspace) {
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  TENURE_TRY(const auto waived,
             load_documents<ObligationRow>(
                 *snapshot, {Table::kObligation, std::nullopt, std::string(engine::name_of(ObligationState::kWaived))},
                 engine::obligation_row_from_json));
  std::vector<std::string> ids;
  store::Batch batch;
  for (const auto& row : waived) {
    auto again = engine::reopen(row, model::CaseId(workspace.environment().random.uuid()), workspace.clock().now());
    if (!again) continue;
    ids.push_back(row.id);
    batch.writes.push_back(write_of(again->row));
    batch.writes.push_back({Table::kCase,
                            again->case_row.id.str(),
                            store::kAnyVersion,
                            false,
                            {again->case_row.cause.id.str(), "open", 0},
                            json::to_string(engine::to_json(again->case_row))});
    for (auto& record : again->records) batch.records.push_back(std::move(record));
  }
  if (!batch.empty()) TENURE_CHECK_OK(workspace.store().commit(batch));
  return ids;
}

}  // namespace tenure::app
