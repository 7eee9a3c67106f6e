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
void load_source(Loading& loading, const Headed& head);
void load_target(Loading& loading, const Headed& head);
void load_role(Loading& loading, const Headed& head);  // after all targets
void compile_lines(PolicySet& set);                    // after all roles

}  // namespace tenure::policy
