#include "codec.hpp"

#include <array>
#include <optional>

#include <tenure/governance/work_order.hpp>

namespace tenure::governance {
namespace {

constexpr std::array<std::string_view, 6> kStates = {"open",     "claimed",  "attested",
                                                     "returned", "verified", "cancelled"};

std::string text_of(const json::Value& value) {
  return value.is_string() ? value.as_string() : json::to_string(value);
}

// Fixed words first, then parameters of the grant, then attributes that the change writes.
std::optional<std::string> value_of(std::string_view key, const plan::Change& change) {
  if (key == "target") return change.target.str();
  if (key == "account") return change.account.name.empty() ? change.account.id.str() : change.account.name;
  if (key == "id") return change.account.id.str();
  if (key == "class") return change.account_class;
  if (key == "entitlement") return change.entitlement.str();
  if (key == "parameters") return change.parameters;
  if (key == "identity") return change.identity.valid() ? std::to_string(change.identity.value()) : std::string();
  if (const auto parameters = json::parse(change.parameters))
    if (const json::Value* value = parameters->find(key)) return text_of(*value);
  if (const auto it = change.attributes.find(key); it != change.attributes.end()) return text_of(it->second);
  return std::nullopt;
}

// One line for each attribute, with what is there now.
std::vector<std::string> update_steps(const plan::Change& change) {
  std::vector<std::string> steps;
  for (const auto& [name, value] : change.attributes) {
    const auto before = change.prior.find(name);
    steps.push_back("In {target}, set " + name + " of account {account} to " + json::to_string(value) +
                    (before == change.prior.end() ? "" : " (now " + json::to_string(before->second) + ")"));
  }
  return steps;
}

// Where the target document has no words for a verb.
std::vector<std::string> plain_steps(const plan::Change& change) {
  switch (change.verb) {
    case plan::Verb::kCreate:
      return {"In {target}, create the account {account} of class {class}."};
    case plan::Verb::kUpdate:
      return update_steps(change);
    case plan::Verb::kEnable:
      return {"In {target}, enable account {account}."};
    case plan::Verb::kDisable:
      return {"In {target}, disable account {account}."};
    case plan::Verb::kDelete:
      return {"In {target}, delete account {account}."};
    case plan::Verb::kGrant:
      return {"In {target}, give {entitlement} {parameters} to account {account}."};
    case plan::Verb::kRevoke:
      return {"In {target}, take {entitlement} {parameters} from account {account}."};
    case plan::Verb::kEndSessions:
      return {"In {target}, end every session of account {account}."};
    case plan::Verb::kClaim:
    case plan::Verb::kAdopt:
    case plan::Verb::kOnboard:
      break;
  }
  return {};
}

std::string title_of(const plan::Change& change) {
  std::string title(plan::name_of(change.verb));
  if (!change.entitlement.empty()) title += " " + change.entitlement.str();
  title += ": " + (change.account.id.empty() ? change.account.name : change.account.id.str());
  if (!change.account.name.empty() && change.account.name != change.account.id.str() && !change.account.id.empty())
    title += " (" + change.account.name + ")";
  return title;
}

evidence::Draft draft_of(const WorkOrder& order, std::string_view type, evidence::Actor actor, Time now) {
  evidence::Draft draft;
  draft.type = type;
  draft.time = now;
  draft.case_id = order.case_id.str();
  draft.actor = std::move(actor);
  draft.target.system = order.target.str();
  draft.mode = evidence::Mode::kManual;
  draft.refs = {order.id, order.change.str()};
  return draft;
}

const evidence::Actor kEngine{evidence::ActorKind::kSystem, "engine"};

bool workable(const WorkOrder& order) {
  return order.state == WorkOrderState::kOpen || order.state == WorkOrderState::kClaimed ||
         order.state == WorkOrderState::kReturned;
}

std::unexpected<Error> wrong_state(const WorkOrder& order) {
  return fail(Reason::kWorkOrderState, order.id + " is " + std::string(name_of(order.state)));
}

}  // namespace

std::string_view name_of(WorkOrderState state) {
  return kStates.at(static_cast<std::size_t>(state));
}

std::string work_order_id(const std::string& run, const model::ChangeId& change) {
  return "W-" + sha256({run, std::string_view("\0", 1), change.str()}).hex().substr(0, 12);
}

std::string render_step(std::string_view line, const plan::Change& change) {
  std::string out;
  while (!line.empty()) {
    const std::size_t open = line.find('{');
    const std::size_t close = open == std::string_view::npos ? open : line.find('}', open);
    if (close == std::string_view::npos) break;
    out += line.substr(0, open);
    const std::string_view key = line.substr(open + 1, close - open - 1);
    if (const auto value = value_of(key, change))
      out += *value;
    else
      out += line.substr(open, close - open + 1);
    line.remove_prefix(close + 1);
  }
  return out += line;
}

Transition<WorkOrder> issue(const plan::Change& change, const std::string& run, const model::CaseId& case_id,
                            const WorkTemplates& templates, Time now) {
  WorkOrder order;
  order.id = work_order_id(run, change.id);
  order.run = run;
  order.change = change.id;
  order.case_id = case_id;
  order.target = change.target;
  order.title = title_of(change);
  const auto words = templates.steps.find(plan::name_of(change.verb));
  for (const std::string& line : words == templates.steps.end() ? plain_steps(change) : words->second)
    order.steps.push_back(render_step(line, change));
  order.owner = templates.owner;
  order.opened_at = now;
  order.deadline = now + templates.term;
  evidence::Draft draft = draft_of(order, evidence::event::kWorkorderIssued, kEngine, now);
  draft.fields = {{"title", order.title}, {"steps", codec::put_strings(order.steps)}, {"owner", order.owner}};
  draft.facts = {{"deadline", order.deadline.to_rfc3339()}};
  return {std::move(order), {std::move(draft)}};
}

Result<Transition<WorkOrder>> claim(const WorkOrder& order, const Person& person, Time now) {
  if (!workable(order)) return wrong_state(order);
  WorkOrder next = order;
  next.state = WorkOrderState::kClaimed;
  next.claimed_by = person.id;
  evidence::Draft draft = draft_of(next, evidence::event::kWorkorderClaimed, person.actor, now);
  draft.fields = {{"person", person.id}};
  return Transition<WorkOrder>{std::move(next), {std::move(draft)}};
}

Result<Transition<WorkOrder>> attest(const WorkOrder& order, const Person& person, const std::string& statement,
                                     const Digest& attachment, Time now) {
  if (!workable(order)) return wrong_state(order);
  WorkOrder next = order;
  next.state = WorkOrderState::kAttested;
  next.claimed_by = person.id;
  next.attestation = statement;
  next.attachment = attachment;
  next.attested_at = now;
  evidence::Draft draft = draft_of(next, evidence::event::kWorkorderAttested, person.actor, now);
  draft.fields = {{"person", person.id}, {"statement", statement}, {"attachment", attachment.str()}};
  draft.facts = {{"attached", !attachment.empty()}};
  return Transition<WorkOrder>{std::move(next), {std::move(draft)}};
}

Result<Transition<WorkOrder>> give_back(const WorkOrder& order, const Person& person, const std::string& why,
                                        Time now) {
  if (!workable(order)) return wrong_state(order);
  WorkOrder next = order;
  next.state = WorkOrderState::kReturned;
  next.claimed_by.clear();
  evidence::Draft draft = draft_of(next, evidence::event::kWorkorderReturned, person.actor, now);
  draft.outcome = evidence::Outcome::kFailure;
  draft.fields = {{"person", person.id}, {"why", why}};
  return Transition<WorkOrder>{std::move(next), {std::move(draft)}};
}

Transition<WorkOrder> observe(const WorkOrder& order, bool holds, Time read_at, Time now) {
  if (!order.open()) return {order, {}};
  WorkOrder next = order;
  if (holds) {
    next.state = WorkOrderState::kVerified;
    next.closed_at = now;
    evidence::Draft draft = draft_of(next, evidence::event::kWorkorderVerified, kEngine, now);
    draft.facts = {{"read_at", read_at.to_rfc3339()}, {"attested", order.state == WorkOrderState::kAttested}};
    return {std::move(next), {std::move(draft)}};
  }
  // A reading from before the person acted contradicts nothing.
  if (order.state != WorkOrderState::kAttested || read_at <= order.attested_at) return {order, {}};
  next.state = WorkOrderState::kReturned;
  ++next.returned;
  evidence::Draft draft = draft_of(next, evidence::event::kWorkorderReturned, kEngine, now);
  draft.outcome = evidence::Outcome::kFailure;
  draft.facts = {{"read_at", read_at.to_rfc3339()}, {"returned", next.returned}};
  return {std::move(next), {std::move(draft)}};
}

Transition<WorkOrder> escalate(const WorkOrder& order, Time now) {
  if (!order.open() || now < order.deadline) return {order, {}};
  WorkOrder next = order;
  ++next.escalated;
  next.deadline = now + Duration::hours(24);
  evidence::Draft draft = draft_of(next, evidence::event::kWorkorderExpired, kEngine, now);
  draft.outcome = evidence::Outcome::kFailure;
  draft.facts = {{"escalated", next.escalated}, {"deadline", order.deadline.to_rfc3339()}};
  return {std::move(next), {std::move(draft)}};
}

Transition<WorkOrder> cancel(const WorkOrder& order, const std::string& why, Time now) {
  if (!order.open()) return {order, {}};
  WorkOrder next = order;
  next.state = WorkOrderState::kCancelled;
  next.closed_at = now;
  evidence::Draft draft = draft_of(next, evidence::event::kWorkorderReturned, kEngine, now);
  draft.outcome = evidence::Outcome::kFailure;
  draft.fields = {{"why", why}};
  draft.facts = {{"cancelled", true}};
  return {std::move(next), {std::move(draft)}};
}

json::Value to_json(const WorkOrder& order) {
  json::Object object{{"id", order.id},
                      {"run", order.run},
                      {"change", order.change.str()},
                      {"case", order.case_id.str()},
                      {"target", order.target.str()},
                      {"title", order.title},
                      {"steps", codec::put_strings(order.steps)},
                      {"state", name_of(order.state)},
                      {"opened_at", codec::put_time(order.opened_at)},
                      {"deadline", codec::put_time(order.deadline)},
                      {"attested_at", codec::put_time(order.attested_at)},
                      {"closed_at", codec::put_time(order.closed_at)},
                      {"returned", order.returned},
                      {"escalated", order.escalated}};
  codec::put_text(object, "owner", order.owner);
  codec::put_text(object, "claimed_by", order.claimed_by);
  codec::put_text(object, "attestation", order.attestation);
  codec::put_text(object, "attachment", order.attachment.str());
  return object;
}

Result<WorkOrder> work_order_from_json(const json::Value& value) {
  const json::Reader reader(value, "work_order");
  WorkOrder order;
  TENURE_TRY(order.id, reader.string("id"));
  order.run = value.string_or("run", "");
  TENURE_TRY(const std::string change, reader.string("change"));
  order.change = model::ChangeId(change);
  order.case_id = model::CaseId(value.string_or("case", ""));
  TENURE_TRY(const std::string target, reader.string("target"));
  order.target = model::TargetName(target);
  order.title = value.string_or("title", "");
  order.steps = codec::get_strings(value, "steps");
  TENURE_TRY(const std::string state, reader.string("state"));
  bool known = false;
  for (std::size_t i = 0; i < kStates.size(); ++i)
    if (kStates[i] == state) order.state = static_cast<WorkOrderState>(i), known = true;
  if (!known) return reader.wrong("state", "a state of a work order");
  TENURE_TRY(order.opened_at, codec::get_time(value, "opened_at"));
  TENURE_TRY(order.deadline, codec::get_time(value, "deadline"));
  TENURE_TRY(order.attested_at, codec::get_time(value, "attested_at"));
  TENURE_TRY(order.closed_at, codec::get_time(value, "closed_at"));
  order.returned = static_cast<int>(value.int_or("returned", 0));
  order.escalated = static_cast<int>(value.int_or("escalated", 0));
  order.owner = value.string_or("owner", "");
  order.claimed_by = value.string_or("claimed_by", "");
  order.attestation = value.string_or("attestation", "");
  TENURE_TRY(order.attachment, codec::get_digest(value, "attachment"));
  return order;
}

}  // namespace tenure::governance
