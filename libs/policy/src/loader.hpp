// The parts of loading: one function per kind of document over a shared state. Private to libs/policy.
#pragma once

#include "reader.hpp"
#include "vocabulary.hpp"
#include "yaml.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tenure/cel/environment.hpp>
#include <tenure/cel/type.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::policy {

// A document with its head read.
struct Headed {
  YamlNode* node = nullptr;
  std::string kind;
  std::string name;
  std::string title;
  std::string owner;
  Place place;       // of the document
  Place name_place;  // of metadata.name
};

struct AccountTemplate {
  std::vector<AllocationRule> allocations;
  std::vector<AttributeRule> attributes;
  std::optional<Expression> login;
  std::vector<std::string> attribute_names;  // all of the account's attributes that it gives
};

struct Loading {
  PolicySet set;
  Diagnostics& diagnostics;
  // (target, class) -> its account block.
  std::map<std::pair<std::string, std::string>, AccountTemplate> templates;
  std::optional<Place> general_guard;  // where the one without a scope is

  // Compiles a scalar; nullopt after diagnostics. Replaces the scalar by the expression's canonical text in the digest.
  std::optional<Expression> compile(YamlNode& node, const cel::Environment& environment, const cel::Type& expected);
};

// Reads what every document begins with; marks the members as known to `reader`.
Headed read_head(MapReader& reader);
// Letters, digits, '.', '_' and '-', beginning with a letter or digit.
bool is_name(std::string_view text);
// A CEL identifier.
bool is_identifier(std::string_view text);
void require_owner(const Headed& head, const char* what, Diagnostics& diagnostics);

const std::vector<std::string>& lifecycle_state_names();
std::vector<model::LifecycleState> read_states(MapReader& reader, std::string_view key,
                                               std::vector<model::LifecycleState> fallback);

std::vector<AttributeDecl> read_attribute_declarations(YamlNode& settings, Diagnostics& diagnostics);
// Names that account blocks of target documents allocate, in byte order.
std::vector<std::string> find_allocated(const std::vector<Headed>& heads);

// Settings member "deputies"; after the groups.
void read_deputies(Loading& loading, MapReader& settings);

void load_settings(Loading& loading, const Headed& head);
void load_guard(Loading& loading, const Headed& head);
void load_approval(Loading& loading, const Headed& head);
void load_break_glass(Loading& loading, const Headed& head);  // after all targets
void load_source(Loading& loading, const Headed& head);
void load_target(Loading& loading, const Headed& head);
void load_role(Loading& loading, const Headed& head);    // after all targets
void load_duties(Loading& loading, const Headed& head);  // after all roles
// "request" of a role, "requestable" of an entitlement, the settings' terms by risk: `request` with what is said there.
RequestDoc read_request(Loading& loading, MapReader& reader, YamlNode& node, RequestDoc request);
// What a catalogue lets people ask for by itself, into PolicySet::rights; after the classes of the target.
void load_requestable(Loading& loading, const TargetDoc& target, const EntitlementDoc& entitlement, YamlNode& node);
// Whether accounts can be made for it, and the diagnostic where not.
bool gives_login(const RoleGrant& grant);
void report_no_login(Loading& loading, const TargetDoc& target, const AccountClassDoc& account_class,
                     const Place& place);
// As grants name them: canonical text, "" for none.
std::string parameters_text(const std::map<std::string, std::string>& values);
// nullptr after diagnostics.
const TargetDoc* known_target(Loading& loading, const std::string& name, const Place& place);
// Whether the catalogue has it, with such values of its parameters; diagnostics where not. `granted`: a role gives it.
bool check_entitlement(Loading& loading, const TargetDoc& target, const std::string& id,
                       const std::map<std::string, std::string>& values, const Place& place, bool granted);
// An attribute that an example gives is declared.
void check_attribute(Loading& loading, const YamlNode& key);
// A member of an example: target -> entitlements, "NAME" or "NAME parameter=value".
std::map<std::string, std::vector<std::string>> read_holds(Loading& loading, MapReader& reader,
                                                           std::string_view member);
void load_examples(Loading& loading, const Headed& head);  // after all roles and duties
// Settings member "lifecycle".
void read_lifecycle(LifecycleDoc& lifecycle, YamlNode& node, Diagnostics& diagnostics);
// After all targets: steps of the lifecycle that are about nothing.
void check_steps(Loading& loading);
// After all roles: the roles that others include, and the lines of all.
void check_includes(Loading& loading);
void compile_lines(PolicySet& set);
// "groups or persons" of a document; those that nobody knows are reported.
std::vector<std::string> read_approvers(Loading& loading, MapReader& reader, std::string_view key = "approvers");
// "directory:build-admins"; nullopt after diagnostics.
std::optional<Duty::Right> read_right(Loading& loading, const YamlNode& node);

}  // namespace tenure::policy
