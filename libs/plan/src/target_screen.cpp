#include "target_screen.hpp"

#include "attribute_screen.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <span>
#include <utility>

#include <tenure/policy/lifecycle.hpp>

namespace tenure::plan {
namespace {

using model::AccountState;
using model::Scope;

}  // namespace

TargetScreen::TargetScreen(const ScreenGround& ground, const TargetPicture& target)
    : ground_(ground),
      target_(target),
      accounts_(ground.population.accounts(target.doc->name)),
      rows_(accounts_ == nullptr ? 0 : accounts_->rows()),
      candidates_(ground.lives.somebody.size()),
      by_row_(ground.lives.somebody.size()),
      own_(rows_),
      usable_(rows_),
      ended_(rows_),
      dressed_(rows_),
      some_(rows_),
      counted_(rows_) {
  for (const auto& type : target.doc->classes) {
    if (type.scope > Scope::kAdditive) continue;
    Class& one = classes_.emplace_back();
    one.type = &type;
    one.account_of.assign(ground.lives.somebody.size(), population::kNobody);
    one.has = one.wanted = one.maybe = Bitmap(ground.lives.somebody.size());
    one.accounts = one.dressed = Bitmap(rows_);
  }
}

IdentityIndex TargetScreen::owner_of(AccountIndex account) const {
  return ground_.somebody_of(accounts_->entry(account).owner);
}

void TargetScreen::candidate_account(AccountIndex account) {
  const IdentityIndex owner = owner_of(account);
  if (owner != population::kNobody) candidate(owner);
}

// --- whose is what -----------------------------------------------------------------------------------------

void TargetScreen::map() {
  collect_lines();
  if (accounts_ != nullptr) map_accounts();
  for (const Class& one : classes_) {
    // Wanted, and not there: it is created, or said why not.
    Bitmap missing = one.wanted;
    missing &= ground_.enabled;
    missing.and_not(one.has);
    candidates_ |= missing;
    by_row_ |= missing;
  }
}

void TargetScreen::collect_lines() {
  for (std::uint32_t number = 0; number < ground_.policy.lines.size(); ++number) {
    const policy::GrantLine& doc = ground_.policy.lines[number];
    if (doc.grant->target != target_.doc->name) continue;
    const auto type = std::find_if(classes_.begin(), classes_.end(),
                                   [&](const Class& one) { return one.type->name == doc.grant->account_class; });
    if (type == classes_.end()) continue;
    const RowSet& rows = ground_.lines.of(number);
    if (doc.for_each != nullptr) {  // what it gives follows from values of each: for the row planner
      for (const auto* some : {&rows.truth, &rows.unknown})
        for (const IdentityIndex row : *some) {
          candidate(row);
          by_row_.set(row);
        }
      continue;
    }
    for (const IdentityIndex row : rows.truth) type->wanted.set(row);
    for (const IdentityIndex row : rows.unknown) type->maybe.set(row);
    Line line;
    line.number = number;
    line.type = static_cast<std::uint32_t>(type - classes_.begin());
    for (const auto& entitled : doc.grant->entitlements) {
      auto& giving = giving_[entitled.id];
      const auto index = static_cast<std::uint32_t>(lines_.size());
      const bool fresh = giving.empty() || giving.back().line != index;
      if (fresh && target_.scope(type->type->name, entitled.id) <= Scope::kAdditive) ++line.gives;
      giving.push_back({index, &entitled.parameters});
    }
    lines_.push_back(std::move(line));
  }
}

void TargetScreen::map_accounts() {
  for (std::uint32_t code = 0; code < accounts_->classes().size(); ++code) {
    const auto found = std::find_if(classes_.begin(), classes_.end(), [&](const Class& one) {
      return one.type->name == accounts_->classes().text(code);
    });
    class_of_.push_back(found == classes_.end() ? -1 : static_cast<std::int32_t>(found - classes_.begin()));
  }
  // The arrays do not tell about accounts that were written since.
  Bitmap changed(rows_);
  for (const AccountIndex row : accounts_->changed()) changed.set(row);
  const auto entries = accounts_->entries();
  for (AccountIndex row = 0; row < entries.size(); ++row) {
    const auto& entry = entries[row];
    if (entry.owner == population::kNobody) continue;
    const IdentityIndex owner = ground_.somebody_of(entry.owner);
    if (owner == population::kNobody) continue;
    const std::int32_t type = entry.observed ? class_of_[entry.account_class] : -1;
    if (entry.observed && type < 0) continue;  // nothing is written there
    // A claim on what is not in the reading, and a second account of a class, are for the row planner.
    if (type < 0 || changed.test(row) ||
        classes_[static_cast<std::size_t>(type)].account_of[owner] != population::kNobody) {
      candidate(owner);
      by_row_.set(owner);
      continue;
    }
    Class& one = classes_[static_cast<std::size_t>(type)];
    one.account_of[owner] = row;
    one.has.set(owner);
  }
}

// --- what is not as it should be ---------------------------------------------------------------------------

void TargetScreen::compare(const Bitmap& by_row) {
  counted_by_row_ = &by_row;
  look_at_accounts();
  look_at_lines();
  look_at_terms();
  compare_entitlements();
}

void TargetScreen::look_at_accounts() {
  for (Class& one : classes_) {
    std::array<bool, kLifecycleStates> deleted{};
    for (std::size_t state = 0; state < kLifecycleStates; ++state)
      deleted.at(state) =
          ground_.ended.at(state) &&
          policy::deleted_after(ground_.policy, static_cast<model::LifecycleState>(state), target_.doc->name, *one.type)
              .has_value();
    one.has.for_each([&](std::size_t identity) {
      const auto owner = static_cast<IdentityIndex>(identity);
      if (by_row_.test(owner)) return;  // looked at anyway, and perhaps several
      const AccountIndex row = one.account_of[owner];
      const auto& entry = accounts_->entry(row);
      one.accounts.set(row);
      own_.set(row);
      if (ground_.enabled.test(owner) && !counted_by_row_->test(owner)) counted_.set(row);
      const bool ended = ground_.is_ended(owner);
      if (ended) ended_.set(row);
      if (entry.special) candidate(owner);
      const bool wanted = one.wanted.test(owner);
      const AccountState aim = ground_.aims.at(ground_.lives.states[owner]);
      if (aim == AccountState::kEnabled) {
        if (entry.enabled || !wanted) usable_.set(row);
        if (entry.enabled && wanted) one.dressed.set(row);
        const bool unneeded = !wanted && !one.maybe.test(owner) && entry.enabled && entry.granted;
        if ((wanted && !entry.enabled) || (unneeded && one.type->scope == Scope::kManaged)) candidate(owner);
        return;
      }
      const bool ends = aim == AccountState::kDisabled || ended;
      const bool ours = entry.granted || one.type->scope == Scope::kManaged;
      const bool deletes = entry.disabled && deleted.at(ground_.lives.states[owner]);
      if ((ends && entry.enabled && ours) || (deletes && !entry.enabled)) candidate(owner);
    });
  }
  ordinary_ = careful_ = {Bitmap(rows_), Bitmap(rows_)};
  for (Class& one : classes_) {
    (one.type->scope == Scope::kManaged ? ordinary_.managed : ordinary_.additive) |= one.accounts;
    careful_.additive |= one.accounts;
    if (one.type->scope != Scope::kManaged || accounts_ == nullptr) continue;
    const auto line = std::find_if(lines_.begin(), lines_.end(),
                                   [&](const Line& any) { return classes_[any.type].type == one.type; });
    // The rules are equal in all lines of a class.
    if (line != lines_.end())
      screen_attributes(ground_, *accounts_, *ground_.policy.lines[line->number].grant, one.dressed, some_);
    else
      some_.fill(false);
    some_.for_each([&](std::size_t account) { candidate_account(static_cast<AccountIndex>(account)); });
    one.dressed.and_not(some_);
    dressed_ |= one.dressed;
  }
}

// What is held although the time for which it was given is over.
void TargetScreen::look_at_terms() {
  if (accounts_ == nullptr) return;
  for (const auto& term : accounts_->terms()) {
    if (term.until > ground_.picture.world().now) return;
    if (term.pair.entitlement < accounts_->observed().entitlements() &&
        accounts_->observed().contains(term.pair.entitlement, term.pair.account))
      candidate_account(term.pair.account);
  }
}

void TargetScreen::look_at_lines() {
  for (const auto& [attribute, identities] : ground_.lines.unknown_facts) {
    Bitmap& accounts = unknown_facts_[attribute];
    accounts = Bitmap(rows_);
    for (const Class& one : classes_)
      identities.for_each([&](std::size_t row) {
        const AccountIndex account = one.account_of[row];
        if (account != population::kNobody && one.accounts.test(account)) accounts.set(account);
      });
  }
  Bitmap counted = ground_.enabled;  // whose undecided lines are counted here
  counted.and_not(*counted_by_row_);
  for (Line& line : lines_) {
    const RowSet& rows = ground_.lines.of(line.number);
    const Class& one = classes_[line.type];
    some_.fill(false);
    for (const IdentityIndex row : rows.truth)
      if (const AccountIndex account = one.account_of[row]; account != population::kNobody) some_.set(account);
    some_ &= one.accounts;
    line.truth.reserve(some_.count());
    some_.for_each([&](std::size_t account) { line.truth.push_back(static_cast<AccountIndex>(account)); });
    if (!rows.unknown.empty()) look_at_unknown(line, counted);
  }
}

// In one pass over those of whom it is unknown, who are many: who has an account here, and how many are counted.
void TargetScreen::look_at_unknown(Line& line, const Bitmap& counted) {
  const RowSet& rows = ground_.lines.of(line.number);
  const Class& one = classes_[line.type];
  std::vector<const Bitmap*> facts;
  for (const auto& name : rows.reads) {
    facts.push_back(&ground_.lines.unknown_facts.at(name));
    line.facts.push_back(&unknown_facts_.at(name));
  }
  line.unknown = Bitmap(rows_);
  line.open.assign(facts.size() + 1, 0);
  std::vector<std::int64_t> without = line.open;  // who has no account gets neither that nor anything in it
  for (const IdentityIndex row : rows.unknown) {
    const AccountIndex account = one.account_of[row];
    const bool there = account != population::kNobody && one.accounts.test(account);
    if (there) line.unknown.set(account);
    if (!counted.test(row)) continue;
    std::vector<std::int64_t>& counts = there ? line.open : without;
    bool any = false;
    for (std::size_t i = 0; i < facts.size(); ++i) {
      const bool unknown = facts[i]->test(row);
      counts[i] += unknown ? 1 : 0;
      any = any || unknown;
    }
    counts.back() += any ? 0 : 1;
  }
  for (std::int64_t& count : without) count *= 1 + line.gives;
  withhold(line, without);
}

// Of what the line reads, and of the line itself.
void TargetScreen::withhold(const Line& line, const std::vector<std::int64_t>& counts) {
  const RowSet& rows = ground_.lines.of(line.number);
  for (std::size_t i = 0; i < rows.reads.size(); ++i)
    if (counts[i] > 0) withheld_["attribute " + rows.reads[i]] += counts[i];
  if (counts.back() > 0) withheld_[ground_.policy.lines[line.number].rule] += counts.back();
}

// --- terms -------------------------------------------------------------------------------------------------

bool TargetScreen::gives(std::uint32_t entitlement, AccountIndex account) const {
  const auto lines = giving_.find(model::EntitlementId{std::string(accounts_->entitlement_ids().text(entitlement))});
  if (lines == giving_.end()) return false;
  return std::any_of(lines->second.begin(), lines->second.end(), [&](const Giving& giving) {
    return std::ranges::binary_search(lines_[giving.line].truth, account);
  });
}

Time TargetScreen::next_term(const Bitmap& candidates) const {
  if (accounts_ == nullptr) return Time::never();
  const Time now = ground_.picture.world().now;
  for (const auto& term : accounts_->terms()) {
    if (term.until <= now || !own_.test(term.pair.account)) continue;
    const IdentityIndex owner = owner_of(term.pair.account);
    if (owner == population::kNobody || candidates.test(owner)) continue;
    const model::EntitlementId id{std::string(accounts_->entitlement_ids().text(term.pair.entitlement))};
    if (target_.doc->scope_of(id) > Scope::kAdditive) continue;
    if (term.pair.entitlement < accounts_->observed().entitlements() &&
        accounts_->observed().contains(term.pair.entitlement, term.pair.account) &&
        gives(term.pair.entitlement, term.pair.account))
      return term.until;
  }
  return Time::never();
}

}  // namespace tenure::plan
