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

constexpr std::uint32_t kNoCode = 0xFFFFFFFF;   // nothing is given
constexpr std::uint32_t kNewCode = 0xFFFFFFFE;  // parameters that no account ever had
constexpr std::uint32_t kDiffer = 0xFFFFFFFD;   // several lines give it with different parameters

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
      observed_(rows_),
      given_(rows_),
      desired_(rows_),
      kept_(rows_) {
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
  for (const Class& one : classes_) {
    (one.type->scope == Scope::kManaged ? ordinary_.managed : ordinary_.additive) |= one.accounts;
    careful_.additive |= one.accounts;
    if (one.type->scope != Scope::kManaged || accounts_ == nullptr) continue;
    const auto line = std::find_if(lines_.begin(), lines_.end(),
                                   [&](const Line& any) { return classes_[any.type].type == one.type; });
    // The rules are equal in all lines of a class.
    if (line != lines_.end())
      screen_attributes(ground_, *accounts_, *ground_.policy.lines[line->number].grant, one.dressed, candidates_);
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
  counted_ = Bitmap(rows_);
  for (const auto& [attribute, identities] : ground_.lines.unknown_facts) unknown_facts_[attribute] = Bitmap(rows_);
  own_.for_each([&](std::size_t index) {
    const IdentityIndex owner = owner_of(static_cast<AccountIndex>(index));
    if (ground_.enabled.test(owner) && !counted_by_row_->test(owner)) counted_.set(index);
    for (auto& [attribute, accounts] : unknown_facts_)
      if (ground_.lines.unknown_facts.at(attribute).test(owner)) accounts.set(index);
  });
  for (Line& line : lines_) {
    const RowSet& rows = ground_.lines.of(line.number);
    const Class& one = classes_[line.type];
    const auto accounts_of = [&](const std::vector<IdentityIndex>& identities) {
      Bitmap accounts(rows_);
      for (const IdentityIndex row : identities)
        if (const AccountIndex account = one.account_of[row]; account != population::kNobody) accounts.set(account);
      accounts &= one.accounts;
      return accounts;
    };
    line.truth = accounts_of(rows.truth);
    if (rows.unknown.empty()) continue;
    line.unknown = accounts_of(rows.unknown);
    count_without_account(line);
  }
}

// Who has no account gets neither that nor anything in it.
void TargetScreen::count_without_account(const Line& line) {
  const RowSet& rows = ground_.lines.of(line.number);
  const Class& one = classes_[line.type];
  std::vector<const Bitmap*> facts;
  std::vector<std::int64_t> counts(rows.reads.size(), 0);
  for (const auto& name : rows.reads) facts.push_back(&ground_.lines.unknown_facts.at(name));
  std::int64_t failed = 0;
  for (const IdentityIndex row : rows.unknown) {
    const AccountIndex account = one.account_of[row];
    if (account != population::kNobody && one.accounts.test(account)) continue;
    if (!ground_.enabled.test(row) || counted_by_row_->test(row)) continue;
    bool any = false;
    for (std::size_t i = 0; i < facts.size(); ++i) {
      const bool unknown = facts[i]->test(row);
      counts[i] += unknown ? 1 : 0;
      any = any || unknown;
    }
    failed += any ? 0 : 1;
  }
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 0) withheld_["attribute " + rows.reads[i]] += counts[i] * (1 + line.gives);
  if (failed > 0) withheld_[ground_.policy.lines[line.number].rule] += failed * (1 + line.gives);
}

// --- entitlements ------------------------------------------------------------------------------------------

void TargetScreen::compare_entitlements() {
  static const std::vector<Giving> kNone;
  const std::uint32_t known =
      accounts_ == nullptr ? 0 : static_cast<std::uint32_t>(accounts_->entitlement_ids().size());
  for (std::uint32_t entitlement = 0; entitlement < known; ++entitlement) {
    const model::EntitlementId id{std::string(accounts_->entitlement_ids().text(entitlement))};
    const auto lines = giving_.find(id);
    compare_entitlement(entitlement, id, lines == giving_.end() ? kNone : lines->second);
  }
  for (const auto& [id, lines] : giving_)
    if (accounts_ == nullptr || accounts_->entitlement(id) == population::kNobody)
      compare_entitlement(population::kNobody, id, lines);
}

void TargetScreen::compare_entitlement(std::uint32_t entitlement, const model::EntitlementId& id,
                                       const std::vector<Giving>& lines) {
  const Scope scope = target_.doc->scope_of(id);
  if (scope > Scope::kAdditive) return;
  const Reach& reach = scope == Scope::kManaged ? ordinary_ : careful_;
  const auto holders = [&](const population::Holders& all) {
    return entitlement < all.entitlements() ? all[entitlement] : std::span<const AccountIndex>();
  };
  const auto held = accounts_ == nullptr ? std::span<const AccountIndex>() : holders(accounts_->observed());
  const auto gave = accounts_ == nullptr ? std::span<const AccountIndex>() : holders(accounts_->given());
  if (held.empty() && lines.empty()) return;
  observed_.fill(false);
  for (const AccountIndex account : held) observed_.set(account);
  // What was given is mostly what is held.
  std::vector<AccountIndex> not_given, not_held;
  population::difference(held, gave, not_given, not_held);
  given_ = observed_;
  for (const AccountIndex account : not_given) given_.reset(account);
  for (const AccountIndex account : not_held) given_.set(account);
  desired_.fill(false);
  kept_.fill(false);
  for (const Giving& giving : lines) {
    desired_ |= lines_[giving.line].truth;
    if (lines_[giving.line].unknown.size() != 0) kept_ |= lines_[giving.line].unknown;
  }
  if (has_parameters(entitlement, lines)) {
    compare_parameters(entitlement, lines, reach);
  } else {
    const auto O = observed_.words(), G = given_.words(), D = desired_.words(), K = kept_.words();
    const auto usable = usable_.words(), ended = ended_.words();
    const auto managed = reach.managed.words(), additive = reach.additive.words();
    for (std::size_t w = 0; w < O.size(); ++w) {
      const std::uint64_t missing = D[w] & ~O[w] & usable[w] & (managed[w] | additive[w]);
      const std::uint64_t unwanted = O[w] & ~D[w] & ~(K[w] & ~ended[w]) & (managed[w] | (additive[w] & G[w]));
      const std::uint64_t unexplained = O[w] & D[w] & ~G[w] & managed[w];
      for (std::uint64_t bad = missing | unwanted | unexplained; bad != 0; bad &= bad - 1)
        candidate_account(
            static_cast<AccountIndex>(w * Bitmap::kWordBits + static_cast<std::size_t>(std::countr_zero(bad))));
    }
  }
  const Giving* before = nullptr;
  for (const Giving& giving : lines) {
    if (before == nullptr || before->line != giving.line) count_undecided(giving);
    before = &giving;
  }
}

// What an undecided line would give to accounts that are there, that they do not hold and nothing else gives.
void TargetScreen::count_undecided(const Giving& giving) {
  const Line& line = lines_[giving.line];
  if (line.unknown.size() == 0) return;
  const RowSet& rows = ground_.lines.of(line.number);
  std::vector<std::span<const std::uint64_t>> facts;
  std::vector<std::int64_t> counts(rows.reads.size(), 0);
  for (const auto& name : rows.reads) facts.push_back(std::as_const(unknown_facts_.at(name)).words());
  const auto unknown = line.unknown.words();
  const auto O = std::as_const(observed_).words(), D = std::as_const(desired_).words();
  const auto counted = std::as_const(counted_).words();
  std::int64_t failed = 0;
  for (std::size_t w = 0; w < unknown.size(); ++w) {
    const std::uint64_t lacking = unknown[w] & ~O[w] & ~D[w] & counted[w];
    if (lacking == 0) continue;
    std::uint64_t any = 0;
    for (std::size_t i = 0; i < facts.size(); ++i) {
      counts[i] += std::popcount(lacking & facts[i][w]);
      any |= facts[i][w];
    }
    failed += std::popcount(lacking & ~any);
  }
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 0) withheld_["attribute " + rows.reads[i]] += counts[i];
  if (failed > 0) withheld_[ground_.policy.lines[line.number].rule] += failed;
}

bool TargetScreen::has_parameters(std::uint32_t entitlement, const std::vector<Giving>& lines) const {
  if (std::any_of(lines.begin(), lines.end(), [](const Giving& giving) { return !giving.parameters->empty(); }))
    return true;
  if (accounts_ == nullptr || entitlement == population::kNobody) return false;
  const auto any = [&](std::span<const population::Parametric> all) {
    const auto first = std::lower_bound(all.begin(), all.end(), entitlement, [](const auto& one, std::uint32_t wanted) {
      return one.pair.entitlement < wanted;
    });
    return first != all.end() && first->pair.entitlement == entitlement;
  };
  return any(accounts_->parametric_observed()) || any(accounts_->parametric_given());
}

namespace {

// Parameters of the accounts that hold one entitlement; kDiffer where there are several.
class Codes {
 public:
  Codes(std::span<const population::Parametric> all, std::uint32_t entitlement) {
    if (entitlement == population::kNobody) return;
    const auto less = [](const auto& one, std::uint32_t wanted) { return one.pair.entitlement < wanted; };
    const auto first = std::lower_bound(all.begin(), all.end(), entitlement, less);
    all_ = {first, std::lower_bound(first, all.end(), entitlement + 1, less)};
  }

  // Accounts must ascend from call to call.
  std::uint32_t of(AccountIndex account, std::uint32_t none) {
    while (at_ < all_.size() && all_[at_].pair.account < account) ++at_;
    if (at_ == all_.size() || all_[at_].pair.account != account) return none;
    const bool several = at_ + 1 < all_.size() && all_[at_ + 1].pair.account == account;
    return several ? kDiffer : all_[at_].parameters;
  }

 private:
  std::span<const population::Parametric> all_;
  std::size_t at_ = 0;
};

}  // namespace

// Steady is here only what is held, given and wanted with one and the same text of parameters.
void TargetScreen::compare_parameters(std::uint32_t entitlement, const std::vector<Giving>& lines, const Reach& reach) {
  desired_code_.assign(rows_, kNoCode);
  kept_code_.assign(rows_, kNoCode);
  if (accounts_ == nullptr) return;
  const auto code_of = [&](const model::Parameters& parameters) {
    const auto code = accounts_->parameters().find(parameters);
    return code == population::Dictionary::kNone ? kNewCode : code;
  };
  const std::uint32_t none = code_of("");
  const auto note = [](std::uint32_t& code, std::uint32_t found) {
    code = code == kNoCode || code == found ? found : kDiffer;
  };
  for (const Giving& giving : lines) {
    const std::uint32_t code = giving.parameters->empty() ? none : code_of(*giving.parameters);
    lines_[giving.line].truth.for_each([&](std::size_t account) { note(desired_code_[account], code); });
    lines_[giving.line].unknown.for_each([&](std::size_t account) { note(kept_code_[account], code); });
  }
  Codes observed(accounts_->parametric_observed(), entitlement);
  Codes given(accounts_->parametric_given(), entitlement);
  Bitmap all = observed_;
  all |= desired_;
  all.for_each([&](std::size_t index) {
    const auto account = static_cast<AccountIndex>(index);
    const std::uint32_t held = observed.of(account, none), gave = given.of(account, none);
    const bool managed = reach.managed.test(account);
    if (!managed && !reach.additive.test(account)) return;
    const bool wanted = desired_.test(account), ours = given_.test(account);
    bool steady = false;
    if (!observed_.test(account))
      steady = !usable_.test(account);
    else if (wanted)
      steady = desired_code_[account] == held && held != kDiffer && (!managed || (ours && gave == held));
    else if (kept_.test(account) && !ended_.test(account))
      steady = kept_code_[account] == held && held != kDiffer;
    else
      steady = !managed && !ours;
    if (!steady) candidate_account(account);
  });
}

// --- terms -------------------------------------------------------------------------------------------------

bool TargetScreen::gives(std::uint32_t entitlement, AccountIndex account) const {
  const auto lines = giving_.find(model::EntitlementId{std::string(accounts_->entitlement_ids().text(entitlement))});
  if (lines == giving_.end()) return false;
  return std::any_of(lines->second.begin(), lines->second.end(),
                     [&](const Giving& giving) { return lines_[giving.line].truth.test(account); });
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
