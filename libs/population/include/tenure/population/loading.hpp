// Filling an empty Population whole columns at a time: a million identities and twenty million grants without one model
// value per row. For the loader of the store, for feeds, for generators. What is loaded can be changed by put() as
// ever.
//
//   PeopleLoader people(population.people(), 1'000'000);
//   people.keys(keys);
//   people.facts("department", std::move(department), {SourceName("hr"), known_at});
//   people.finish();
//
// A loader lives for one load. Everything it is given is copied or moved in. Once they are made, the loaders of the
// people and of different targets may each be used by a thread of their own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <tenure/population/population.hpp>

namespace tenure::population {

// REQUIRES: nobody is there yet. Rows 0 to identities - 1; what is not told is as in an empty model::Identity.
// Aliases: put() the few identities that have been merged afterwards.
class PeopleLoader {
 public:
  struct Provenance {
    model::SourceName source;
    Time known_at;
  };

  PeopleLoader(People& people, std::size_t identities);

  // By row; each is called once at most. REQUIRES of all below: as many elements as identities.
  void present(Bitmap present);  // else all are
  void keys(std::span<const std::string_view> keys);
  void kinds(std::span<const model::IdentityKind> kinds);
  // A column of as many rows, made with intern() and assign() or put_code(): a row of code kAbsent has no such fact.
  void facts(const std::string& attribute, Column column, const Provenance& of_all);
  void facts(const std::string& attribute, Column column, std::span<const Provenance> provenances,
             std::span<const std::uint32_t> by_row);

  // Codes for the parts of periods, relations and records.
  std::uint32_t source(std::string_view name) { return people_.sources_.intern(name); }
  std::uint32_t status(std::string_view status) { return people_.statuses_.intern(status); }
  std::uint32_t relation_kind(std::string_view kind) { return people_.relation_kinds_.intern(kind); }
  std::uint32_t record_key(std::string_view key) { return people_.keys_.intern(key); }
  void record_keys(std::span<const std::string_view> keys, std::span<std::uint32_t> codes) {
    people_.keys_.intern(keys, codes);
  }
  // offsets: one element more than identities; the items of row r are [offsets[r], offsets[r + 1]).
  void periods(std::vector<std::uint32_t> offsets, std::vector<People::Period> items);
  void relations(std::vector<std::uint32_t> offsets, std::vector<People::Link> items);
  void records(std::vector<std::uint32_t> offsets, std::vector<People::Record> items);

  void finish();  // after everything else

 private:
  People& people_;
  std::size_t identities_;
};

// One target. REQUIRES: it is not known to the population yet. Rows 0 to accounts - 1, all observed; what is not told
// is as in an empty model::Account, enabled, and claimed by nobody.
class AccountsLoader {
 public:
  AccountsLoader(Population& population, const model::TargetName& target);

  // First. REQUIRES: as many names as ids; ids differ.
  void accounts(std::span<const std::string_view> ids, std::span<const std::string_view> names);
  // Before observed() and given(): indices 0, 1, ... REQUIRES: they differ.
  void entitlements(std::span<const std::string_view> ids);
  EntitlementIndex entitlement(std::string_view id) { return accounts_.entitlements_.intern(id); }
  // When it was read and what it covered, and the titles of its entitlements, and nesting; accounts and their grants in
  // it are ignored.
  void reading(const model::Observation& head);

  // By row. REQUIRES of all below: as many elements as accounts.
  std::uint16_t account_class(std::string_view name);
  void classes(std::span<const std::uint16_t> codes);
  void classes(std::uint16_t of_all);
  void purposes(std::span<const model::Purpose> purposes);
  void enabled(const Bitmap& enabled);
  void attribute(const std::string& name, Column column);
  // kNobody: no claim. Purposes are those of the accounts.
  void claims(std::span<const IdentityIndex> owners, std::string_view reason, Time since);

  std::uint32_t parameters(std::string_view canonical) { return accounts_.parameters_.intern(canonical); }
  void observed(Holders by_entitlement, std::vector<Parametric> parametric = {});
  // The number of owner, actor, reason, ticket, second person, since and until of a plain decision.
  std::uint32_t record(const model::Decision& decision) { return accounts_.record_of(decision); }
  // What plain decisions "granted" tell of; records are parallel to by_entitlement.accounts(). Those with parameters
  // have a pair there and an element of `parametric`, with its own record beside it.
  void given(Holders by_entitlement, std::span<const std::uint32_t> records,
             std::vector<std::pair<Parametric, std::uint32_t>> parametric = {});
  void given(Holders by_entitlement, std::uint32_t record_of_all);
  // By row: the record of the plain decision that Tenure made the account (Entry::granted); kNobody: there is none.
  void made(std::span<const std::uint32_t> records);

  // The ledger of names. identities[i] is kNobody for a name found on an account nobody claims; "" is no name.
  void names(const std::string& attribute, std::span<const std::string_view> names,
             std::span<const IdentityIndex> identities, Time since);

  // rows[i] is that of ids[i]; kNobody: no such account.
  void find(std::span<const std::string_view> ids, std::span<AccountIndex> rows) const {
    accounts_.ids_.find(ids, rows);
  }

  void finish();  // after everything above

  // After finish(): what is told one by one, about accounts of any kind; then settle().
  void put(const model::Claim& claim) { accounts_.put(claim); }
  void put(const model::Decision& decision) { accounts_.put(decision); }
  void put(const model::NameTaken& name) { accounts_.put(name); }
  void put_image(const model::NativeId& account, const std::optional<model::AccountImage>& image) {
    accounts_.put_image({accounts_.target(), account}, image);
  }
  void settle() { accounts_.settle(); }

 private:
  Accounts& accounts_;
};

}  // namespace tenure::population
