// The policy repository of the company, as an author would write it.
#include "company_parts.hpp"

namespace tenure::bench {
namespace {

using policy::Document;

constexpr std::string_view kHeader = "apiVersion: tenure/v1\n";

std::string settings_of(const Company& company) {
  std::string text(kHeader);
  text += "kind: Settings\nmetadata: { name: example }\nattributes:\n";
  for (const Attribute& attribute : company.attributes)
    text += "  " + attribute.name + (attribute.is_number ? ": int\n" : ": string\n");
  text +=
      "lifecycle:\n"
      "  accounts: { staged: absent, active: enabled, suspended: disabled, leaving: disabled, left: disabled }\n"
      "  roles_apply_in: [active, suspended]\n"
      "groups:\n  operators: [ana.ash, bo.lind]\n  security: [cai.moe]\n";
  return text;
}

std::string source_of(const Company& company) {
  std::string text(kHeader);
  text +=
      "kind: Source\nmetadata: { name: hr, title: HR export, owner: ana.ash }\n"
      "connector: csv\nconnection: { file: feeds/hr.csv }\nof: person\nprecedence: 100\nkey: person_id\ncolumns:\n";
  for (const Attribute& attribute : company.attributes) text += "  - " + attribute.name + "\n";
  text +=
      "  - manager_id\n  - start_date\n  - end_date\n  - engagement\n"
      "identity: { key: person_id, correlate: person_id }\nattributes:\n";
  for (const Attribute& attribute : company.attributes)
    text += "  " + attribute.name + ": record." + attribute.name + "\n";
  text +=
      "engagement: { start: record.start_date, end: record.end_date, status: record.engagement }\n"
      "relations:\n  manager: { attribute: person_id, from: record.manager_id }\n";
  return text;
}

std::string target_of(const Company& company, const CompanyTarget& target) {
  const bool directory = &target == company.targets.data();
  std::string text(kHeader);
  text += "kind: Target\nmetadata: { name: " + target.name + ", title: " + target.name + ", owner: bo.lind }\n";
  text += "connector: ldap\nconnection: { uri: \"ldaps://" + target.name + ".example.com\" }\n";
  text +=
      "classes:\n  people:\n    of: person\n    purpose: normal\n"
      "    correlate: [{ account: employeeNumber, equals: identity.person_id }]\n    account:\n";
  text += directory ? "      uid: { allocate: slug(identity.family_name), login: true }\n"
                      "      departmentNumber: identity.department\n"
                    : "      login: account.uid\n";
  text +=
      "      cn: identity.given_name + \" \" + identity.family_name\n"
      "      employeeNumber: identity.person_id\n";
  text += "entitlements:\n";
  for (const std::uint32_t number : target.entitlements) {
    const Entitlement& entitlement = company.entitlements[number];
    if (!entitlement.managed) continue;
    text += "  " + entitlement.id + ": { title: Right " + std::to_string(number) + ", owner: bo.lind";
    if (number % 50 == 7) text += ", risk: medium";
    if (number % 400 == 11) text += ", risk: privileged";
    if (!entitlement.access.empty()) text += ", parameters: { access: [READ, UPDATE, ALTER] }";
    text += " }\n";
  }
  text += "scopes:\n  - { entitlements: legacy-*, scope: observed }\n";
  if (!directory) text += "revert_drift: true\n";
  return text;
}

// One grant per target.
void append_grants(const Company& company, const std::vector<std::uint32_t>& numbers, std::string& text) {
  text += "grants:\n";
  for (std::uint32_t t = 0; t < company.targets.size(); ++t) {
    std::string rights;
    for (const std::uint32_t number : numbers) {
      const Entitlement& entitlement = company.entitlements[number];
      if (entitlement.target != t) continue;
      if (!rights.empty()) rights += ", ";
      rights += entitlement.access.empty() ? entitlement.id
                                           : "{ id: " + entitlement.id + ", access: " + entitlement.access + " }";
    }
    if (!rights.empty())
      text += "  - { target: " + company.targets[t].name + ", class: people, entitlements: [" + rights + "] }\n";
  }
}

std::string roles_of(const Company& company) {
  std::string text(kHeader);
  text +=
      "kind: Role\nmetadata: { name: all-staff, owner: ana.ash }\nassign: identity.kind == \"person\"\n"
      "grants:\n  - { target: directory, class: people, entitlements: [all-staff] }\n";
  for (std::size_t r = 0; r < company.rules.size(); ++r) {
    const Rule& rule = company.rules[r];
    text += "---\n";
    text += kHeader;
    text += "kind: Role\nmetadata: { name: " + role_name(r) + ", owner: ana.ash }\n";
    text += "assign: '" + cel_of(company, rule) + "'\n";
    // A rule that came to give nothing still says who must have an account in the directory.
    if (rule.entitlements.empty())
      text += "grants:\n  - { target: directory, class: people }\n";
    else
      append_grants(company, rule.entitlements, text);
  }
  return text;
}

constexpr std::string_view kPolicies =
    "apiVersion: tenure/v1\nkind: Approval\nmetadata: { name: privileged, owner: ana.ash }\n"
    "when: change.risk == \"privileged\" && !change.takes_away\ncount: 2\napprovers: [security]\n"
    "---\n"
    "apiVersion: tenure/v1\nkind: Approval\nmetadata: { name: leaver, owner: ana.ash }\n"
    "when: change.takes_away && change.state == \"left\"\nstanding: true\n"
    "---\n"
    "apiVersion: tenure/v1\nkind: Approval\nmetadata: { name: others, owner: ana.ash }\n"
    "otherwise: true\ncount: 1\napprovers: [operators]\n";

}  // namespace

std::string role_name(std::size_t rule) {
  return "rule-" + std::to_string(rule);
}

std::vector<Document> policy_of(const Company& company) {
  std::vector<Document> documents = {{"tenure.yaml", settings_of(company)},
                                     {"sources/hr.yaml", source_of(company)},
                                     {"roles/rules.yaml", roles_of(company)},
                                     {"policies/approvals.yaml", std::string(kPolicies)}};
  for (const CompanyTarget& target : company.targets)
    documents.push_back({"targets/" + target.name + ".yaml", target_of(company, target)});
  return documents;
}

}  // namespace tenure::bench
