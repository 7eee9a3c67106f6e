#include "loader.hpp"

#include <algorithm>

#include <tenure/cel/program.hpp>

namespace tenure::policy {
namespace {

constexpr std::size_t kDepthMax = 8;  // of roles that include roles: deeper than anybody can follow

// Follows every way through `includes` from one role.
class Walk {
 public:
  explicit Walk(Loading& loading) : loading_(loading) {}

  void from(const RoleDoc& role) {
    way_ = {role.name};
    into(role);
  }

 private:
  void into(const RoleDoc& role) {
    for (const Included& one : role.includes) {
      const auto found = loading_.set.roles.find(one.role);
      if (found == loading_.set.roles.end()) {
        if (way_.size() == 1) unknown(one);  // once, where it stands
        continue;
      }
      if (std::find(way_.begin(), way_.end(), one.role) != way_.end()) {
        // Told by the role that the circle is entered from: every role of a circle has its own walk.
        if (one.role == way_.front())
          wrong(one, "role \"" + role.name.str() + "\" includes itself: " + shown(one.role));
        continue;
      }
      if (way_.size() >= kDepthMax) {
        wrong(one, "roles include roles more than " + std::to_string(kDepthMax) + " deep: " + shown(one.role));
        continue;
      }
      way_.push_back(one.role);
      into(found->second);
      way_.pop_back();
    }
  }

  std::string shown(const model::RoleName& last) const {
    std::string text;
    for (const auto& name : way_) text += name.str() + " > ";
    return text + last.str();
  }

  void unknown(const Included& one) {
    std::vector<std::string> names;
    for (const auto& [name, role] : loading_.set.roles) names.push_back(name.str());
    loading_.diagnostics.error(Reason::kPolicyReference, one.place, "there is no role \"" + one.role.str() + "\"",
                               "one of " + join(names, ", "), suggest(one.role.str(), names));
  }

  void wrong(const Included& one, const std::string& what) {
    loading_.diagnostics.error(Reason::kPolicyReference, one.place, what,
                               "roles that include one another once, downwards");
  }

  Loading& loading_;
  std::vector<model::RoleName> way_;
};

class Compiler {
 public:
  explicit Compiler(PolicySet& set) : set_(set) {}

  void role(const RoleDoc& role) {
    if (role.assign) {
      out_ = &set_.lines;
      walk(role, {}, {&*role.assign}, role.states);
    }
    if (role.request) {
      out_ = &set_.request_lines[role.name];
      walk(role, {}, {}, role.states);
    }
  }

 private:
  void walk(const RoleDoc& role, const std::vector<model::RoleName>& through,
            const std::vector<const Expression*>& conditions, std::vector<model::LifecycleState> states) {
    if (!through.empty())
      std::erase_if(states, [&](model::LifecycleState state) {
        return std::find(role.states.begin(), role.states.end(), state) == role.states.end();
      });
    if (states.empty() && !role.states.empty()) return;
    for (const RoleGrant& grant : role.grants) add(role, grant, through, conditions, states);
    std::vector<model::RoleName> further = through;
    further.push_back(role.name);
    for (const Included& one : role.includes) walk(set_.roles.at(one.role), further, conditions, states);
  }

  void add(const RoleDoc& role, const RoleGrant& grant, const std::vector<model::RoleName>& through,
           const std::vector<const Expression*>& conditions, const std::vector<model::LifecycleState>& states) {
    const AccountClassDoc* type = set_.targets.at(grant.target).account_class(grant.account_class);
    if (type == nullptr) return;
    // Reached on several ways: the first says everything, unless another applies in more states.
    const model::RoleName& outermost = through.empty() ? role.name : through.front();
    for (auto other = out_->rbegin(); other != out_->rend() && other->outermost() == outermost; ++other) {
      const auto has = [&](model::LifecycleState state) {
        return std::find(other->states.begin(), other->states.end(), state) != other->states.end();
      };
      if (other->grant == &grant && std::all_of(states.begin(), states.end(), has)) return;
    }
    GrantLine line;
    line.role = role.name;
    line.through = through;
    for (const auto& name : through) line.rule += (line.rule.empty() ? shown(name) : name.str()) + " > ";
    line.rule += line.rule.empty() ? shown(role.name) : role.name.str();
    line.conditions = conditions;
    if (grant.when) line.conditions.push_back(&*grant.when);
    line.states = states;
    line.kind = type->kind;
    line.grant = &grant;
    if (role.for_each) line.for_each = &*role.for_each;
    out_->push_back(std::move(line));
  }

  PolicySet& set_;
  std::vector<GrantLine>* out_ = nullptr;
};

// The attributes that conditions of roles read: what a decision of a person rests on unless the settings say otherwise.
std::vector<std::string> deciding_attributes(const PolicySet& set) {
  std::vector<std::string> names;
  constexpr std::string_view kPrefix = "identity.";
  for (const auto& [name, role] : set.roles) {
    if (!role.assign) continue;
    for (const std::string& path : role.assign->program->references())
      if (path.starts_with(kPrefix)) names.push_back(path.substr(kPrefix.size()));
  }
  std::erase_if(names, [&](const std::string& name) {
    return std::none_of(set.attributes.begin(), set.attributes.end(),
                        [&](const AttributeDecl& decl) { return decl.name == name; });
  });
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

bool GrantLine::is_of(const model::RoleName& name) const {
  return role == name || std::find(through.begin(), through.end(), name) != through.end();
}

void check_includes(Loading& loading) {
  Walk walk(loading);
  std::vector<model::RoleName> included;
  for (const auto& [name, role] : loading.set.roles) {
    walk.from(role);
    for (const Included& one : role.includes) included.push_back(one.role);
  }
  for (const auto& [name, role] : loading.set.roles) {
    for (const auto& other : role.gap)
      if (!loading.set.roles.contains(other))
        loading.diagnostics.error(
            Reason::kPolicyReference, role.place,
            "on_join_role of role \"" + name.str() + "\" names the role \"" + other.str() + "\", which does not exist",
            "the name of a role");
    if (loading.diagnostics.has_errors()) continue;  // perhaps what it says could not be read
    if (!role.assign && !role.request && std::find(included.begin(), included.end(), name) == included.end())
      loading.diagnostics.error(Reason::kPolicySchema, role.place,
                                "nobody is ever given the role \"" + name.str() + "\"",
                                "assign (a condition over identity), request, or a role that includes it");
  }
}

void compile_lines(PolicySet& set) {
  set.lines.clear();
  set.request_lines.clear();
  set.allocations.clear();
  for (const auto& [name, role] : set.roles)
    for (const RoleGrant& grant : role.grants)
      for (const AllocationRule& rule : grant.allocations)
        set.allocations.emplace(rule.attribute, AllocationPlace{grant.target, grant.account_class, &rule});
  Compiler compiler(set);
  for (const auto& [name, role] : set.roles) compiler.role(role);
  for (const auto& [name, right] : set.rights) compiler.role(right);
  set.lines_of_rule.clear();
  for (std::size_t i = 0; i < set.lines.size(); ++i)
    set.lines_of_rule[set.lines[i].rule].push_back(static_cast<std::uint32_t>(i));
  if (set.assignments.rest_on.empty()) set.assignments.rest_on = deciding_attributes(set);
}

}  // namespace tenure::policy
