#include "deciding.hpp"
#include "people.hpp"
#include "state.hpp"
#include "world.hpp"

#include <algorithm>

#include <tenure/app/assignments.hpp>
#include <tenure/base/text.hpp>
#include <tenure/governance/assignment.hpp>
#include <tenure/policy/evaluate.hpp>

namespace tenure::app {
namespace {

using model::Assignment;
using model::AssignmentKind;
using model::AssignmentState;
using store::Table;

// What the policy says of an assignment; no document: nobody can ask for it (any more).
struct Governing {
  const policy::RequestDoc* request = nullptr;
  const policy::DutiesDoc* duties = nullptr;
  std::string owner;
  governance::AssignmentTerms terms;
};

Governing governing(const policy::PolicySet& policy, const Assignment& assignment) {
  Governing out;
  if (assignment.kind == AssignmentKind::kException) {
    for (const auto& doc : policy.duties) {
      if (doc.name != assignment.duties || !doc.exceptions) continue;
      out.duties = &doc;
      out.owner = doc.owner;
      out.terms = {doc.exception_max, true, true, doc.approvals, doc.approvers};
    }
    return out;
  }
  const policy::RoleDoc* role = policy.role(assignment.role);
  if (role == nullptr || !role->request) return out;
  out.request = &*role->request;
  out.owner = role->owner;
  out.terms = {out.request->term_max, false, out.request->justification, out.request->approvals,
               out.request->approvers};
  return out;
}

Status allowed(const policy::PolicySet& policy, const Governing& rules, const Assignment& assignment,
               const model::Identity& identity) {
  if (rules.duties != nullptr) return {};
  const std::string role = policy::shown(assignment.role);
  if (rules.request == nullptr) return fail(Reason::kRequestRefused, role + " cannot be asked for");
  const policy::Verdict verdict = policy::Subject(policy, identity).may_request(*rules.request);
  if (verdict.truth == policy::Truth::kTrue) return {};
  if (verdict.truth == policy::Truth::kUnknown)
    return fail(Reason::kRequestRefused, role + " for " + identity.key + " cannot be decided: " + verdict.trouble);
  return fail(Reason::kRequestRefused, role + " is not for " + identity.key);
}

AssignmentView view_of(const policy::PolicySet& policy, const plan::World& world, const Assignment& assignment) {
  AssignmentView view{assignment, "", governing(policy, assignment).terms.approvals, {}};
  if (const auto identity = world.identities.find(assignment.identity); identity != world.identities.end())
    view.person = identity->second.key;
  if (assignment.state == AssignmentState::kAsked) view.answers = {"approve", "refuse", "end"};
  if (assignment.state == AssignmentState::kApproved) view.answers = {"renew", "end"};
  return view;
}

Status keep(Workspace& workspace, governance::Transition<Assignment>& moved) {
  store::Batch batch;
  batch.writes.push_back(write_of(moved.row));
  batch.records = std::move(moved.records);
  // A decision is a case of its own, and ends with it; what it leads to has its own.
  evidence::Draft closed;
  closed.type = "case.closed";
  closed.time = workspace.clock().now();
  closed.case_id = batch.records.front().case_id;
  closed.actor = {evidence::ActorKind::kSystem, "governance"};
  for (auto& record : batch.records) record.policy = workspace.policy().digest;
  batch.records.push_back(std::move(closed));
  TENURE_TRY(const auto committed, workspace.store().commit(batch));
  (void)committed;
  return {};
}

Result<std::vector<Assignment>> load_all(Workspace& workspace) {
  TENURE_TRY(const auto snapshot, workspace.store().snapshot());
  return load_documents<Assignment>(*snapshot, {Table::kAssignment}, model::assignment_from_json);
}

Result<Assignment> find_assignment(Workspace& workspace, const std::string& id) {
  TENURE_TRY(const auto all, load_all(workspace));
  const Assignment* found = nullptr;
  for (const Assignment& one : all) {
    if (!one.id.starts_with(id)) continue;
    if (found != nullptr) return fail(Reason::kAmbiguousDigest, "more than one assignment begins with " + id);
    found = &one;
  }
  if (found == nullptr) return fail(Reason::kAssignmentNotFound, "there is no assignment " + id);
  return *found;
}

// One decision, with everything that it is made on.
struct Matter {
  plan::World world;
  Assignment assignment;
  Governing rules;
  governance::Deciding deciding;
  const model::Identity* identity = nullptr;
};

Result<Matter> matter_of(Workspace& workspace, const DecideAssignment& decision) {
  Matter matter;
  TENURE_TRY(matter.world, load_world(workspace));
  TENURE_TRY(matter.assignment, find_assignment(workspace, decision.id));
  matter.rules = governing(workspace.policy(), matter.assignment);
  const auto identity = matter.world.identities.find(matter.assignment.identity);
  if (identity == matter.world.identities.end())
    return fail(Reason::kStoreCorrupt, matter.assignment.id + " is about nobody");
  matter.identity = &identity->second;
  matter.deciding.person = person_of(matter.world, workspace.actor().name);
  matter.deciding.roles = roles_of(workspace.policy(), matter.world, workspace.actor().name);
  matter.deciding.subject = person_of(matter.world, identity->second.key).id;
  matter.deciding.reason = decision.reason;
  matter.deciding.facts = deciding_facts(workspace.policy(), identity->second, matter.rules.request);
  matter.deciding.case_id = workspace.environment().random.uuid();
  return matter;
}

Result<AssignmentView> kept(Workspace& workspace, const Matter& matter, governance::Transition<Assignment> moved) {
  TENURE_CHECK_OK(keep(workspace, moved));
  return view_of(workspace.policy(), matter.world, moved.row);
}

Status no_such(const std::string& what, const std::string& name, const std::vector<std::string>& known) {
  const std::string near = nearest(name, known);
  return fail(Reason::kNotFound,
              "there is no " + what + " \"" + name + "\"" + (near.empty() ? "" : "; did you mean " + near + "?"));
}

// What could have been meant; of an entitlement whether its catalogue lets it be asked for by itself.
Status nothing_like(const policy::PolicySet& policy, const std::string& asked) {
  std::vector<std::string> names;
  for (const auto& [name, role] : policy.roles) names.push_back(name.str());
  for (const auto& [name, right] : policy.rights) names.push_back(name.str());
  const std::size_t colon = asked.find(':');
  if (colon == std::string::npos) return no_such("role", asked, names);
  const auto target = policy.targets.find(model::TargetName(asked.substr(0, colon)));
  if (target != policy.targets.end() &&
      target->second.entitlement(model::EntitlementId(asked.substr(colon + 1))) != nullptr &&
      std::none_of(names.begin(), names.end(), [&](const std::string& name) { return name.starts_with(asked + " "); }))
    return fail(Reason::kRequestRefused, "the catalogue does not let " + asked + " be asked for by itself");
  return no_such("entitlement that can be asked for", asked, names);
}

}  // namespace

Result<AssignmentView> ask_for(Workspace& workspace, const AskFor& asked) {
  const policy::PolicySet& policy = workspace.policy();
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(const model::Identity* identity, must_find_identity(world, asked.identity));
  governance::Asking asking;
  asking.what.identity = identity->id;
  asking.what.role = model::RoleName(asked.role);
  asking.what.duties = asked.duties;
  asking.what.kind = asked.duties.empty() ? AssignmentKind::kRequest : AssignmentKind::kException;
  asking.what.reason = asked.reason;
  asking.what.until = asked.until;
  if (asked.duties.empty() && policy.role(asking.what.role) == nullptr)
    TENURE_CHECK_OK(nothing_like(policy, asked.role));
  const Governing rules = governing(policy, asking.what);
  if (!asked.duties.empty() && rules.duties == nullptr)
    return fail(Reason::kRequestRefused, "there is no exception from \"" + asked.duties + "\"");
  TENURE_CHECK_OK(allowed(policy, rules, asking.what, *identity));
  asking.what.owner = rules.owner;
  asking.what.facts = deciding_facts(policy, *identity, rules.request);
  asking.person = person_of(world, workspace.actor().name);
  asking.case_id = workspace.environment().random.uuid();
  TENURE_TRY(auto moved, governance::ask(asking, rules.terms, workspace.clock().now()));
  TENURE_CHECK_OK(keep(workspace, moved));
  return view_of(policy, world, moved.row);
}

Result<std::vector<AssignmentView>> list_assignments(Workspace& workspace, const AssignmentFilter& filter) {
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(const auto all, load_all(workspace));
  model::IdentityId only;
  if (!filter.identity.empty()) {
    TENURE_TRY(const model::Identity* identity, must_find_identity(world, filter.identity));
    only = identity->id;
  }
  std::vector<AssignmentView> views;
  for (const Assignment& one : all) {
    if (only.valid() && one.identity != only) continue;
    const bool open = one.state == AssignmentState::kAsked || one.state == AssignmentState::kApproved;
    if (!open && !filter.all) continue;
    if (filter.asked && one.state != AssignmentState::kAsked) continue;
    if (filter.due && (one.state != AssignmentState::kApproved || one.decide_again_by == Time::never())) continue;
    views.push_back(view_of(workspace.policy(), world, one));
  }
  std::stable_sort(views.begin(), views.end(), [](const AssignmentView& a, const AssignmentView& b) {
    return std::tie(a.assignment.identity, a.assignment.id) < std::tie(b.assignment.identity, b.assignment.id);
  });
  return views;
}

Result<AssignmentView> approve_request(Workspace& workspace, const DecideAssignment& decision) {
  TENURE_TRY(const Matter matter, matter_of(workspace, decision));
  TENURE_CHECK_OK(allowed(workspace.policy(), matter.rules, matter.assignment, *matter.identity));
  TENURE_TRY(auto moved,
             governance::approve(matter.assignment, matter.deciding, matter.rules.terms, workspace.clock().now()));
  return kept(workspace, matter, std::move(moved));
}

Result<AssignmentView> refuse_request(Workspace& workspace, const DecideAssignment& decision) {
  TENURE_TRY(const Matter matter, matter_of(workspace, decision));
  TENURE_TRY(auto moved,
             governance::refuse(matter.assignment, matter.deciding, matter.rules.terms, workspace.clock().now()));
  return kept(workspace, matter, std::move(moved));
}

Result<AssignmentView> renew_assignment(Workspace& workspace, const DecideAssignment& decision) {
  TENURE_TRY(const Matter matter, matter_of(workspace, decision));
  TENURE_CHECK_OK(allowed(workspace.policy(), matter.rules, matter.assignment, *matter.identity));
  TENURE_TRY(auto moved, governance::renew(matter.assignment, matter.deciding, matter.rules.terms, decision.until,
                                           workspace.clock().now()));
  return kept(workspace, matter, std::move(moved));
}

Result<AssignmentView> end_assignment(Workspace& workspace, const DecideAssignment& decision) {
  TENURE_TRY(const Matter matter, matter_of(workspace, decision));
  TENURE_TRY(auto moved, governance::end(matter.assignment, matter.deciding, workspace.clock().now()));
  return kept(workspace, matter, std::move(moved));
}

}  // namespace tenure::app
