#include "plan_rows.hpp"

#include "state.hpp"

namespace tenure::app {
namespace {

using store::Table;

json::Value to_json(const plan::Headcount& headcount) {
  json::Object accounts, sources;
  json::Array classes;
  for (const auto& [target, count] : headcount.accounts) accounts.emplace(target.str(), count);
  for (const auto& [source, count] : headcount.sources) sources.emplace(source.str(), count);
  for (const auto& [name, count] : headcount.classes)
    classes.push_back(json::Object{{"target", name.first.str()}, {"class", name.second}, {"count", count}});
  return json::Object{{"accounts", std::move(accounts)},
                      {"classes", std::move(classes)},
                      {"identities", headcount.identities},
                      {"sources", std::move(sources)}};
}

plan::Headcount headcount_from_json(const json::Value* value) {
  plan::Headcount headcount;
  if (value == nullptr) return headcount;
  headcount.identities = value->int_or("identities", 0);
  if (const auto* accounts = value->find("accounts"); accounts != nullptr && accounts->is_object())
    for (const auto& [target, count] : accounts->as_object())
      headcount.accounts[model::TargetName(target)] = count.is_int() ? count.as_int() : 0;
  if (const auto* sources = value->find("sources"); sources != nullptr && sources->is_object())
    for (const auto& [source, count] : sources->as_object())
      headcount.sources[model::SourceName(source)] = count.is_int() ? count.as_int() : 0;
  if (const auto* classes = value->find("classes"); classes != nullptr && classes->is_array())
    for (const auto& one : classes->as_array())
      headcount.classes[{model::TargetName(one.string_or("target", "")), one.string_or("class", "")}] =
          one.int_or("count", 0);
  return headcount;
}

json::Value beside(const StoredPlan& stored) {
  const plan::Circumstances& circumstances = stored.circumstances;
  json::Object read_at;
  for (const auto& [target, time] : circumstances.read_at) read_at.emplace(target, time.to_rfc3339());
  json::Array released;
  for (const auto& cause : stored.released) released.push_back(cause.str());
  json::Array approvals;  // so that whoever only asks what waits need not read the plan
  for (const auto& needed : stored.plan.approvals) approvals.push_back(plan::to_json(needed));
  return json::Object{{"store_sequence", circumstances.store_sequence},
                      {"created_at", circumstances.created_at.to_rfc3339()},
                      {"created_by", circumstances.created_by},
                      {"read_at", std::move(read_at)},
                      {"case", stored.case_id},
                      {"approvals", std::move(approvals)},
                      {"released", std::move(released)},
                      {"headcount", to_json(stored.headcount)}};
}

}  // namespace

std::string beside_id(const std::string& digest) {
  return digest + "/beside";
}

Status read_beside(const json::Value& value, StoredPlan& stored) {
  const json::Reader reader(value, "plan");
  TENURE_TRY(stored.circumstances.store_sequence, reader.integer("store_sequence"));
  TENURE_TRY(const std::string created_at, reader.string("created_at"));
  TENURE_TRY(stored.circumstances.created_at, Time::parse(created_at));
  stored.circumstances.created_by = value.string_or("created_by", "");
  TENURE_TRY(stored.case_id, reader.string("case"));
  stored.headcount = headcount_from_json(value.find("headcount"));
  if (const auto* released = value.find("released"); released != nullptr && released->is_array())
    for (const auto& cause : released->as_array())
      if (cause.is_string()) stored.released.insert(model::CauseId(cause.as_string()));
  if (const auto* read_at = value.find("read_at"); read_at != nullptr && read_at->is_object())
    for (const auto& [target, time] : read_at->as_object()) {
      TENURE_TRY(stored.circumstances.read_at[target], Time::parse(time.is_string() ? time.as_string() : ""));
    }
  return {};
}

store::Write write_of(const governance::Approval& approval) {
  return {Table::kApproval,
          governance::row_id(approval),
          store::kAnyVersion,
          false,
          {approval.plan.str(), approval.standing ? "standing" : "given", 0},
          json::to_string(governance::to_json(approval))};
}

Result<std::vector<governance::Approval>> load_approvals(store::Snapshot& snapshot, const std::string& digest) {
  return load_documents<governance::Approval>(snapshot, {Table::kApproval, digest}, governance::approval_from_json);
}

Result<std::vector<StoredPlan>> load_questions(store::Snapshot& snapshot) {
  std::vector<StoredPlan> open;
  TENURE_CHECK_OK(snapshot.scan({Table::kPlan, std::nullopt, "draft"}, [&](const store::Row& row) {
    StoredPlan stored;
    stored.plan.purpose = row.index.owner;
    stored.state = row.index.state;
    if (auto digest = Digest::parse(row.id)) stored.digest = *std::move(digest);
    open.push_back(std::move(stored));
    return true;
  }));
  for (StoredPlan& stored : open) {
    const std::string id = stored.digest.str();
    TENURE_TRY(const auto side, snapshot.get(Table::kPlan, beside_id(id)));
    if (!side) return fail(Reason::kStoreCorrupt, "the plan " + id + " has no circumstances");
    TENURE_TRY(const json::Value value, json::parse(side->body));
    TENURE_CHECK_OK(read_beside(value, stored));
    if (const json::Value* needed = value.find("approvals"); needed != nullptr && needed->is_array())
      for (const json::Value& one : needed->as_array()) {
        TENURE_TRY(auto approval, plan::approval_needed_from_json(one));
        stored.plan.approvals.push_back(std::move(approval));
      }
    TENURE_TRY(stored.approvals, load_approvals(snapshot, id));
  }
  return open;
}

Result<StoredPlan> load_plan(store::Snapshot& snapshot, const store::Row& row, Time now) {
  StoredPlan stored;
  TENURE_TRY(stored.digest, Digest::parse(row.id));
  stored.bytes = row.body;
  stored.state = row.index.state;
  TENURE_TRY(stored.plan, plan::thaw(row.body));
  TENURE_TRY(const auto side, snapshot.get(Table::kPlan, beside_id(row.id)));
  if (!side) return fail(Reason::kStoreCorrupt, "the plan " + row.id + " has no circumstances");
  TENURE_TRY(const json::Value value, json::parse(side->body));
  TENURE_CHECK_OK(read_beside(value, stored));
  TENURE_TRY(stored.approvals, load_approvals(snapshot, row.id));
  stored.missing = governance::missing(stored.digest, stored.plan.approvals, stored.approvals, now);
  return stored;
}

evidence::Draft plan_draft(Workspace& workspace, const char* type, const StoredPlan& stored) {
  evidence::Draft draft;
  draft.type = type;
  draft.time = workspace.clock().now();
  draft.case_id = stored.case_id;
  draft.actor = {evidence::ActorKind::kSystem, "planner"};
  draft.policy = stored.plan.policy;
  draft.refs = {stored.digest.str()};
  return draft;
}

Status forget_approvals(store::Snapshot& snapshot, const std::string& digest, store::Batch& batch) {
  TENURE_TRY(const auto old, load_approvals(snapshot, digest));
  for (const auto& approval : old)
    if (!approval.standing)
      batch.writes.push_back({Table::kApproval, governance::row_id(approval), store::kAnyVersion, true, {}, {}});
  return {};
}

store::Write write_of(const StoredPlan& stored, const char* state) {
  return {Table::kPlan, stored.digest.str(), store::kAnyVersion, false, {stored.plan.purpose, state, 0}, stored.bytes};
}

void add_plan(Workspace& workspace, const StoredPlan& stored, store::Batch& batch) {
  batch.writes.push_back(write_of(stored, "draft"));
  batch.writes.push_back({Table::kPlan,
                          beside_id(stored.digest.str()),
                          store::kAnyVersion,
                          false,
                          {"", "beside", 0},
                          json::to_string(beside(stored))});
  evidence::Draft created = plan_draft(workspace, "plan.created", stored);
  created.facts = {{"changes", stored.plan.changes.size()},
                   {"causes", stored.plan.causes.size()},
                   {"unknowns", stored.plan.unknowns.size()},
                   {"held", stored.plan.held()}};
  created.fields = {{"created_by", stored.circumstances.created_by}, {"purpose", stored.plan.purpose}};
  batch.records.push_back(std::move(created));
  for (const auto& guard : stored.plan.guards) {
    if (!guard.held) continue;
    evidence::Draft held = plan_draft(workspace, "guard.held", stored);
    held.facts = {{"causes", guard.causes.size()}};
    held.fields = {{"guard", guard.guard}, {"text", guard.text}};
    batch.records.push_back(std::move(held));
  }
  for (auto& moved : governance::standing_approvals(stored.digest, stored.plan.policy, stored.plan.approvals,
                                                    stored.case_id, stored.circumstances.created_at)) {
    batch.writes.push_back(write_of(moved.row));
    for (auto& record : moved.records) batch.records.push_back(std::move(record));
  }
}

}  // namespace tenure::app
