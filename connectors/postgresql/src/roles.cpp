#include "roles.hpp"

#include <algorithm>
#include <charconv>

namespace tenure::connector_postgresql {
namespace {

constexpr const char* kRoleColumns =
    "SELECT r.oid::text, r.rolname, r.rolcanlogin, pg_catalog.shobj_description(r.oid, 'pg_authid'), r.rolconnlimit "
    "FROM pg_catalog.pg_roles r WHERE NOT r.rolsuper AND r.rolname !~ '^pg_' AND r.rolname <> current_user";

model::Account account_of(const std::vector<std::optional<std::string>>& row, const RoleRules::Class& role_class) {
  model::Account account;
  account.id = model::NativeId(row[0].value_or(""));
  account.name = row[1].value_or("");
  account.account_class = role_class.name;
  account.purpose = role_class.purpose;
  account.enabled = row[2] == "t";
  if (!account.enabled) account.restriction = "nologin";
  if (row[3]) account.attributes.emplace("comment", *row[3]);
  if (row[4] && *row[4] != "-1") account.attributes.emplace("connection_limit", *row[4]);
  return account;
}

// Rows of (member oid, member name, role name, admin option).
constexpr const char* kMembershipColumns =
    "SELECT m.member::text, u.rolname, g.rolname, pg_catalog.bool_or(m.admin_option) "
    "FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles u ON u.oid = m.member "
    "JOIN pg_catalog.pg_roles g ON g.oid = m.roleid";

bool valid_oid(const std::string& text) {
  std::uint32_t oid = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), oid);
  return ec == std::errc() && end == text.data() + text.size();
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0, t = 0, star = std::string_view::npos, mark = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++mark;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

bool RoleRules::is_entitlement(const std::string& role) const {
  return std::any_of(entitlements.begin(), entitlements.end(),
                     [&](const std::string& pattern) { return glob_matches(pattern, role); });
}

bool RoleRules::is_ignored(const std::string& entitlement) const {
  return std::find(ignored.begin(), ignored.end(), entitlement) != ignored.end();
}

const RoleRules::Class* RoleRules::class_of(const std::string& role) const {
  if (is_entitlement(role)) return nullptr;
  for (const auto& candidate : classes)
    if (glob_matches(candidate.pattern, role)) return candidate.ignored ? nullptr : &candidate;
  return nullptr;
}

model::Parameters admin_parameters(bool admin) {
  return admin ? "{\"admin_option\":\"true\"}" : "";
}

Result<bool> wants_admin(const model::Parameters& parameters) {
  if (parameters.empty()) return false;
  if (parameters == admin_parameters(true)) return true;
  return fail(Reason::kTargetRefused, "a membership has the parameter admin_option (true) or none, not " + parameters);
}

Result<model::Observation> read_roles(Client& client, const Deadline& deadline, const RoleRules& rules) {
  // One statement sees one moment; both readings are taken in one repeatable-read transaction.
  TENURE_CHECK_OK(client.query(deadline, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"));
  TENURE_TRY(const Rows roles, client.query(deadline, kRoleColumns));
  TENURE_TRY(const Rows memberships, client.query(deadline, std::string(kMembershipColumns) + " GROUP BY 1, 2, 3"));
  TENURE_CHECK_OK(client.query(deadline, "COMMIT"));
  model::Observation observation;
  observation.coverage.complete = true;
  for (const auto& row : roles) {
    const std::string name = row[1].value_or("");
    if (rules.is_entitlement(name)) {
      if (!rules.is_ignored(name))
        observation.entitlements.push_back({model::EntitlementId(name), row[3].value_or("")});
    } else if (const auto* role_class = rules.class_of(name)) {
      observation.accounts.push_back(account_of(row, *role_class));
    }
  }
  for (const auto& row : memberships) {
    const std::string member = row[1].value_or(""), role = row[2].value_or("");
    if (!rules.is_entitlement(role) || rules.is_ignored(role)) continue;
    model::Holder holder;
    if (rules.is_entitlement(member)) {
      if (rules.is_ignored(member)) continue;
      holder.entitlement = model::EntitlementId(member);
    } else if (rules.class_of(member) != nullptr) {
      holder.account = model::NativeId(row[0].value_or(""));
    } else {
      continue;
    }
    observation.grants.push_back({holder, model::EntitlementId(role), admin_parameters(row[3] == "t")});
  }
  // A membership whose holder was filtered as superuser or as the connecting role has no account here.
  observation.sort();
  std::erase_if(observation.grants, [&](const model::Grant& grant) {
    return !grant.holder.account.empty() && observation.find_account(grant.holder.account) == nullptr;
  });
  return observation;
}

Result<std::optional<model::AccountImage>> read_role(Client& client, const Deadline& deadline, const RoleRules& rules,
                                                     const std::string& oid) {
  if (!valid_oid(oid)) return std::nullopt;
  TENURE_TRY(const Rows rows, client.query(deadline, std::string(kRoleColumns) + " AND r.oid = $1::oid", {oid}));
  if (rows.empty()) return std::nullopt;
  const auto* role_class = rules.class_of(rows[0][1].value_or(""));
  if (role_class == nullptr) return std::nullopt;
  model::AccountImage image;
  image.account = account_of(rows[0], *role_class);
  TENURE_TRY(
      const Rows memberships,
      client.query(deadline, std::string(kMembershipColumns) + " WHERE m.member = $1::oid GROUP BY 1, 2, 3", {oid}));
  for (const auto& row : memberships) {
    const std::string role = row[2].value_or("");
    if (rules.is_entitlement(role) && !rules.is_ignored(role))
      image.grants.push_back({{image.account.id, {}}, model::EntitlementId(role), admin_parameters(row[3] == "t")});
  }
  std::sort(image.grants.begin(), image.grants.end());
  return image;
}

Result<std::optional<std::string>> oid_of(Client& client, const Deadline& deadline, const std::string& role) {
  TENURE_TRY(const Rows rows,
             client.query(deadline, "SELECT oid::text FROM pg_catalog.pg_roles WHERE rolname = $1", {role}));
  if (rows.empty()) return std::nullopt;
  return rows[0][0];
}

}  // namespace tenure::connector_postgresql
