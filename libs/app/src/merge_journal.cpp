// A journal becomes part of the state: in one commit, with its own times, and once.
#include "break_glass_rows.hpp"
#include "kit_rows.hpp"
#include "people.hpp"
#include "state.hpp"
#include "world.hpp"

#include <algorithm>
#include <map>

#include <tenure/app/kits.hpp>
#include <tenure/app/targets.hpp>
#include <tenure/base/text.hpp>
#include <tenure/engine/rows.hpp>

namespace tenure::app {
namespace {

using emergency::Act;
using emergency::Entry;
using emergency::EntryKind;
using governance::BreakGlass;
using store::Table;

// One intent with what followed it, so far as the journal goes.
struct Acted {
  const Entry* intent = nullptr;
  const Entry* outcome = nullptr;    // nullptr: a crash came between; the outcome is unknown
  const Entry* read_back = nullptr;  // nullptr: nobody looked

  std::string text(const Entry* entry, std::string_view key) const {
    if (entry == nullptr) return {};
    const auto it = entry->body.find(key);
    return it != entry->body.end() && it->second.is_string() ? it->second.as_string() : std::string();
  }
  Act act() const { return emergency::act_from(text(intent, "act")).value_or(Act::kDisable); }
  model::TargetName target() const { return model::TargetName(text(intent, "target")); }
  model::EntitlementId entitlement() const { return model::EntitlementId(text(intent, "entitlement")); }
  std::string ending() const { return outcome == nullptr ? "unknown" : text(outcome, "ending"); }
  std::string shows() const { return read_back == nullptr ? "unknown" : text(read_back, "shows"); }
  Time last() const { return read_back != nullptr ? read_back->at : outcome != nullptr ? outcome->at : intent->at; }
};

plan::Verb verb_of(Act act) {
  return act == Act::kDisable  ? plan::Verb::kDisable
         : act == Act::kRevoke ? plan::Verb::kRevoke
                               : plan::Verb::kEndSessions;
}

std::vector<Acted> acts_of(const std::vector<Entry>& entries) {
  std::map<std::int64_t, Acted> by_line;
  for (const Entry& entry : entries) {
    if (entry.kind == EntryKind::kIntent) by_line[entry.seq].intent = &entry;
    const auto intent = entry.body.find("intent");
    if (intent == entry.body.end() || !intent->second.is_int()) continue;
    const auto of = by_line.find(intent->second.as_int());
    if (of == by_line.end()) continue;
    (entry.kind == EntryKind::kOutcome ? of->second.outcome : of->second.read_back) = &entry;
  }
  std::vector<Acted> acts;
  for (const auto& [line, act] : by_line) acts.push_back(act);
  return acts;
}

// What one merge writes.
class Merge {
 public:
  Merge(Workspace& workspace, const plan::World& world, const KnownKit& kit)
      : workspace_(workspace), world_(world), kit_(kit) {
    case_.id = model::CaseId(workspace.environment().random.uuid());
    case_.cause.kind = "break_glass";
    case_.cause.root = "kit " + kit.id;
    case_.opened_at = world.now;
  }

  Status add(const Acted& act);
  // REQUIRES: at least one act was added.
  void finish(const policy::BreakGlassRule* rule, const std::vector<Entry>& fresh);

  store::Batch batch;
  MergedJournal outcome;
  BreakGlass glass;

 private:
  evidence::Draft draft(std::string_view type, Time at, const Acted& act, const model::NativeId& account) const;
  bool is_open(const std::string& obligation) const;
  const model::Account* account_of(const Acted& act) const;
  model::IdentityId identity_of(const model::AccountRef& account) const;
  void record(const Acted& act, const model::NativeId& account);
  void hold(const Acted& act, const model::AccountRef& account, const model::Parameters& parameters);
  void oblige(const Acted& act, const model::Account& account, const model::Parameters& parameters);
  std::vector<model::Parameters> parameters_of(const Acted& act, const model::NativeId& account) const;

  Workspace& workspace_;
  const plan::World& world_;
  const KnownKit& kit_;
  engine::CaseRow case_;
  std::vector<evidence::Draft> records_;
};

// By the id that the target told, else by what was typed; in the last reading.
const model::Account* Merge::account_of(const Acted& act) const {
  const auto view = world_.targets.find(act.target());
  if (view == world_.targets.end() || !view->second.observed) return nullptr;
  const std::string id = act.text(act.outcome, "account_id"), typed = ascii_lower(act.text(act.intent, "account"));
  for (const auto& account : view->second.observed->accounts)
    if (id.empty() ? ascii_lower(account.name) == typed || ascii_lower(account.id.str()) == typed
                   : account.id.str() == id)
      return &account;
  return nullptr;
}

model::IdentityId Merge::identity_of(const model::AccountRef& account) const {
  const auto claim = world_.claims.find(account);
  return claim == world_.claims.end() ? model::IdentityId() : claim->second.identity;
}

evidence::Draft Merge::draft(std::string_view type, Time at, const Acted& act, const model::NativeId& account) const {
  evidence::Draft draft;
  draft.type = type;
  draft.time = at;
  draft.case_id = case_.id.str();
  draft.actor = {evidence::ActorKind::kPerson, kit_.person.starts_with("identity:") ? kit_.person : "operator"};
  if (const auto identity = identity_of({act.target(), account}); identity.valid())
    draft.subject = "identity:" + std::to_string(identity.value());
  draft.target.system = act.target().str();
  draft.mode = evidence::Mode::kBreakGlass;
  draft.policy = workspace_.policy().digest;
  draft.refs = {glass.id, kit_.id};
  draft.fields = {{"account", account.empty() ? act.text(act.intent, "account") : account.str()}};
  if (!act.entitlement().empty()) draft.fields.emplace("entitlement", act.entitlement().str());
  draft.facts = {{"verb", plan::name_of(verb_of(act.act()))}, {"line", act.intent->seq}};
  return draft;
}

// In the journal's own times: what was meant, what became of it, what a reading showed.
void Merge::record(const Acted& act, const model::NativeId& account) {
  evidence::Draft intent = draft(evidence::event::kChangeDispatched, act.intent->at, act, account);
  intent.fields.emplace("reason", act.text(act.intent, "reason"));
  records_.push_back(std::move(intent));
  const std::string ending = act.ending();
  const Time ended = act.outcome == nullptr ? act.intent->at : act.outcome->at;
  const bool good = ending == "done" || ending == "already";
  evidence::Draft ended_so =
      draft(good ? evidence::event::kTargetAcknowledged : evidence::event::kChangeFailed, ended, act, account);
  ended_so.outcome = good                  ? evidence::Outcome::kSuccess
                     : ending == "unknown" ? evidence::Outcome::kUnknown
                                           : evidence::Outcome::kFailure;
  ended_so.facts.emplace("ending", ending);
  if (const std::string problem = act.text(act.outcome, "problem"); !problem.empty())
    ended_so.fields.emplace("problem", problem);
  records_.push_back(std::move(ended_so));
  if (act.read_back == nullptr || act.shows() == "unknown") return;
  const bool proven = act.shows() == "proven";
  evidence::Draft seen = draft(proven ? evidence::event::kTargetVerified : evidence::event::kTargetMismatch,
                               act.read_back->at, act, account);
  if (!proven) seen.outcome = evidence::Outcome::kFailure;
  records_.push_back(std::move(seen));
}

bool Merge::is_open(const std::string& obligation) const {
  const auto snapshot = workspace_.store().snapshot();
  const auto row = snapshot ? (*snapshot)->get(Table::kObligation, obligation) : Result<std::optional<store::Row>>();
  return row && *row && (*row)->index.state == "open";
}

// The rules do not undo it before somebody has looked at it.
void Merge::hold(const Acted& act, const model::AccountRef& account, const model::Parameters& parameters) {
  model::Decision held;
  held.kind = model::DecisionKind::kHeld;
  held.account = account;
  held.entitlement = act.entitlement();
  held.parameters = parameters;
  held.owner = kit_.person;
  held.actor = "break-glass " + glass.id;
  held.reason = act.text(act.intent, "reason");
  held.since = act.intent->at;
  batch.writes.push_back(write_of(held));
}

void Merge::oblige(const Acted& act, const model::Account& account, const model::Parameters& parameters) {
  plan::Change change;
  change.verb = verb_of(act.act());
  change.target = act.target();
  change.entitlement = act.entitlement();
  engine::ObligationRow row;
  row.id = engine::obligation_id(change, account.id);
  row.account = {change.target, account.id};
  row.name = account.name;
  row.verb = change.verb;
  row.entitlement = change.entitlement;
  row.parameters = parameters;
  row.identity = identity_of(row.account);
  row.case_id = case_.id;
  row.owner = workspace_.policy().targets.at(change.target).owner;
  row.required = {change.verb == plan::Verb::kEndSessions ? "sessions_zero" : "configuration"};
  for (const auto& proof : row.required) row.proofs[proof] = {.status = "unknown"};
  row.effective_at = act.intent->at;
  row.decided_at = act.intent->at;
  row.sent_at = act.last();
  // Sessions are not part of a full reading: what the kit read back then is the proof.
  if (change.verb == plan::Verb::kEndSessions && act.shows() == "proven") {
    row.state = engine::ObligationState::kProven;
    row.proven_at = act.read_back->at;
    row.proofs["sessions_zero"] = {.status = "proven", .at = act.read_back->at, .method = "list_sessions"};
  } else {
    ++outcome.obligations;
  }
  if (is_open(row.id)) return;  // what is owed already stays owed, with what is known of it
  batch.writes.push_back({Table::kObligation,
                          row.id,
                          store::kAnyVersion,
                          false,
                          {change.target.str(), std::string(engine::name_of(row.state)), row.effective_at.to_micros()},
                          json::to_string(engine::to_json(row))});
  evidence::Draft opened = draft(evidence::event::kObligationOpened, world_.now, act, account.id);
  opened.facts.emplace("effective_at", row.effective_at.to_rfc3339());
  records_.push_back(std::move(opened));
}

// Of a right with parameters each that was there in the last reading before.
std::vector<model::Parameters> Merge::parameters_of(const Acted& act, const model::NativeId& account) const {
  std::vector<model::Parameters> all;
  const auto view = world_.targets.find(act.target());
  if (act.act() == Act::kRevoke && view != world_.targets.end() && view->second.observed)
    for (const auto& grant : view->second.observed->grants_of(account))
      if (grant.entitlement == act.entitlement()) all.push_back(grant.parameters);
  if (all.empty()) all.emplace_back();
  return all;
}

Status Merge::add(const Acted& act) {
  if (glass.id.empty()) glass.id = short_id(workspace_, "B-");
  if (!workspace_.policy().targets.contains(act.target()))
    return fail(Reason::kJournalForeign, "line " + std::to_string(act.intent->seq) + " is about the target " +
                                             act.target().str() + ", which the policy does not know");
  ++outcome.acts;
  const model::Account* account = account_of(act);
  const std::string who = act.text(act.intent, "account");
  record(act, account != nullptr ? account->id : model::NativeId(act.text(act.outcome, "account_id")));
  const std::string line = act.target().str() + ": " + std::string(emergency::name_of(act.act())) +
                           (act.entitlement().empty() ? "" : " " + act.entitlement().str()) + " of " + who + ": " +
                           act.ending() + ", read back: " + act.shows() + " (" + act.intent->at.to_rfc3339() + ")";
  glass.lines.push_back(line);
  glass.targets.insert(act.target());
  if (account == nullptr) {
    outcome.loose.push_back(line);
    return {};
  }
  for (const auto& parameters : parameters_of(act, account->id)) {
    oblige(act, *account, parameters);
    // Nothing reached the target: nothing is there for the rules to undo.
    if (act.act() != Act::kEndSessions && act.ending() != "failed") hold(act, {act.target(), account->id}, parameters);
  }
  return {};
}

void Merge::finish(const policy::BreakGlassRule* rule, const std::vector<Entry>& fresh) {
  glass.rule = rule == nullptr ? "" : rule->name;
  glass.policy = workspace_.policy().digest;
  glass.case_id = workspace_.environment().random.uuid();
  glass.state = governance::BreakGlassState::kClosed;
  glass.opened_by = kit_.person;
  glass.confirmed_by = kit_.maker;  // the second person: who handed the kit out
  glass.reason = "while Tenure was away";
  glass.ticket = "kit " + kit_.id;
  glass.kit = kit_.id;
  glass.asked_at = glass.opened_at = fresh.front().at;
  glass.ends_at = fresh.back().at;
  glass.closed_at = world_.now;
  glass.closing = "the journal was merged by " + workspace_.actor().name;
  if (rule != nullptr) glass.reviewers = rule->reviewers;
  glass.review_by = world_.now + (rule == nullptr ? Duration::days(3) : rule->review_within);
  evidence::Draft used;
  used.type = evidence::event::kBreakglassUsed;
  used.time = glass.opened_at;
  used.case_id = glass.case_id;
  used.actor = {evidence::ActorKind::kPerson, kit_.person.starts_with("identity:") ? kit_.person : "operator"};
  used.mode = evidence::Mode::kBreakGlass;
  used.policy = glass.policy;
  used.refs = {glass.id, kit_.id};
  used.fields = {{"person", kit_.person}, {"maker", kit_.maker}};
  used.facts = {{"acts", outcome.acts}, {"ended_at", glass.ends_at.to_rfc3339()}};
  evidence::Draft merged = used;
  merged.type = evidence::event::kBreakglassMerged;
  merged.time = world_.now;
  merged.actor = person_of(world_, workspace_.actor().name).actor;
  merged.fields = {{"person", workspace_.actor().name}, {"hash", fresh.back().hash.hex()}};
  merged.facts = {{"first_line", fresh.front().seq}, {"last_line", fresh.back().seq}};
  evidence::Draft review = merged;
  review.type = evidence::event::kReviewOpened;
  review.actor = {evidence::ActorKind::kSystem, "governance"};
  review.fields = {};
  review.facts = {{"review_by", glass.review_by.to_rfc3339()}};
  evidence::Draft opened = used;
  opened.type = evidence::event::kCaseOpened;
  opened.case_id = case_.id.str();
  opened.facts = {{"kind", "break_glass"}};
  case_.cause.text = "kit " + kit_.id + ", journal lines " + std::to_string(fresh.front().seq) + " to " +
                     std::to_string(fresh.back().seq);
  case_.cause.id = plan::cause_id(case_.cause);
  // Without an open line it closes with the merge.
  case_.closed = outcome.obligations == 0;
  batch.records = {std::move(opened)};
  for (auto& one : records_) batch.records.push_back(std::move(one));
  if (case_.closed) {
    case_.closed_at = world_.now;
    evidence::Draft closed = review;
    closed.type = evidence::event::kCaseClosed;
    closed.case_id = case_.id.str();
    closed.facts = {};
    batch.records.push_back(std::move(closed));
  }
  batch.records.insert(batch.records.end(), {std::move(used), std::move(merged), std::move(review)});
  batch.writes.push_back(write_of(glass));
  batch.writes.push_back({Table::kCase,
                          case_.id.str(),
                          store::kAnyVersion,
                          false,
                          {case_.cause.id.str(), case_.closed ? "closed" : "open", 0},
                          json::to_string(engine::to_json(case_))});
  outcome.glass = glass.id;
}

// The kit whose id the first line names.
Result<KnownKit> kit_of(Workspace& workspace, const std::string& journal) {
  const auto first = json::parse(std::string_view(journal).substr(0, journal.find('\n')));
  if (!first || !first->is_object()) return fail(Reason::kJournalBroken, "line 1: no JSON object");
  const std::string id = first->string_or("kit", "");
  TENURE_TRY(const auto kits, list_kits(workspace));
  for (const auto& kit : kits)
    if (kit.id == id) return kit;
  return fail(Reason::kJournalForeign, "line 1: the kit \"" + id + "\" was not made here");
}

// What was merged before has to be there still, unchanged.
Status check_continues(const KnownKit& kit, const std::vector<Entry>& entries) {
  if (kit.merged == 0) return {};
  const auto merged = static_cast<std::size_t>(kit.merged);
  if (entries.size() < merged)
    return fail(Reason::kJournalBroken, "line " + std::to_string(entries.size() + 1) +
                                            ": cut off: " + std::to_string(kit.merged) + " lines were merged before");
  if (entries[merged - 1].hash.hex() != kit.merged_hash)
    return fail(Reason::kJournalBroken,
                "line " + std::to_string(kit.merged) + ": another line was merged under this number");
  return {};
}

// Under which the person has a kit; the policy may have changed since: then any.
const policy::BreakGlassRule* rule_of(const Workspace& workspace, const plan::World& world, const KnownKit& kit) {
  const auto& rules = workspace.policy().break_glass;
  const auto roles = roles_of(workspace.policy(), world, kit.name);
  for (const auto& rule : rules)
    for (const auto& role : roles)
      if (std::find(rule.who.begin(), rule.who.end(), role) != rule.who.end()) return &rule;
  return rules.empty() ? nullptr : &rules.front();
}

void read_back(Workspace& workspace, const std::set<model::TargetName>& targets, std::vector<std::string>& out) {
  for (const auto& target : targets) {
    const auto read = read_targets(workspace, {target.str()});
    if (!read)
      out.push_back(target.str() + ": " + read.error().to_string());
    else
      for (const auto& one : read->targets)
        out.push_back(one.target + (one.known ? ": read" : ": unknown (" + one.problem + ")"));
  }
}

}  // namespace

Result<MergedJournal> merge_journal(Workspace& workspace, const std::string& journal, const std::string& head) {
  TENURE_TRY(KnownKit kit, kit_of(workspace, journal));
  TENURE_TRY(const auto key, evidence::VerifierKey::parse(kit.vkey));
  TENURE_TRY(const auto read, emergency::verify_journal(journal, head, key, kit.id));
  TENURE_CHECK_OK(check_continues(kit, read.entries));
  const std::vector<Entry> fresh(read.entries.begin() + static_cast<std::ptrdiff_t>(kit.merged), read.entries.end());
  const auto acts = acts_of(fresh);
  MergedJournal nothing;
  nothing.kit = kit.id;
  if (acts.empty()) return nothing;
  TENURE_TRY(const plan::World world, load_world(workspace));
  Merge merge(workspace, world, kit);
  merge.outcome.kit = kit.id;
  merge.outcome.lines = static_cast<std::int64_t>(fresh.size());
  for (const Acted& act : acts) TENURE_CHECK_OK(merge.add(act));
  merge.finish(rule_of(workspace, world, kit), fresh);
  kit.merged = static_cast<std::int64_t>(read.entries.size());
  kit.merged_hash = read.entries.back().hash.hex();
  merge.batch.writes.push_back(write_of(kit));
  TENURE_CHECK_OK(workspace.store().commit(merge.batch));
  read_back(workspace, merge.glass.targets, merge.outcome.read);
  return std::move(merge.outcome);
}

}  // namespace tenure::app
