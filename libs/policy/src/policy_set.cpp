#include <tenure/policy/policy_set.hpp>

namespace tenure::policy {

// `*` stands for any text, also none.
bool matches_glob(std::string_view glob, std::string_view text) {
  std::size_t g = 0, t = 0, star = std::string_view::npos, resume = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      resume = t;
    } else if (g < glob.size() && glob[g] == text[t]) {
      ++g;
      ++t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

const EntitlementDoc* TargetDoc::entitlement(const model::EntitlementId& id) const {
  if (catalogue != nullptr && catalogue->size() == entitlements.size()) {
    const auto found = catalogue->find(id);
    return found == catalogue->end() ? nullptr : &entitlements[found->second];
  }
  for (const EntitlementDoc& one : entitlements)
    if (one.id == id) return &one;
  return nullptr;
}

model::Scope TargetDoc::scope_of(const model::EntitlementId& id) const {
  for (const auto& [glob, said] : entitlement_scopes)
    if (matches_glob(glob, id.str())) return said;
  const EntitlementDoc* found = entitlement(id);
  return found != nullptr ? found->scope : model::Scope::kManaged;
}

model::Risk TargetDoc::risk_of(const model::EntitlementId& id) const {
  const EntitlementDoc* found = entitlement(id);
  return found != nullptr ? found->risk : model::Risk::kPrivileged;
}

const RoleDoc* PolicySet::role(const model::RoleName& wanted) const {
  if (const auto found = roles.find(wanted); found != roles.end()) return &found->second;
  const auto found = rights.find(wanted);
  return found == rights.end() ? nullptr : &found->second;
}

std::string shown(const model::RoleName& role) {
  return (role.str().find(':') == std::string::npos ? "role " : "entitlement ") + role.str();
}

bool replaces(const GuardDoc& guard, const GuardDoc& other) {
  return guard.instead && guard.scope.named() > other.scope.named();
}

const AccountClassDoc* TargetDoc::account_class(std::string_view wanted) const {
  for (const AccountClassDoc& one : classes)
    if (one.name == wanted) return &one;
  return nullptr;
}

}  // namespace tenure::policy
