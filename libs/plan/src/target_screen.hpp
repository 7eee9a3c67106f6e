// One target on the screen: which identities may not be steady there, what is undecided about the others, and when the
// next term ends. An identity is steady in a target when the row planner would say nothing about it: each account is
// there exactly if it is wanted, is enabled as its lifecycle state wants, holds what it is given and what was observed
// to be so, has the attributes that the rules give, and nothing about it is out of the ordinary. Whoever is not
// provably steady is a candidate.
#pragma once

#include "screen_ground.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

namespace tenure::plan {

class TargetScreen {
 public:
  // REQUIRES: both outlive it; the target is managed and asked for.
  TargetScreen(const ScreenGround& ground, const TargetPicture& target);

  // Which account is whose, and who has none yet. Fills candidates() and by_row().
  void map();
  // REQUIRES: map(). `by_row`: identities whose undecided lines are counted by row, for all targets.
  void compare(const Bitmap& by_row);
  // Of those who are no candidates.
  Time next_term(const Bitmap& candidates) const;

  const population::Accounts* accounts() const { return accounts_; }
  const Bitmap& candidates() const { return candidates_; }
  const Bitmap& by_row() const { return by_row_; }  // candidates, too

  // Accounts whose attributes are as the rules give them: the row planner would change none.
  const Bitmap& dressed() const { return dressed_; }

  // Changes that are withheld, by what is unknown: see Screen::count_into().
  const std::map<std::string, std::int64_t>& withheld() const { return withheld_; }

 private:
  struct Class {
    const policy::AccountClassDoc* type = nullptr;
    std::vector<AccountIndex> account_of;  // by identity
    Bitmap has, wanted, maybe;             // identities
    Bitmap accounts;                       // the only one of its class, of somebody
    Bitmap dressed;                        // of those, whose attributes are as the rules give them
  };
  // A line that gives something here, over accounts.
  struct Line {
    std::uint32_t number = 0;
    std::uint32_t type = 0;           // index in classes_
    std::int64_t gives = 0;           // entitlements in scope
    std::vector<AccountIndex> truth;  // ascending
    Bitmap unknown;                   // empty: of nobody
    // Accounts of whom it is unknown and that are counted here: how many for each of what the line reads, and the last
    // for the line itself.
    std::vector<const Bitmap*> facts;
    std::vector<std::int64_t> open;
  };
  struct Giving {
    std::uint32_t line = 0;  // index in lines_
    const model::Parameters* parameters = nullptr;
  };
  // Accounts of this target by how far Tenure may go.
  struct Reach {
    Bitmap managed, additive;
  };

  void collect_lines();
  void map_accounts();
  void look_at_accounts();
  void look_at_lines();
  void look_at_terms();
  void compare_entitlements();
  void compare_entitlement(std::uint32_t entitlement, const model::EntitlementId& id, const std::vector<Giving>& lines);
  void compare_plain(std::span<const AccountIndex> held, std::span<const AccountIndex> gave,
                     const std::vector<Giving>& lines, const Reach& reach);
  void compare_parameters(std::uint32_t entitlement, const std::vector<Giving>& lines, const Reach& reach);
  std::span<const AccountIndex> wanted_of(const std::vector<Giving>& lines);
  bool has_parameters(std::uint32_t entitlement, const std::vector<Giving>& lines) const;
  void look_at_unknown(Line& line, const Bitmap& counted);
  void withhold(const Line& line, const std::vector<std::int64_t>& counts);
  void count_undecided(const Line& line, std::span<const AccountIndex> held);
  void candidate(IdentityIndex row) { candidates_.set(row); }
  void candidate_account(AccountIndex account);
  IdentityIndex owner_of(AccountIndex account) const;
  bool gives(std::uint32_t entitlement, AccountIndex account) const;

  const ScreenGround& ground_;
  const TargetPicture& target_;
  const population::Accounts* accounts_;  // nullptr: nobody ever heard of one
  std::size_t rows_ = 0;                  // accounts
  Bitmap candidates_, by_row_;            // identities
  const Bitmap* counted_by_row_ = nullptr;
  std::vector<Class> classes_;
  std::vector<std::int32_t> class_of_;  // by code of population::Accounts::classes(); -1: nothing is written there
  std::vector<Line> lines_;
  std::map<model::EntitlementId, std::vector<Giving>> giving_;
  Bitmap own_, usable_, ended_, dressed_;  // accounts
  Reach ordinary_, careful_;               // of entitlements in managed scope, in additive scope
  // While one entitlement is looked at: accounts that should have it and do not, and the other way round; that hold it
  // and were not given it, and the other way round.
  std::vector<AccountIndex> missing_, extra_, not_given_, not_held_;
  std::vector<AccountIndex> wanted_;                     // by several lines
  Bitmap some_;                                          // scratch
  std::vector<std::uint32_t> desired_code_, kept_code_;  // by account; nothing between two entitlements
  Bitmap counted_;                                       // accounts whose undecided lines are counted here
  std::map<std::string, Bitmap> unknown_facts_;          // by attribute: accounts of whom it is unknown
  std::map<std::string, std::int64_t> withheld_;
};

}  // namespace tenure::plan
