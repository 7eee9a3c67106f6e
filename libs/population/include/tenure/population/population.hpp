// Facts, accounts, observed access and remembered decisions of everyone, in memory: dictionary-encoded columns, bitmaps
// and sorted arrays. What the planner looks at when it thinks about everyone at once; the application fills it from the
// store and keeps it current. Nothing is lost in it: what was put in comes out as the same values.
//
// Rows: an identity's row is its number - 1 (numbers are dense, never given again). An account's row is dense in its
// target, in the order of arrival; it stays when the account goes.
//
// One thread writes; const members are safe from any thread after settle() and until the next write. No I/O.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/model/access.hpp>
#include <tenure/model/decision.hpp>
#include <tenure/model/identity.hpp>
#include <tenure/population/accounts.hpp>
#include <tenure/population/people.hpp>

namespace tenure::population {

class Population {
 public:
  Population();
  ~Population();
  Population(Population&&) noexcept;
  Population& operator=(Population&&) noexcept;

  People& people();
  const People& people() const;

  // Writing, in any order: microseconds each, and reads of single rows see it at once. A target is known from the first
  // mention. What is put under the key (row_id) of something replaces it.
  void put(const model::Claim& claim);
  void erase_claim(const model::AccountRef& account);
  void put(const model::Decision& decision);
  void erase_decision(const std::string& row_id);  // nothing happens when there is none
  void put(const model::NameTaken& name);
  void put_observation(const model::Observation& observation);  // replaces the last reading of that target
  // One account after a read-back, with its direct grants; nullopt: it is gone.
  void put_image(const model::AccountRef& account, const std::optional<model::AccountImage>& image);
  // Whole readings without the detour over model values, in bulk: see loading.hpp.

  // Ends a round of writing. Cheap when little changed: the arrays of a target are rewritten once more than one account
  // in a hundred was written; until then those accounts are in Accounts::changed(), about which the arrays do not tell.
  void settle();
  void fold();  // settle() after which no account is in changed()

  std::vector<model::TargetName> targets() const;  // in byte order
  const Accounts* accounts(const model::TargetName& target) const;

  // The ledger of every name ever used, per target and attribute.
  struct NameUse {
    std::optional<model::NameTaken> first;  // by identity (nobody before everybody), then since
    bool several = false;                   // more than one identity (or nobody and one) ever had it
  };
  // Compared without regard to ASCII case.
  NameUse name(const model::TargetName& target, std::string_view attribute, std::string_view name) const;
  std::vector<model::NameTaken> names_of(model::IdentityId identity) const;  // ordered by row_id

  std::size_t bytes() const;

 private:
  friend class AccountsLoader;
  Accounts& known(const model::TargetName& target);
  struct Body;
  std::unique_ptr<Body> body_;
};

}  // namespace tenure::population
