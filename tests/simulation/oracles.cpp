#include "oracles.hpp"

#include <algorithm>

#include <tenure/plan/plan.hpp>

namespace tenure::simulation {
namespace {

using connector::testing::FakeTarget;

bool gives(plan::Verb verb) {
  return verb == plan::Verb::kCreate || verb == plan::Verb::kEnable || verb == plan::Verb::kGrant;
}

bool holds_entitlement(const model::AccountImage& image, const model::EntitlementId& entitlement) {
  return std::any_of(image.grants.begin(), image.grants.end(),
                     [&](const model::Grant& grant) { return grant.entitlement == entitlement; });
}

// The truth, not a reading. Written apart from the engine's own judgement on purpose.
bool truly_so(const plan::Change& change, const model::NativeId& account, const FakeTarget& target) {
  const auto image = change.verb == plan::Verb::kCreate && account.empty()
                         ? target.by_name(change.account_class, change.account.name)
                         : target.image(account);
  switch (change.verb) {
    case plan::Verb::kCreate:
      return image.has_value();
    case plan::Verb::kDelete:
      return !image.has_value();
    case plan::Verb::kDisable:
      return !image || !image->account.enabled;
    case plan::Verb::kEnable:
      return image && image->account.enabled;
    case plan::Verb::kRevoke:
      return !image || !holds_entitlement(*image, change.entitlement);
    case plan::Verb::kGrant:
      return image && holds_entitlement(*image, change.entitlement);
    case plan::Verb::kEndSessions:
      return target.session_count(account) == 0;
    default:
      return true;
  }
}

bool ended(const std::string& state) {
  return state == "done" || state == "failed" || state == "stale" || state == "drift" || state == "superseded" ||
         state == "cancelled";
}

}  // namespace

void Oracles::fail(const std::string& invariant, const std::string& what) {
  violations.push_back(invariant + ": " + what);
}

void Oracles::approved(const std::set<model::ChangeId>& changes) {
  approved_.insert(changes.begin(), changes.end());
}
void Oracles::unapproved(const std::set<model::ChangeId>& changes) {
  unapproved_.insert(changes.begin(), changes.end());
}

void Oracles::on_step(const engine::State& state, const engine::Effects& effects) {
  // T11: no write of a lower lane begins while a revocation of the same target could. (Readings need no write token, so
  // one may go where a revocation waits for its token.)
  if (floor_share != 0) return;
  for (const engine::Effect& effect : effects) {
    const auto* read = std::get_if<engine::Read>(&effect);
    if (read == nullptr || read->why != "prior" || read->lane <= plan::Lane::kRevoke) continue;
    for (const auto& [id, change] : state.changes)
      if (change.queued && change.row.change.target == read->target && change.row.change.lane <= plan::Lane::kRevoke)
        fail("T11", "change " + read->change.str() + " started before revocation " + id.str());
  }
}

void Oracles::on_send(const engine::Send& send, const engine::TargetProfile& profile) {
  // T8: one write in flight per object that it replaces; a revocation may overtake.
  const plan::Change& change = send.change;
  std::string object = change.target.str() + "/a/" + send.account.str();
  if (change.verb == plan::Verb::kCreate) object = change.target.str() + "/n/" + change.account.name;
  if (profile.writes_whole_entitlement && (change.verb == plan::Verb::kGrant || change.verb == plan::Verb::kRevoke))
    object = change.target.str() + "/e/" + change.entitlement.str();
  const bool takes = plan::takes_away(change);
  for (const auto& [serial, flight] : flights_)
    if (flight.object == object && (!takes || flight.takes_away))
      fail("T8", change.id.str() + " and " + flight.change.str() + " are both in flight on " + object);
  // The expected prior value (or, after an unknown outcome, the effect) was looked at since the last send.
  if (looked_.erase(change.id) == 0) fail("prior", change.id.str() + " is sent without a look at the target");
  flights_[send.serial] = {change.id, object, takes};
}

void Oracles::on_answer(std::int64_t serial) {
  flights_.erase(serial);
}

void Oracles::on_crash() {
  flights_.clear();
  looked_.clear();
  buckets_.clear();
}

void Oracles::on_durable(const engine::Commit& commit, Time now,
                         const std::map<model::TargetName, const FakeTarget*>& targets) {
  std::set<std::string> referenced;
  for (const evidence::Draft& draft : commit.records)
    for (const std::string& ref : draft.refs) referenced.insert(ref);
  for (const engine::RowWrite& write : commit.writes) {
    if ((write.table != engine::RowTable::kChange && write.table != engine::RowTable::kDone) || write.erase) continue;
    const auto row = engine::change_row_from_json(engine::document(write.body));
    if (!row) {
      fail("T4", "a row of a change does not read back: " + row.error().to_string());
      continue;
    }
    const model::ChangeId id = row->change.id;
    // T4: no state change without evidence in the same transaction.
    if (states_[id] != write.state && !referenced.contains(id.str()))
      fail("T4", id.str() + " goes from " + states_[id] + " to " + write.state + " without evidence");
    // T3: a revocation has no end but proof, a withdrawal, or a new plan that takes the obligation up.
    if (plan::takes_away(row->change) && (write.state == "failed" || write.state == "drift"))
      fail("T3", "revocation " + id.str() + " gave up: " + write.state);
    states_[id] = write.state;
    changes_[id] = row->change;
    admitted_[id] = row->admitted_at;
    accounts_[id] = row->account;
  }
  check_attempts(commit);
  check_obligations(commit);
  check_done(commit, now, targets);
}

void Oracles::check_attempts(const engine::Commit& commit) {
  for (const engine::RowWrite& write : commit.writes) {
    if (write.table != engine::RowTable::kAttempt) continue;
    const auto row = engine::attempt_row_from_json(engine::document(write.body));
    if (!row) {
      fail("T4", "a row of an attempt does not read back");
      continue;
    }
    Attempt& attempt = attempts_[{row->change, row->number}];
    const bool begins = attempt.outcome.empty();
    attempt = {write.state, row->intended_at, row->send_deadline};
    if (!begins) continue;
    // T7: whatever became of the last attempt is on record before the next one.
    if (const auto last = attempts_.find({row->change, row->number - 1}); last != attempts_.end())
      if (last->second.outcome == "none")
        fail("T7", row->change.str() + " is tried again although nobody recorded what became of the last attempt");
    // T12: intents keep to the target's rate.
    const engine::TargetProfile& profile = profiles[changes_[row->change].target];
    if (profile.writes_per_second <= 0) continue;
    Bucket& bucket = buckets_[profile.name];
    const auto rate = static_cast<double>(profile.writes_per_second);
    const auto burst = static_cast<double>(std::max<std::int64_t>(1, profile.write_burst));
    if (bucket.at == Time{}) bucket = {burst, row->intended_at};
    bucket.tokens = std::min(burst, bucket.tokens + rate * (row->intended_at - bucket.at).to_seconds()) - 1;
    bucket.at = row->intended_at;
    if (bucket.tokens < -0.001) fail("T12", "more writes to " + profile.name.str() + " than its quota allows");
  }
}

// T3: at the moment of proof no older write of ours that gives the access back may still be on its way.
void Oracles::check_nothing_may_land(const engine::ChangeRow& revocation, Time now) {
  for (const auto& [key, attempt] : attempts_) {
    const plan::Change& other = changes_[key.first];
    if (!gives(other.verb) || other.target != revocation.change.target || accounts_[key.first] != revocation.account)
      continue;
    if (attempt.outcome == "applied" || attempt.outcome == "failed" || states_[key.first] == "done") continue;
    const bool same = revocation.change.verb == plan::Verb::kRevoke
                          ? other.verb == plan::Verb::kGrant && other.entitlement == revocation.change.entitlement
                      : revocation.change.verb == plan::Verb::kDisable ? other.verb == plan::Verb::kEnable
                                                                       : false;
    if (same && now < attempt.send_deadline + profiles[other.target].request_lifetime_max)
      fail("T3", revocation.change.id.str() + " counts as proven while " + key.first.str() + " may still land");
  }
}

void Oracles::check_obligations(const engine::Commit& commit) {
  std::map<std::string, std::string> obligations;  // id -> state
  for (const engine::RowWrite& write : commit.writes)
    if (write.table == engine::RowTable::kObligation) obligations[write.id] = write.state;
  for (const engine::RowWrite& write : commit.writes) {
    if (write.erase || (write.table != engine::RowTable::kChange && write.table != engine::RowTable::kDone)) continue;
    const auto row = engine::change_row_from_json(engine::document(write.body));
    if (!row || !plan::takes_away(row->change)) continue;
    const std::string id = engine::obligation_id(row->change, row->account);
    if (write.state == "done") {
      if (obligations[id] != "proven") fail("T3", "revocation " + row->change.id.str() + " is done without proof");
      proven_[id] = row->admitted_at;
    } else if (row->admitted_at != Time{} && row->obligation != id) {
      fail("T3", "revocation " + row->change.id.str() + " has no obligation");
    }
  }
}

void Oracles::check_done(const engine::Commit& commit, Time now,
                         const std::map<model::TargetName, const FakeTarget*>& targets) {
  for (const engine::RowWrite& write : commit.writes) {
    if (write.table != engine::RowTable::kDone || write.state != "done") continue;
    const auto row = engine::change_row_from_json(engine::document(write.body));
    if (!row) continue;
    const auto target = targets.find(row->change.target);
    if (target == targets.end()) continue;
    if (plan::takes_away(row->change)) check_nothing_may_land(*row, now);
    // Somebody of ours may have taken it away again since the reading: then a revocation is open on the account.
    const bool contested = gives(row->change.verb) && std::any_of(states_.begin(), states_.end(), [&](const auto& one) {
                             const plan::Change& other = changes_[one.first];
                             return plan::takes_away(other) && other.target == row->change.target &&
                                    accounts_[one.first] == row->account && admitted_[one.first] > row->admitted_at;
                           });
    if (!contested && !truly_so(row->change, row->account, *target->second))
      fail(plan::takes_away(row->change) ? "T9" : "verified", std::string(plan::name_of(row->change.verb)) + " " +
                                                                  row->change.id.str() + " is done, but the target " +
                                                                  "does not hold it at " + now.to_rfc3339());
  }
}

void Oracles::on_write(const model::TargetName& target, const connector::testing::FakeWrite& write,
                       store::Store& store) {
  const model::ChangeId id(write.idempotency_key);
  const auto known = changes_.find(id);
  Arrivals& arrivals = arrivals_[id];
  ++arrivals.all;
  // T2: only what an approved plan says.
  if (!approved_.contains(id) || unapproved_.contains(id))
    fail("T2", "write of change " + id.str() + " was not approved");
  // T1: every arrival has its own intent, on disk.
  auto snapshot = store.snapshot();
  const auto intents = (*snapshot)->count({.table = store::Table::kAttempt, .owner = id.str()});
  if (!intents || *intents < arrivals.all)
    fail("T1", write.verb + " for change " + id.str() + " arrived without a durable intent");
  // T7: what gives access is not sent again once it has arrived.
  if (known != changes_.end() && gives(known->second.verb) && arrivals.changed)
    fail("T7", write.verb + " for change " + id.str() + " arrived again after it had taken effect");
  arrivals.changed = arrivals.changed || write.changed;
  if (known == changes_.end()) return;
  // A grant that lands after a proven revocation of the same access has to be found by the second look: after the proof
  // nothing may land any more.
  for (const auto& [obligation, revoked] : proven_) {
    plan::Change wanted = known->second;
    if (!gives(wanted.verb) || admitted_[id] >= revoked || write.account.empty()) continue;
    const auto matches = [&](plan::Verb verb, bool entitlement) {
      plan::Change against;
      against.verb = verb;
      against.target = target;
      if (entitlement) against.entitlement = wanted.entitlement;
      return engine::obligation_id(against, write.account) == obligation;
    };
    const bool hit = matches(plan::Verb::kDisable, false) || matches(plan::Verb::kDelete, false)
                         ? wanted.verb == plan::Verb::kEnable
                         : wanted.verb == plan::Verb::kGrant && matches(plan::Verb::kRevoke, true);
    if (hit) fail("T3", write.verb + " of change " + id.str() + " landed after " + obligation + " was proven");
  }
}

void Oracles::on_meddling(const model::TargetName& target, const model::NativeId& account) {
  for (auto& [id, arrivals] : arrivals_)
    if (changes_[id].target == target && accounts_[id] == account) arrivals.changed = false;
}

void Oracles::at_end(store::Store& store, const engine::State& state) {
  auto snapshot = store.snapshot();
  if (const auto open = (*snapshot)->count({.table = store::Table::kObligation, .state = "open"}); !open || *open != 0)
    fail("T3", "an obligation is still open at the end");
  for (const auto& [key, attempt] : attempts_)
    if (attempt.outcome == "none") fail("T7", "nobody recorded what became of an attempt at " + key.first.str());
  for (const auto& [id, change] : state.changes)
    fail("T13", id.str() + " is still " + std::string(name_of(change.row.state)));
  for (const auto& [id, name] : states_)
    if (!ended(name)) fail("T13", "change " + id.str() + " never ended: " + name);
}

}  // namespace tenure::simulation
