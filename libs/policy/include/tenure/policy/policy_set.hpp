// A checked, compiled policy repository: what the documents of one folder say, with every expression parsed and typed
// against the declared attribute schema. Immutable after load; any thread may read it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/base/hash.hpp>
#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>
#include <tenure/model/access.hpp>
#include <tenure/model/identity.hpp>
#include <tenure/model/ids.hpp>

namespace tenure::cel {
class ObjectType;
class Program;
}  // namespace tenure::cel

namespace tenure::policy {

struct Vocabulary;  // the types and variables that expressions were checked against

// An expression of a document, with where it stands and its text for reasons.
struct Expression {
  std::shared_ptr<const cel::Program> program;
  std::string text;
  Place place;
};

enum class AttributeType : std::uint8_t { kString, kInt, kBool, kDate, kStringList };

struct AttributeDecl {
  std::string name;
  AttributeType type = AttributeType::kString;
  bool nullable = false;  // declared optional: a blank is proven ("has none"), and expressions see null
  bool required = true;   // else: a blank is unknown and keeps what was known. Always !nullable
};

// --- sources -------------------------------------------------------------------------------------------------------

struct AttributeMapping {
  std::string attribute;
  Expression from;                // over `record` (columns as strings or null)
  std::optional<int> precedence;  // for this attribute, instead of the source's
};

struct RelationMapping {
  std::string kind;       // "manager", "sponsor", "owner"
  std::string attribute;  // attribute of the other identity that is matched: "person_id"
  Expression from;
};

struct SourceDoc {
  model::SourceName name;
  std::string title;
  std::string owner;      // accountable person
  std::string connector;  // "csv", "jsonl"
  json::Value config;     // {"file": "feeds/hr.csv"}
  model::IdentityKind kind = model::IdentityKind::kPerson;
  std::string key_column;            // record key
  std::vector<std::string> columns;  // that must be there; the fields of `record`, in this order
  std::shared_ptr<const cel::ObjectType> record_type;
  int precedence = 0;  // higher wins where two sources give one attribute, unless its mapping says another
  std::vector<AttributeMapping> attributes;
  std::vector<RelationMapping> relations;
  // Engagement. Status of persons: active, leave, terminated; of other kinds: discovered, active, suspended, revoking,
  // retired. No start: since ever. No end: open. No status: active.
  std::optional<Expression> start, end, status;
  std::string correlate_attribute;     // records with equal non-blank value are one identity: "person_id"
  std::string identity_key_attribute;  // natural key shown to people
  int shrink_percent_max = 20;         // fewer records than before by more than this: held
  Place place;
};

// --- targets -------------------------------------------------------------------------------------------------------

struct CorrelationRule {
  std::string account_attribute;  // attribute of the account, or "name"
  Expression identity_value;      // over `identity` and `account`: the value that must be equal (case-insensitively)
  std::string text;               // "employeeNumber = identity.person_id"
};

struct AccountClassDoc {
  std::string name;
  model::Purpose purpose = model::Purpose::kNormal;
  model::Scope scope = model::Scope::kManaged;
  model::IdentityKind kind = model::IdentityKind::kPerson;
  json::Value config;
  std::vector<std::string> attributes;     // read, and written where a role grant has a rule for them; in byte order
  std::vector<CorrelationRule> correlate;  // in order; the first rule with exactly one match claims
  std::string owner;                       // default owner of what is found here
};

struct EntitlementDoc {
  model::EntitlementId id;
  std::string title;
  std::string owner;  // natural key or login of the accountable person
  model::Risk risk = model::Risk::kLow;
  model::Scope scope = model::Scope::kManaged;
  std::string environment;
  std::vector<std::string> parameters;  // names allowed
  // For a parameter with ordered values, least first ({"access": ["READ","UPDATE","ALTER"]}): less is a reduction.
  std::map<std::string, std::vector<std::string>> order;
};

struct TargetLimits {
  int concurrency = 4;
  int writes_per_second = 0;  // 0 = as fast as it goes
};

struct TargetDoc {
  model::TargetName name;
  std::string title;
  std::string connector;
  json::Value config;
  std::string owner;
  bool manual = false;  // work orders; read-back by export
  Duration work_order_deadline = Duration::days(2);
  std::vector<std::string>
      work_order_steps;  // per verb templates "create: ...", rendered with {account} {entitlement} {access} {name}
  std::vector<AccountClassDoc> classes;  // in the order of the document: an account falls into the first that fits
  std::vector<EntitlementDoc> entitlements;
  std::vector<std::pair<std::string, model::Scope>>
      entitlement_scopes;  // glob -> scope, first match wins, before `managed`
  Duration baseline_deadline = Duration::days(30);
  TargetLimits limits;
  bool revert_drift = false;  // policy reverts out-of-band access by itself; restriction never
  Place place;
  // Places in `entitlements`, made at load: a catalogue may have thousands. Absent in a document made by hand.
  std::shared_ptr<const std::unordered_map<model::EntitlementId, std::size_t>> catalogue;

  // Catalogue entry; uncatalogued entitlements are privileged until classified.
  const EntitlementDoc* entitlement(const model::EntitlementId& id) const;
  model::Scope scope_of(const model::EntitlementId& id) const;
  model::Risk risk_of(const model::EntitlementId& id) const;
  const AccountClassDoc* account_class(std::string_view wanted) const;
};

// --- roles ---------------------------------------------------------------------------------------------------------

enum class Strength : std::uint8_t { kInitial, kEnforced };

// `account` is what was allocated to the identity, whatever the target: `account.uid` means the same name everywhere.
struct AttributeRule {
  std::string attribute;
  Expression value;  // over `identity` and `account`; string, int, bool or list of strings; null = the account has none
  Strength strength = Strength::kEnforced;
};

// A unique name: an allocation, not an expression. Candidates: value, then value2, value3, ... (candidate() in
// evaluate.hpp). An attribute is allocated in one account class of one target; elsewhere it is read as account.<name>.
struct AllocationRule {
  std::string attribute;  // "uid"; the account's login when `is_login`
  Expression value;       // over `identity`
  bool is_login = false;
  std::size_t length_max = 0;  // 0 = none; the number counts
};

// Allocations, attributes and login come from the `account` block of the account class; they are repeated here, so that
// a grant is complete. They are equal in all grants of one class.
struct RoleGrant {
  model::TargetName target;
  std::string account_class;                // which class of the target; its purpose follows
  std::vector<AllocationRule> allocations;  // when the account must be created
  std::vector<AttributeRule> attributes;
  std::optional<Expression> login;  // login that is not allocated: same as another target's name
  struct Entitled {
    model::EntitlementId id;
    model::Parameters parameters;
  };
  std::vector<Entitled> entitlements;
  std::optional<Expression> when;
  std::optional<Duration> term;
};

struct RoleExample {
  json::Value identity;                                   // attributes
  std::map<std::string, std::vector<std::string>> holds;  // target -> entitlements
  std::map<std::string, std::vector<std::string>> holds_not;
  Place place;
};

struct RoleDoc {
  model::RoleName name;
  std::string owner;
  Expression assign;                          // over `identity`: birthright
  std::vector<model::LifecycleState> states;  // in which it applies; default: LifecycleDoc::roles_apply_in
  std::vector<RoleGrant> grants;
  std::vector<RoleExample> examples;
  Place place;
};

// One grant of a role with everything that it takes: what the planner walks, by row, and the screen, by column. Whoever
// is in one of `states`, is of `kind`, and for whom all conditions hold, is given `grant`.
struct GrantLine {
  model::RoleName role;                       // in which the grant stands
  std::vector<model::RoleName> through;       // roles that include it, outermost first; empty: it is assigned itself
  std::string rule;                           // as reasons name it: "role sales-rep"
  std::vector<const Expression*> conditions;  // over `identity`: `assign`, then `when`
  std::vector<model::LifecycleState> states;
  model::IdentityKind kind = model::IdentityKind::kPerson;  // of the account class
  const RoleGrant* grant = nullptr;
};

// --- lifecycle, guards, approvals ------------------------------------------------------------------------------------

struct LifecycleDoc {
  Duration prehire;  // staged becomes active this long before the start of the first engagement
  std::map<model::LifecycleState, model::AccountState> account_states;
  std::vector<model::LifecycleState> roles_apply_in;  // unless a role says otherwise; default {active}
  Duration delete_after;                              // of left identities' accounts; 0 = never (disable only)
};

// Which changes a guard counts. A list that is empty lets everything through.
struct GuardScope {
  std::vector<std::string> targets, sources, classes, entitlements;  // globs
  std::vector<std::string> effects;                                  // of additions, removals, overwrites
  bool whole() const {
    return targets.empty() && sources.empty() && classes.empty() && entitlements.empty() && effects.empty();
  }
};

struct GuardDoc {
  int share_percent_max = 20;  // of a population of `population_min` or more
  int count_max_small = 20;    // for smaller populations
  int population_min = 100;
  int privileged_weight = 5;
  int collapse_percent_max = 50;  // of removals, whatever the count: of a population of `collapse_min` or more
  int collapse_min = 10;
  std::vector<Duration> windows = {Duration::hours(24), Duration::days(30)};  // ascending, not empty
  std::string name;
  GuardScope scope;
};

// Does `glob` ("*" stands for any text) match the whole text?
bool matches_glob(std::string_view glob, std::string_view text);

// One round of consent. Who is asked next is asked when this round is whole.
struct ApprovalStep {
  std::vector<std::string> approvers;    // groups or persons; empty = any operator
  int count = 1;                         // different persons
  Duration escalate_after;               // counted from when the step was asked; zero = never
  std::vector<std::string> escalate_to;  // who may approve as well from then on
  friend bool operator==(const ApprovalStep&, const ApprovalStep&) = default;
};

// Ask approvals_for() in evaluate.hpp which rules a change needs.
struct ApprovalRule {
  std::string name;
  std::string owner;
  std::optional<Expression> when;   // over `change` (ChangeFacts in evaluate.hpp); absent = always
  bool otherwise = false;           // instead of `when`: for changes that no other rule matches
  bool standing = false;            // an approval record naming this rule and policy digest suffices
  std::vector<ApprovalStep> steps;  // one after another; empty when standing
};

// Stands in for somebody in approvals, in [from, until).
struct Deputy {
  std::string person;
  Time from;
  Time until = Time::never();
};

// Movable, not copyable: `lines` point into `roles`, whose nodes stay where they are when the set is moved.
struct PolicySet {
  PolicySet() = default;
  PolicySet(PolicySet&&) = default;
  PolicySet& operator=(PolicySet&&) = default;
  PolicySet(const PolicySet&) = delete;
  PolicySet& operator=(const PolicySet&) = delete;
  ~PolicySet() = default;

  std::string name;
  Digest digest;  // over the canonical form of all documents, independent of file order, comments and formatting
  std::vector<AttributeDecl> attributes;
  std::map<model::SourceName, SourceDoc> sources;
  std::map<model::TargetName, TargetDoc> targets;
  std::map<model::RoleName, RoleDoc> roles;
  std::vector<GrantLine> lines;  // of all roles, in order of role name, then as the documents have it
  LifecycleDoc lifecycle;
  GuardDoc guard;                                          // for every target and every root of causes
  std::vector<GuardDoc> guards;                            // with a scope, beside `guard`; by name
  std::vector<ApprovalRule> approvals;                     // by name; every rule that matches any change applies
  std::map<std::string, std::vector<std::string>> groups;  // operators: "iam" -> persons
  std::map<std::string, std::vector<Deputy>> deputies;     // of a person -> who stands in
  std::shared_ptr<const Vocabulary> vocabulary;
};

}  // namespace tenure::policy
