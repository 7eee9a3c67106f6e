#include "labs.hpp"

#include "dice.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <sstream>

#include <tenure/base/file.hpp>
#include <tenure/base/text.hpp>

namespace tenure::bench {
namespace {

using Permissions = std::vector<std::uint32_t>;

constexpr std::size_t kDepartmentMembersMin = 8;
constexpr std::uint32_t kNoDepartment = 0;  // its role gives nothing

// Numbers of users in the files have gaps: users are counted in the order of their numbers.
std::map<std::uint32_t, Permissions> pairs_of(const std::string& text) {
  std::map<std::uint32_t, Permissions> held;
  std::istringstream lines(text);
  std::uint32_t user = 0, permission = 0;
  while (lines >> user >> permission) held[user].push_back(permission);
  for (auto& [number, permissions] : held) {
    std::sort(permissions.begin(), permissions.end());
    permissions.erase(std::unique(permissions.begin(), permissions.end()), permissions.end());
  }
  return held;
}

void derive_departments(Labs& labs) {
  std::vector<std::size_t> holders(labs.permissions);
  for (const Permissions& permissions : labs.held)
    for (const std::uint32_t permission : permissions) ++holders[permission];
  std::map<std::uint32_t, std::uint32_t> numbers;  // of the permission that makes a department
  for (const Permissions& permissions : labs.held) {
    const std::uint32_t* rarest = nullptr;
    for (const std::uint32_t& permission : permissions)
      if (holders[permission] >= kDepartmentMembersMin && (rarest == nullptr || holders[permission] < holders[*rarest]))
        rarest = &permission;
    const auto next = static_cast<std::uint32_t>(numbers.size() + 1);
    labs.department.push_back(rarest == nullptr ? kNoDepartment : numbers.emplace(*rarest, next).first->second);
  }
  labs.bundles.resize(numbers.size() + 1);
  std::vector<bool> begun(labs.bundles.size());
  for (std::size_t user = 0; user < labs.held.size(); ++user) {
    const std::uint32_t department = labs.department[user];
    if (department == kNoDepartment) continue;
    Permissions& bundle = labs.bundles[department];
    Permissions common;
    std::set_intersection(bundle.begin(), bundle.end(), labs.held[user].begin(), labs.held[user].end(),
                          std::back_inserter(common));
    bundle = begun[department] ? std::move(common) : labs.held[user];
    begun[department] = true;
  }
}

model::Fact fact(json::Value value, Time known_at) {
  return {.value = std::move(value), .unknown = false, .source = model::SourceName("hr"), .known_at = known_at};
}

}  // namespace

std::size_t Labs::grants() const {
  std::size_t count = 0;
  for (const Permissions& of_user : held) count += of_user.size();
  return count;
}

std::size_t Labs::explained() const {
  std::size_t count = 0;
  for (const std::uint32_t one : department) count += bundles[one].size();
  return count;
}

Result<Labs> read_labs(const std::string& folder, std::string_view file) {
  TENURE_TRY(const std::string text, read_file(folder + "/" + std::string(file) + ".txt"));
  Labs labs;
  labs.file = file;
  for (auto& [user, permissions] : pairs_of(text)) {
    labs.permissions = std::max(labs.permissions, permissions.back() + 1);
    labs.held.push_back(std::move(permissions));
  }
  derive_departments(labs);
  return labs;
}

std::string department_name(std::uint32_t department) {
  return department == kNoDepartment ? "unassigned" : "department-" + std::to_string(department);
}

model::EntitlementId permission_id(std::uint32_t permission) {
  return model::EntitlementId("p" + std::to_string(permission));
}

model::NativeId account_id(std::size_t user) {
  return model::NativeId("a" + std::to_string(100'000 + user));
}

std::vector<policy::Document> policy_of(const Labs& labs) {
  const std::string header = "apiVersion: tenure/v1\n";
  const std::string settings = header +
                               "kind: Settings\nmetadata: { name: labs }\n"
                               "attributes: { person_id: string, given_name: string, family_name: string, "
                               "department: string }\n";
  std::string target = header + "kind: Target\nmetadata: { name: " + labs_target().str() + ", title: " + labs.file +
                       ", owner: ana.ash }\nconnector: ldap\nconnection: {}\n"
                       "classes:\n  people:\n    of: person\n    purpose: normal\n"
                       "    correlate: [{ account: employeeNumber, equals: identity.person_id }]\n"
                       "    account:\n"
                       "      uid: { allocate: slug(identity.family_name), login: true }\n"
                       "      employeeNumber: identity.person_id\n"
                       "entitlements:\n";
  std::vector<bool> there(labs.permissions);
  for (const Permissions& permissions : labs.held)
    for (const std::uint32_t permission : permissions) there[permission] = true;
  for (std::uint32_t permission = 0; permission < labs.permissions; ++permission)
    if (there[permission])
      target += "  " + permission_id(permission).str() + ": { title: Permission " + std::to_string(permission) +
                ", owner: ana.ash }\n";
  std::string roles = header +
                      "kind: Role\nmetadata: { name: everybody, owner: ana.ash }\n"
                      "assign: identity.kind == \"person\"\ngrants:\n  - { target: " +
                      labs_target().str() + ", class: people }\n";
  for (std::uint32_t department = 1; department < labs.bundles.size(); ++department) {
    std::string rights;
    for (const std::uint32_t permission : labs.bundles[department])
      rights += (rights.empty() ? "" : ", ") + permission_id(permission).str();
    roles += "---\n" + header + "kind: Role\nmetadata: { name: " + department_name(department) +
             ", owner: ana.ash }\nassign: identity.department == \"" + department_name(department) +
             "\"\ngrants:\n  - { target: " + labs_target().str() + ", class: people, entitlements: [" + rights +
             "] }\n";
  }
  return {{"tenure.yaml", settings}, {"targets/application.yaml", target}, {"roles/departments.yaml", roles}};
}

plan::World world_of(const Labs& labs) {
  static const char* const kGiven[] = {"Ada", "Bo", "Cai", "Dee", "Eva", "Fay", "Gus", "Ida", "Jon", "Kim"};
  static const char* const kFamily[] = {"Ash", "Berg", "Dahl", "Falk", "Holm", "Lind", "Moe", "Otto", "Roy", "Vik"};
  Dice dice(labs.held.size());
  plan::World world;
  world.now = Time::from_micros(1'795'165'200'000'000);  // 2026-11-20T09:00:00Z
  const Time known = world.now - Duration::days(400);
  plan::TargetView& view = world.targets[labs_target()];
  view.state.target = labs_target();
  view.state.last_full_read = world.now - Duration::hours(1);
  model::Observation& observed = view.observed.emplace();
  observed.target = labs_target();
  observed.read_at = view.state.last_full_read;
  observed.coverage.complete = true;
  std::vector<bool> there(labs.permissions);
  for (std::size_t user = 0; user < labs.held.size(); ++user) {
    model::Identity person;
    person.id = model::IdentityId(static_cast<std::int64_t>(user) + 1);
    person.key = "P" + std::to_string(100'000 + user);
    const std::string given = kGiven[dice.below(10)], family = kFamily[dice.below(10)];
    person.facts = {{"person_id", fact(person.key, known)},
                    {"given_name", fact(given, known)},
                    {"family_name", fact(family, known)},
                    {"department", fact(department_name(labs.department[user]), known)}};
    person.engagements = {{model::SourceName("hr"), person.key, known, Time::never(), "active"}};
    model::Account account;
    account.id = account_id(user);
    account.name = ascii_lower(family) + std::to_string(user + 1);
    account.account_class = "people";
    account.attributes = {{"uid", account.name}, {"employeeNumber", person.key}};
    observed.accounts.push_back(std::move(account));
    for (const std::uint32_t permission : labs.held[user]) {
      observed.grants.push_back({model::Holder{account_id(user), {}}, permission_id(permission), ""});
      there[permission] = true;
    }
    world.identities.emplace(person.id, std::move(person));
  }
  for (std::uint32_t permission = 0; permission < labs.permissions; ++permission)
    if (there[permission]) observed.entitlements.push_back({permission_id(permission), ""});
  observed.sort();
  return world;
}

}  // namespace tenure::bench
