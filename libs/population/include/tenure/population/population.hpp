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
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/model/access.hpp>
#include <tenure/model/decision.hpp>
#include <tenure/model/identity.hpp>
#include <tenure/population/bitmap.hpp>
#include <tenure/population/column.hpp>
#include <tenure/population/dictionary.hpp>
#include <tenure/population/holders.hpp>

namespace tenure::population {

using IdentityIndex = std::uint32_t;
inline constexpr std::uint32_t kNobody = 0xFFFFFFFF;
inline constexpr std::uint32_t kSeveral = 0xFFFFFFFE;  // more than one fits; not said which

// Everyone: facts, engagements, relations, records.
class People {
 public:
  // Inserts, or replaces what is there under its number.
  void put(const model::Identity& identity);
  void reserve(std::size_t identities);

  std::uint64_t version() const;  // another number after every write: what was computed from facts is kept by it
  std::size_t rows() const;       // one more than the greatest row
  const Bitmap& present() const;  // rows that are somebody, aliases included
  const Bitmap& aliases() const;  // merged into another
  IdentityIndex row(model::IdentityId id) const { return static_cast<IdentityIndex>(id.value() - 1); }
  model::IdentityId id(IdentityIndex row) const { return model::IdentityId(std::int64_t{row} + 1); }
  bool contains(model::IdentityId id) const;
  model::Identity identity(IdentityIndex row) const;  // REQUIRES: present
  std::string_view key(IdentityIndex row) const;
  IdentityIndex find_key(std::string_view key) const;  // kNobody: none, or several
  model::IdentityKind kind(IdentityIndex row) const;
  const Bitmap& of_kind(model::IdentityKind kind) const;
  model::IdentityId resolved(model::IdentityId id) const;  // through aliases

  // nullptr: nobody ever had a fact of that name.
  const Column* column(std::string_view attribute) const;
  std::vector<std::string> attributes() const;  // in byte order

  struct Period {  // an engagement, for scans
    Time start, end;
    std::uint32_t status;  // code in statuses()
    std::uint32_t source;  // code in sources()
  };
  std::span<const Period> periods(IdentityIndex row) const;
  const Dictionary& statuses() const;
  const Dictionary& sources() const;
  std::size_t bytes() const;
};

// What one target holds, whose it is, and what Tenure remembers about it.
class Accounts {
 public:
  struct Entry {                      // for scans
    IdentityIndex owner = kNobody;    // by its claim, as written (not resolved through aliases)
    std::uint16_t account_class = 0;  // code in classes()
    model::Purpose purpose = model::Purpose::kNormal;
    bool observed = false;  // it is in the last reading; else only a claim or a decision tells of it
    bool enabled = false;
    bool restricted = false;  // Account::restriction is not empty
    bool granted = false;     // a plain decision about the account itself: Tenure enabled it
    bool disabled = false;    // Tenure disabled it: a decision "disabled", which does not make it special
    bool special = false;     // decisions beyond plain() and that one exist for it or its grants
  };

  model::TargetName target() const;
  std::size_t rows() const;
  std::size_t entitlements() const;
  AccountIndex find(const model::NativeId& id) const;    // kNobody: never heard of
  // Of those that are observed; without regard to ASCII case. kNobody: none; kSeveral.
  AccountIndex find_name(std::string_view login) const;
  const Entry& entry(AccountIndex row) const;
  std::span<const Entry> entries() const;
  model::NativeId id(AccountIndex row) const;
  std::string_view name(AccountIndex row) const;
  std::optional<model::Account> account(AccountIndex row) const;  // nullopt: not observed
  std::optional<model::Claim> claim(AccountIndex row) const;
  std::span<const AccountIndex> of_owner(IdentityIndex owner) const;  // ascending
  const Column* attribute(std::string_view name) const;
  const Dictionary& classes() const;
  const Dictionary& entitlement_ids() const;
  EntitlementIndex entitlement(const model::EntitlementId& id) const;  // kNobody: never heard of

  // Direct grants of observed accounts. One pair for a right with any parameters; an account that holds one right
  // several times with different parameters has one pair and is listed in odd_parameters().
  const Holders& observed() const;             // by entitlement
  const Holders& observed_by_account() const;  // the entitlements of each account, in the same form
  const Holders& given() const;                // what plain decisions "granted" tell of, by entitlement
  const Holders& given_by_account() const;
  std::vector<model::Grant> grants(AccountIndex row) const;        // ordered
  std::vector<model::Decision> decisions(AccountIndex row) const;  // all of them, ordered by row_id
  // "" for most. Parameters of an observed grant, when it has them: sorted by (entitlement, account).
  struct Parametric {
    Pair pair;
    std::uint32_t parameters;  // code in parameters()
    friend auto operator<=>(const Parametric&, const Parametric&) = default;
  };
  std::span<const Parametric> parametric_observed() const;
  std::span<const Parametric> parametric_given() const;
  const Dictionary& parameters() const;
  // The first instant at which a plain decision's term ends; Time::never() when none has one.
  Time next_term() const;
  // Accounts with a plain decision that has a term, ascending.
  std::span<const AccountIndex> with_term() const;
  // The plain decisions with a term, by when it ends, then by pair. One that is over stays until it is erased.
  struct Term {
    Time until;
    Pair pair;
    friend auto operator<=>(const Term&, const Term&) = default;
  };
  std::span<const Term> terms() const;
  // Nesting: grants whose holder is an entitlement.
  std::span<const model::Grant> nesting() const;
  std::size_t bytes() const;
};

// A decision that needs no attention: "granted", of an entitlement (see given()) or of the account itself, as every
// account has that Tenure made (see Entry::granted). Everything else about an account is special.
bool plain(const model::Decision& decision);

class Population {
 public:
  Population();
  ~Population();
  Population(Population&&) noexcept;
  Population& operator=(Population&&) noexcept;

  People& people();
  const People& people() const;

  // Writing. A target is known from the first mention.
  void put(const model::Claim& claim);
  void erase_claim(const model::AccountRef& account);
  void put(const model::Decision& decision);
  void erase_decision(const std::string& row_id);
  void put(const model::NameTaken& name);
  void put_observation(const model::Observation& observation);  // replaces the last reading of that target
  // One account after a read-back, with its direct grants; nullopt: it is gone.
  void put_image(const model::AccountRef& account, const std::optional<model::AccountImage>& image);
  // Whole readings without the detour over model values, in bulk: see loading.hpp.

  // Ends a round of writing: folds what was put into the arrays. Cheap when little changed.
  void settle();

  std::vector<model::TargetName> targets() const;  // in byte order
  const Accounts* accounts(const model::TargetName& target) const;

  // The ledger of every name ever used, per target and attribute.
  struct NameUse {
    std::optional<model::NameTaken> first;  // by identity, then since
    bool several = false;                   // more than one identity ever had it
  };
  // Compared without regard to ASCII case.
  NameUse name(const model::TargetName& target, std::string_view attribute, std::string_view name) const;
  std::vector<std::string> name_attributes(const model::TargetName& target) const;  // in the ledger; in byte order
  std::vector<model::NameTaken> names_of(model::IdentityId identity) const;  // ordered by row_id

  std::size_t bytes() const;
};

}  // namespace tenure::population
