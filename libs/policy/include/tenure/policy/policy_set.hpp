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
#include <tenure/policy/examples.hpp>
#include <tenure/policy/expression.hpp>
#include <tenure/policy/roles.hpp>

namespace tenure::cel {
class ObjectType;
}  // namespace tenure::cel

namespace tenure::policy {

struct Vocabulary;  // the types and variables that expressions were checked against

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

// Who is added to a work order that is still open so long after it was issued.
struct WorkOrderEscalation {
  Duration after;
  std::vector<std::string> to;  // groups or persons
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
  std::vector<WorkOrderEscalation> work_order_escalation;  // by `after`, ascending
  bool readable = true;  // manual only; false: after the first inventory nothing shows it but the word of two persons
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

// --- lifecycle, guards, approvals ------------------------------------------------------------------------------------

// A later step of a lifecycle state: what happens so long after Tenure has disabled the account on its account. What it
// is about is said by globs ("*" stands for any text); an empty list lets everything through.
struct GraceStep {
  model::LifecycleState state = model::LifecycleState::kLeft;
  Duration after;
  bool deletes = false;                   // the account; else rights in it are revoked, and stay until then
  std::vector<std::string> entitlements;  // of revoking steps; not empty
  std::vector<std::string> targets, classes;
  std::vector<model::Purpose> purposes;
  Place place;
};

// What becomes of identities that are no persons when nobody who is there answers for them any more.
struct OwnerRule {
  std::vector<model::IdentityKind> of;   // empty: there is no such rule
  std::vector<std::string> relations;    // any of them names somebody who answers
  Duration within = Duration::days(14);  // the deadline of the finding
};

struct LifecycleDoc {
  Duration prehire;  // staged becomes active this long before the start of the first engagement
  std::map<model::LifecycleState, model::AccountState> account_states;
  std::vector<model::LifecycleState> roles_apply_in;  // unless a role says otherwise; default {active}
  Duration delete_after;         // of left identities' accounts that no step is about; 0 = never (disable only)
  std::vector<GraceStep> steps;  // in order: the first that is about it says
  OwnerRule owner;
};

// Which changes a guard counts. A list that is empty lets everything through.
struct GuardScope {
  std::vector<std::string> targets, sources, classes, entitlements;  // globs
  std::vector<std::string> effects;                                  // of additions, removals, overwrites
  int named() const {                                                // how many of the five
    return int{!targets.empty()} + int{!sources.empty()} + int{!classes.empty()} + int{!entitlements.empty()} +
           int{!effects.empty()};
  }
  bool whole() const { return named() == 0; }
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
  // With a scope: what is in it is not counted by guards that name less (replaces()), so that it may be looser.
  bool instead = false;
};

// Whether `guard` stands in place of `other` for what both count: it says so, and names more of what a scope can name.
// A guard without a scope names nothing.
bool replaces(const GuardDoc& guard, const GuardDoc& other);

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
  std::int64_t changes_max = 0;     // of a standing rule: so many changes of one plan; more ask a person. 0 = no limit
  Duration expires_after;           // a question or a consent lapses after so long; zero = never
  std::vector<ApprovalStep> steps;  // one after another; empty when standing
};

// Who may take emergency authority, over what and for how long.
struct BreakGlassRule {
  std::string name;
  std::string owner;
  std::vector<std::string> who;      // groups or persons that may open one, or be handed a kit
  std::vector<std::string> confirm;  // groups or persons of whom a second one has to agree
  Duration term_max = Duration::hours(1);
  Duration confirm_within = Duration::minutes(30);  // else the question is over
  std::vector<std::string> targets;                 // globs; empty = every target
  std::vector<std::string> reviewers;               // groups or persons; who opened or confirmed it never reviews it
  Duration review_within = Duration::days(3);       // counted from the end of the term
  Duration kit_term_max = Duration::days(90);
};

// Stands in for somebody in approvals, in [from, until).
struct Deputy {
  std::string person;
  Time from;
  Time until = Time::never();
};

// Movable, not copyable: lines point into `roles`, whose nodes stay where they are when the set is moved.
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
  // Entitlements that people may ask for by themselves, each as a role that gives it: "directory:vpn-users", with
  // parameters "payroll:PAY.DATA access=READ". No document has such a name.
  std::map<model::RoleName, RoleDoc> rights;
  std::vector<GrantLine> lines;  // what rules give: in order of role name, then as the documents have it
  std::map<std::string, std::vector<std::uint32_t>, std::less<>> lines_of_rule;  // GrantLine::rule -> numbers
  // What requestable roles and rights give to whoever has an assignment of them; without the conditions that give them
  // otherwise.
  std::map<model::RoleName, std::vector<GrantLine>> request_lines;
  std::vector<DutiesDoc> duties;  // by name
  std::vector<Example> examples;  // in order of document, then as they stand
  AssignmentTerms assignments;
  std::map<std::string, AllocationPlace, std::less<>> allocations;  // by attribute name, over all roles
  LifecycleDoc lifecycle;
  GuardDoc guard;                                          // for every target and every root of causes
  std::vector<GuardDoc> guards;                            // with a scope, beside `guard`; by name
  std::vector<ApprovalRule> approvals;                     // by name; every rule that matches any change applies
  std::vector<BreakGlassRule> break_glass;                 // by name; the first that fits decides
  std::map<std::string, std::vector<std::string>> groups;  // operators: "iam" -> persons
  std::map<std::string, std::vector<Deputy>> deputies;     // of a person -> who stands in
  std::shared_ptr<const Vocabulary> vocabulary;

  // Among roles and rights; nullptr: there is none.
  const RoleDoc* role(const model::RoleName& wanted) const;
};

}  // namespace tenure::policy
