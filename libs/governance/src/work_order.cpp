#include "codec.hpp"
#include "planted.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include <tenure/governance/work_order.hpp>

namespace tenure::governance {
namespace {

constexpr std::array<std::string_view, 8> kStates = {"open",     "claimed",   "attested", "returned",
                                                     "verified", "cancelled", "rejected", "witnessed"};

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

json::Value put_files(const std::vector<Attachment>& files) {
  json::Array array;
  for (const Attachment& file : files)
    array.push_back(json::Object{{"digest", file.digest.str()},
                                 {"name", file.name},
                                 {"size", file.size},
                                 {"by", file.by},
                                 {"at", codec::put_time(file.at)}});
  return array;
}

bool workable(const WorkOrder& order) {
  return order.state == WorkOrderState::kOpen || order.state == WorkOrderState::kClaimed ||
         order.state == WorkOrderState::kReturned || order.state == WorkOrderState::kRejected;
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
  order.escalation = templates.escalation;
  order.readable = templates.readable;
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

Result<Transition<WorkOrder>> release(const WorkOrder& order, const Person& person, const std::string& why, Time now) {
  if (order.state != WorkOrderState::kClaimed || order.claimed_by != person.id)
    return fail(Reason::kWorkOrderState, order.id + " is not claimed by " + person.id);
  WorkOrder next = order;
  next.state = order.returned > 0 ? WorkOrderState::kReturned : WorkOrderState::kOpen;
  next.claimed_by.clear();
  evidence::Draft draft = draft_of(next, evidence::event::kWorkorderReleased, person.actor, now);
  draft.fields = {{"person", person.id}, {"why", why}};
  return Transition<WorkOrder>{std::move(next), {std::move(draft)}};
}

Result<Transition<WorkOrder>> note(const WorkOrder& order, const Person& person, const std::string& text,
                                   const std::vector<Attachment>& files, Time now) {
  if (!order.open()) return wrong_state(order);
  if (text.empty() && files.empty()) return fail(Reason::kWorkOrderState, "a note has a text or a file");
  WorkOrder next = order;
  if (!text.empty()) next.notes.push_back({person.id, text, now});
  next.attachments.insert(next.attachments.end(), files.begin(), files.end());
  evidence::Draft draft = draft_of(next, evidence::event::kWorkorderNoted, person.actor, now);
  draft.fields = {{"person", person.id}, {"text", text}, {"files", put_files(files)}};
  draft.facts = {{"files", files.size()}};
  return Transition<WorkOrder>{std::move(next), {std::move(draft)}};
}

Result<Transition<WorkOrder>> reject(const WorkOrder& order, const Person& person, const std::string& why, Time now) {
  if (!workable(order)) return wrong_state(order);
  if (why.empty()) return fail(Reason::kWorkOrderState, "a rejection says what stands in the way");
  WorkOrder next = order;
  next.state = WorkOrderState::kRejected;
  next.claimed_by.clear();
  next.rejected_because = why;
  evidence::Draft draft = draft_of(next, evidence::event::kWorkorderRejected, person.actor, now);
  draft.outcome = evidence::Outcome::kFailure;
  draft.fields = {{"person", person.id}, {"why", why}};
  return Transition<WorkOrder>{std::move(next), {std::move(draft)}};
}

Result<Transition<WorkOrder>> witness(const WorkOrder& order, const Person& person, const std::string& saw, Time now) {
  if (order.readable && !planted(Defect::kWitnessOfReadable))
    return fail(Reason::kWorkOrderState, order.id + " is verified by reading " + order.target.str() + ", not by word");
  if (order.state != WorkOrderState::kAttested) return wrong_state(order);
  if (person.id == order.claimed_by && !planted(Defect::kWitnessAlone))
    return fail(Reason::kSelfWitness, person.id + " says that it is done");
  if (saw.empty()) return fail(Reason::kWorkOrderState, "a witness says what they saw");
  WorkOrder next = order;
  next.state = WorkOrderState::kWitnessed;
  next.witness = person.id;
  next.witnessed = saw;
  next.closed_at = now;
  evidence::Draft draft = draft_of(next, evidence::event::kWorkorderWitnessed, person.actor, now);
  draft.fields = {{"person", order.claimed_by}, {"second_person", person.id}, {"saw", saw}};
  return Transition<WorkOrder>{std::move(next), {std::move(draft)}};
}

std::vector<std::string> asked_now(const WorkOrder& order, Time now) {
  std::vector<std::string> asked;
  const auto add = [&](const std::string& one) {
    if (!one.empty() && std::find(asked.begin(), asked.end(), one) == asked.end()) asked.push_back(one);
  };
  if (!order.open()) return asked;
  add(order.claimed_by);
  add(order.owner);
  for (const WorkEscalation& level : order.escalation)
    if (order.opened_at + level.after <= now)
      for (const std::string& one : level.to) add(one);
  return asked;
}

Time next_escalation(const WorkOrder& order, Time now) {
  for (const WorkEscalation& level : order.escalation)
    if (order.open() && order.opened_at + level.after > now) return order.opened_at + level.after;
  return Time::never();
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
  codec::put_text(object, "rejected_because", order.rejected_because);
  codec::put_text(object, "witness", order.witness);
  codec::put_text(object, "witnessed", order.witnessed);
  if (!order.readable) object.emplace("readable", false);
  if (!order.attachments.empty()) object.emplace("attachments", put_files(order.attachments));
  json::Array notes, escalation;
  for (const WorkNote& one : order.notes)
    notes.push_back(json::Object{{"by", one.by}, {"text", one.text}, {"at", codec::put_time(one.at)}});
  for (const WorkEscalation& one : order.escalation)
    escalation.push_back(json::Object{{"after", one.after.to_string()}, {"to", codec::put_strings(one.to)}});
  if (!notes.empty()) object.emplace("notes", std::move(notes));
  if (!escalation.empty()) object.emplace("escalation", std::move(escalation));
  return object;
}

namespace {

const json::Array& list_of(const json::Value& value, std::string_view key) {
  static const json::Array kNone;
  const json::Value* list = value.find(key);
  return list != nullptr && list->is_array() ? list->as_array() : kNone;
}

Status read_lists(const json::Value& value, WorkOrder& order) {
  for (const json::Value& one : list_of(value, "attachments")) {
    Attachment file{.name = one.string_or("name", ""), .size = one.int_or("size", 0), .by = one.string_or("by", "")};
    TENURE_TRY(file.digest, codec::get_digest(one, "digest"));
    TENURE_TRY(file.at, codec::get_time(one, "at"));
    order.attachments.push_back(std::move(file));
  }
  for (const json::Value& one : list_of(value, "notes")) {
    WorkNote note{one.string_or("by", ""), one.string_or("text", ""), Time()};
    TENURE_TRY(note.at, codec::get_time(one, "at"));
    order.notes.push_back(std::move(note));
  }
  for (const json::Value& one : list_of(value, "escalation")) {
    WorkEscalation level;
    TENURE_TRY(level.after, Duration::parse(one.string_or("after", "")));
    level.to = codec::get_strings(one, "to");
    order.escalation.push_back(std::move(level));
  }
  return {};
}

}  // namespace

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
  order.rejected_because = value.string_or("rejected_because", "");
  order.witness = value.string_or("witness", "");
  order.witnessed = value.string_or("witnessed", "");
  order.readable = value.bool_or("readable", true);
  TENURE_CHECK_OK(read_lists(value, order));
  return order;
}

}  // namespace tenure::governance
