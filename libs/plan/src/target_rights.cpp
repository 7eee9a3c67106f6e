// Right by right: who should have it, holds it and was given it, in one target (target_screen.hpp).
#include "target_screen.hpp"

#include <algorithm>
#include <utility>

namespace tenure::plan {
namespace {

using model::Scope;

constexpr std::uint32_t kNoCode = 0xFFFFFFFF;   // nothing is given
constexpr std::uint32_t kNewCode = 0xFFFFFFFE;  // parameters that no account ever had
constexpr std::uint32_t kDiffer = 0xFFFFFFFD;   // several lines give it with different parameters

}  // namespace

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
  missing_.clear();
  extra_.clear();
  population::difference(held, wanted_of(lines), extra_, missing_);
  if (has_parameters(entitlement, lines))
    compare_parameters(entitlement, lines, reach);
  else
    compare_plain(held, gave, lines, reach);
  const Giving* before = nullptr;
  for (const Giving& giving : lines) {
    if (before == nullptr || before->line != giving.line) count_undecided(lines_[giving.line], held);
    before = &giving;
  }
}

// Accounts that should have it.
std::span<const AccountIndex> TargetScreen::wanted_of(const std::vector<Giving>& lines) {
  if (lines.empty()) return {};
  const std::uint32_t first = lines.front().line;
  if (std::ranges::all_of(lines, [&](const Giving& giving) { return giving.line == first; }))
    return lines_[first].truth;
  some_.fill(false);
  for (const Giving& giving : lines)
    for (const AccountIndex account : lines_[giving.line].truth) some_.set(account);
  wanted_.clear();
  some_.for_each([&](std::size_t account) { wanted_.push_back(static_cast<AccountIndex>(account)); });
  return wanted_;
}

// What is wanted, held and given is nearly the same: sorted arrays are compared, and only where they differ is anything
// looked up.
void TargetScreen::compare_plain(std::span<const AccountIndex> held, std::span<const AccountIndex> gave,
                                 const std::vector<Giving>& lines, const Reach& reach) {
  not_given_.clear();
  not_held_.clear();
  population::difference(held, gave, not_given_, not_held_);
  for (const AccountIndex account : missing_)
    if (usable_.test(account) && (reach.managed.test(account) || reach.additive.test(account)))
      candidate_account(account);
  const auto kept = [&](AccountIndex account) {
    return !ended_.test(account) && std::ranges::any_of(lines, [&](const Giving& giving) {
      const Bitmap& unknown = lines_[giving.line].unknown;
      return unknown.size() != 0 && unknown.test(account);
    });
  };
  for (const AccountIndex account : extra_) {
    const bool ours = reach.additive.test(account) && !std::ranges::binary_search(not_given_, account);
    if ((reach.managed.test(account) || ours) && !kept(account)) candidate_account(account);
  }
  for (const AccountIndex account : not_given_)
    if (reach.managed.test(account) && !std::ranges::binary_search(extra_, account)) candidate_account(account);
}

// What an undecided line would give to accounts that are there, that they do not hold and nothing else gives: to all of
// whom it is unknown, less those who hold it or should.
void TargetScreen::count_undecided(const Line& line, std::span<const AccountIndex> held) {
  if (line.unknown.size() == 0) return;
  std::vector<std::int64_t> counts = line.open;
  const auto take_off = [&](std::span<const AccountIndex> accounts) {
    for (const AccountIndex account : accounts) {
      if (!line.unknown.test(account) || !counted_.test(account)) continue;
      bool any = false;
      for (std::size_t i = 0; i < line.facts.size(); ++i) {
        const bool unknown = line.facts[i]->test(account);
        counts[i] -= unknown ? 1 : 0;
        any = any || unknown;
      }
      counts.back() -= any ? 0 : 1;
    }
  };
  take_off(held);
  take_off(missing_);
  withhold(line, counts);
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
  if (accounts_ == nullptr) return;
  desired_code_.resize(rows_, kNoCode);
  kept_code_.resize(rows_, kNoCode);
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
    for (const AccountIndex account : lines_[giving.line].truth) note(desired_code_[account], code);
    lines_[giving.line].unknown.for_each([&](std::size_t account) { note(kept_code_[account], code); });
  }
  const bool known = entitlement != population::kNobody;
  const auto held = known ? accounts_->observed()[entitlement] : std::span<const AccountIndex>();
  const auto gave = known ? accounts_->given()[entitlement] : std::span<const AccountIndex>();
  Codes observed(accounts_->parametric_observed(), entitlement);
  Codes given(accounts_->parametric_given(), entitlement);
  auto ours = gave.begin();
  const auto look = [&](AccountIndex account, bool holds) {
    const std::uint32_t has = observed.of(account, none), got = given.of(account, none);
    const bool managed = reach.managed.test(account);
    if (!managed && !reach.additive.test(account)) return;
    while (ours != gave.end() && *ours < account) ++ours;
    const bool is_ours = ours != gave.end() && *ours == account;
    bool steady = false;
    if (!holds)
      steady = !usable_.test(account);
    else if (desired_code_[account] != kNoCode)
      steady = desired_code_[account] == has && has != kDiffer && (!managed || (is_ours && got == has));
    else if (kept_code_[account] != kNoCode && !ended_.test(account))
      steady = kept_code_[account] == has && has != kDiffer;
    else
      steady = !managed && !is_ours;
    if (!steady) candidate_account(account);
  };
  // Whoever holds it or should, in order.
  auto lacks = missing_.begin();
  for (const AccountIndex account : held) {
    for (; lacks != missing_.end() && *lacks < account; ++lacks) look(*lacks, false);
    look(account, true);
  }
  for (; lacks != missing_.end(); ++lacks) look(*lacks, false);
  for (const Giving& giving : lines) {
    for (const AccountIndex account : lines_[giving.line].truth) desired_code_[account] = kNoCode;
    lines_[giving.line].unknown.for_each([&](std::size_t account) { kept_code_[account] = kNoCode; });
  }
}

}  // namespace tenure::plan
