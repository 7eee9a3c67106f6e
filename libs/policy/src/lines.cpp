#include "loader.hpp"

namespace tenure::policy {

void compile_lines(PolicySet& set) {
  set.lines.clear();
  set.allocations.clear();
  for (const auto& [name, role] : set.roles) {
    for (const RoleGrant& grant : role.grants) {
      for (const AllocationRule& rule : grant.allocations)
        set.allocations.emplace(rule.attribute, AllocationPlace{grant.target, grant.account_class, &rule});
      const auto target = set.targets.find(grant.target);
      if (target == set.targets.end()) continue;  // reported where the grant was read
      const AccountClassDoc* type = target->second.account_class(grant.account_class);
      if (type == nullptr) continue;
      GrantLine line;
      line.role = name;
      line.rule = "role " + name.str();
      line.conditions.push_back(&role.assign);
      if (grant.when) line.conditions.push_back(&*grant.when);
      line.states = role.states;
      line.kind = type->kind;
      line.grant = &grant;
      set.lines.push_back(std::move(line));
    }
  }
}

}  // namespace tenure::policy
