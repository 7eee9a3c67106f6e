// What one target holds, whose it is, and what Tenure remembers about it: accounts, grants, claims, decisions, names
// ever used. What was put in comes out as the same values. Part of Population, which writes it.
//
// An account's row is dense in its target, in the order of arrival; it stays when the account goes.
//
// One thread writes; const members are safe from any thread after Population::settle() and until the next write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tenure/model/access.hpp>
#include <tenure/model/decision.hpp>
#include <tenure/population/by_code.hpp>
#include <tenure/population/column.hpp>
#include <tenure/population/dictionary.hpp>
#include <tenure/population/holders.hpp>
#include <tenure/population/packed.hpp>
#include <tenure/population/people.hpp>
#include <tenure/population/records.hpp>
#include <tenure/population/rights.hpp>
#include <tenure/population/rows.hpp>

namespace tenure::population {

// More than one fits; not said which.
inline constexpr AccountIndex kSeveral = 0xFFFFFFFE;

// A decision that needs no attention, because it tells what Tenure did: "granted", of an entitlement (see given()) or
// of the account itself (Entry::granted), and "disabled" of the account itself (Entry::disabled). Everything else about
// an account is special.
bool plain(const model::Decision& decision);

class Accounts {
 public:
  struct Entry {                      // for scans
    IdentityIndex owner = kNobody;    // by its claim, as written (not resolved through aliases)
    std::uint16_t account_class = 0;  // code in classes(); of "" when it is not observed
    // Of the account when it is observed, else of its claim.
    model::Purpose purpose = model::Purpose::kNormal;
    bool observed : 1 = false;  // it is in the last reading; else only a claim, a decision or a grant tells of it
    bool enabled : 1 = false;
    bool restricted : 1 = false;  // Account::restriction is not empty
    bool granted : 1 = false;     // a plain decision about the account itself: Tenure made or enabled it
    bool disabled : 1 = false;    // the other one: Tenure disabled it
    bool special : 1 = false;     // decisions beyond plain() exist for it or its grants
    bool claimed : 1 = false;
  };

  explicit Accounts(model::TargetName target);
  ~Accounts();
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;

  const model::TargetName& target() const { return target_; }
  // Another number after every write of claims and readings.
  std::uint64_t version() const { return version_; }
  std::size_t rows() const { return entries_.size(); }
  std::size_t entitlements() const { return entitlements_.size(); }
  AccountIndex find(const model::NativeId& id) const;  // kNobody: never heard of
  // Of those that are observed; without regard to ASCII case. kNobody: none; kSeveral.
  AccountIndex find_name(std::string_view login) const;
  const Entry& entry(AccountIndex row) const { return entries_[row]; }
  std::span<const Entry> entries() const { return entries_; }
  model::NativeId id(AccountIndex row) const { return model::NativeId(std::string(ids_.text(row))); }
  std::string_view name(AccountIndex row) const { return names_.text(name_of_[row]); }  // "" when it is not observed
  std::optional<model::Account> account(AccountIndex row) const;                        // nullopt: not observed
  std::optional<model::Claim> claim(AccountIndex row) const;
  std::span<const AccountIndex> of_owner(IdentityIndex owner) const { return of_owner_[owner]; }  // ascending
  // An attribute of observed accounts, never unknown; nullptr: no account ever had it.
  const Column* attribute(std::string_view name) const;
  std::vector<std::string> attributes() const;  // in byte order
  const Dictionary& classes() const { return classes_; }
  const Dictionary& entitlement_ids() const { return entitlements_; }
  EntitlementIndex entitlement(const model::EntitlementId& id) const;  // kNobody: never heard of

  // The last reading, when there was one: nullopt = never read. Without its grants and accounts (see observation()).
  const std::optional<model::Observation>& reading() const { return reading_; }
  // The last reading with later images applied, in full. For tests and small targets.
  model::Observation observation() const;

  // Direct grants. One pair for a right with any parameters; an account that holds one right several times with
  // different parameters has one pair and several entries in parametric_observed(). The arrays do not tell about the
  // accounts in changed(): those have been written since the arrays were, and grants() and decisions() tell about them.
  const Holders& observed() const { return observed_.by_entitlement(); }
  const ByAccount& observed_by_account() const { return observed_.by_account(); }
  const Holders& given() const { return given_.by_entitlement(); }  // what plain decisions "granted" tell of
  const ByAccount& given_by_account() const { return given_.by_account(); }
  std::span<const Parametric> parametric_observed() const { return observed_.parametric(); }
  std::span<const Parametric> parametric_given() const { return given_.parametric(); }
  // Ascending; about one in a hundred at most.
  std::span<const AccountIndex> changed() const { return changed_; }

  std::vector<model::Grant> grants(AccountIndex row) const;        // ordered
  std::vector<model::Decision> decisions(AccountIndex row) const;  // all of them, ordered by row_id
  // The same without texts. Rights::Right::record of a given one: see plain_decision().
  std::vector<Rights::Right> observed_rights(AccountIndex row) const { return observed_.of(row); }
  std::vector<Rights::Right> given_rights(AccountIndex row) const { return given_.of(row); }
  struct PlainDecision {
    Time since, until;
    std::string_view owner, actor;
  };
  PlainDecision plain_decision(std::uint32_t record) const;
  struct StateDecision {
    model::DecisionKind kind;
    std::uint32_t record;
  };
  std::optional<StateDecision> state_decision(AccountIndex row) const;  // the plain one about the account itself
  const std::vector<model::Decision>* special_decisions(AccountIndex row) const;  // nullptr: none
  // Canonical texts of parameters; code 0 = none ("").
  const Dictionary& parameters() const { return parameters_; }
  // The first instant at which a plain decision's term ends; Time::never() when none has one. Of the arrays and of
  // changed().
  Time next_term() const { return next_term_; }
  // Plain decisions with a term, by when it ends, then by pair; of the arrays (see changed()). One that is over
  // stays until it is erased.
  struct Term {
    Time until;
    Pair pair;
    friend auto operator<=>(const Term&, const Term&) = default;
  };
  std::span<const Term> terms() const { return terms_; }
  // Nesting: grants whose holder is an entitlement, ordered.
  std::span<const model::Grant> nesting() const { return nesting_; }

  // Every name ever used with this attribute that is equal but for ASCII case, in the order of identity, then since.
  std::vector<model::NameTaken> names(std::string_view attribute, std::string_view name) const;
  std::vector<model::NameTaken> names_of(model::IdentityId identity) const;  // ordered by row_id
  std::vector<model::NameTaken> all_names() const;                           // ordered by row_id
  std::vector<std::string> name_attributes() const;                          // in the ledger; in byte order
  std::size_t bytes() const;

 private:
  friend class Population;
  friend class AccountsLoader;
  struct ClaimRecord {
    std::int64_t since;
    std::uint32_t reason;  // code in texts_
    std::uint32_t purpose;
  };
  struct PlainRecord {
    std::int64_t since, until;
    std::uint32_t owner, actor, reason, ticket, second_person, zero;  // codes in texts_
  };
  struct Origin {
    std::int64_t since;
    std::uint64_t ledger;  // index in ledger_names_
  };
  struct Taken {
    std::uint32_t name = 0;            // code in names_
    IdentityIndex identity = kNobody;  // kNobody: of an account that nobody claims
    std::uint32_t origin = 0;          // code in origins_
  };
  struct Ledger {
    std::size_t number = 0;  // index in ledger_names_
    RowsByCode by_folded;    // code of the name in lower case -> indices in taken_
  };

  // Writing: by Population and AccountsLoader.
  AccountIndex know(std::string_view id);
  void grow(std::size_t rows);
  void put(const model::Claim& claim);
  void erase_claim(std::string_view id);
  void set_owner(AccountIndex row, IdentityIndex owner);
  void put(const model::Decision& decision);
  bool erase_decision(std::string_view rest);  // row_id without the target
  bool erase_decision(AccountIndex row, std::string_view entitlement, std::string_view parameters);
  void put(const model::NameTaken& name);
  std::uint32_t take_name(const std::string& attribute, std::string_view name, Time since);  // index in taken_
  void give_name(std::uint32_t index, IdentityIndex identity);
  void put_observation(const model::Observation& observation);
  void put_reading(const model::Observation& head);  // all of it but accounts and grants
  void put_grants(const std::vector<model::Grant>& grants);
  void put_image(const model::AccountRef& account, const std::optional<model::AccountImage>& image);
  void observe(AccountIndex row, const model::Account& account);
  void forget(AccountIndex row);  // no longer observed
  void name_account(AccountIndex row, std::string_view name);
  void settle();
  void fold();
  void collect_terms();
  Column& attribute_column(const std::string& name);
  std::uint32_t record_of(const model::Decision& decision);
  model::Decision decision_of(AccountIndex row, std::uint32_t code) const;  // kGranted, about the account itself
  model::Decision decision_of(AccountIndex row, const Rights::Right& right) const;
  model::NameTaken name_taken(const Taken& taken) const;
  void list_changed();
  // The code of the text in lower case.
  std::uint32_t folded(std::string_view name);

  model::TargetName target_;
  std::uint64_t version_ = 1;
  Dictionary ids_;  // code = row
  std::vector<Entry> entries_;
  Dictionary names_, classes_, entitlements_, parameters_, texts_;
  std::vector<std::uint32_t> name_of_;       // by row; code in names_
  RowsByCode by_name_;                       // observed accounts by name in lower case
  PackedCodes incarnations_, restrictions_;  // by row; code in texts_
  std::map<std::string, Column, std::less<>> attributes_;

  PackedCodes claims_;  // by row: 0 = none, else code in claim_records_ + 1
  Records<ClaimRecord> claim_records_;
  Rows<AccountIndex> of_owner_;

  std::optional<model::Observation> reading_;
  Rights observed_, given_;
  std::vector<AccountIndex> changed_;
  std::vector<model::Grant> nesting_;
  Records<PlainRecord> plain_records_;
  PackedCodes account_records_;  // by row: 0 = none, else record + 1 of the plain decision about the account itself
  std::unordered_map<AccountIndex, std::vector<model::Decision>> special_;
  std::vector<Term> terms_;
  std::uint64_t terms_version_ = 0;  // Rights::array_version() that they are of
  Time next_term_ = Time::never();

  std::map<std::string, Ledger, std::less<>> ledgers_;  // by attribute
  std::vector<std::string> ledger_names_;               // in the order of arrival
  Records<Origin> origins_;
  std::vector<Taken> taken_;
  Rows<std::uint32_t> taken_by_;  // by identity: indices in taken_
};

}  // namespace tenure::population
