#include "duty_screen.hpp"

#include <bit>

namespace tenure::plan {
namespace {

void mark_rights(const ScreenGround& ground, const DutyRights& rights, std::size_t document,
                 std::vector<std::uint64_t>& has) {
  for (const auto& [right, duties] : rights.all()) {
    const std::uint64_t bits = duties.of(document);
    const population::Accounts* accounts = ground.population.accounts(right.first);
    if (bits == 0 || accounts == nullptr) continue;
    const auto mark = [&](AccountIndex account) {
      const IdentityIndex row = ground.somebody_of(accounts->entry(account).owner);
      if (row != population::kNobody) has[row] |= bits;
    };
    const population::EntitlementIndex entitlement = accounts->entitlement(right.second);
    if (entitlement == population::kNobody) continue;
    // Of a target that was never read, decisions tell what is held.
    const population::Holders& holders = accounts->reading() ? accounts->observed() : accounts->given();
    if (entitlement < holders.entitlements())
      for (const AccountIndex account : holders[entitlement]) mark(account);
    // The arrays do not tell about accounts that were written since.
    for (const AccountIndex account : accounts->changed()) mark(account);
  }
}

void mark_roles(const ScreenGround& ground, const policy::DutiesDoc& document, std::vector<std::uint64_t>& has) {
  for (std::size_t i = 0; i < document.duties.size(); ++i)
    for (const auto& role : document.duties[i].roles)
      for (std::size_t number = 0; number < ground.lines.set_of.size(); ++number)
        if (ground.lines.set_of[number] != LineRows::kNone && ground.policy.lines[number].is_of(role))
          for (const IdentityIndex row : ground.lines.of(static_cast<std::uint32_t>(number)).truth)
            has[row] |= std::uint64_t{1} << i;
}

}  // namespace

void screen_duties(const ScreenGround& ground, const DutyRights& rights, Bitmap& candidates) {
  std::vector<std::uint64_t> has;
  for (std::size_t n = 0; n < ground.policy.duties.size(); ++n) {
    const policy::DutiesDoc& document = ground.policy.duties[n];
    has.assign(ground.lives.somebody.size(), 0);
    mark_rights(ground, rights, n, has);
    mark_roles(ground, document, has);
    for (std::size_t row = 0; row < has.size(); ++row)
      if (std::popcount(has[row]) > document.at_most && ground.lives.somebody.test(row)) candidates.set(row);
  }
}

}  // namespace tenure::plan
