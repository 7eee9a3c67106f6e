// Feeds and seeds as text.
#include "company_model.hpp"

#include <algorithm>

#include <tenure/base/hash.hpp>
#include <tenure/base/json.hpp>
#include <tenure/base/text.hpp>

namespace tenure::lab::company {
namespace {

constexpr std::string_view kBase = "dc=nordhaven,dc=example";
constexpr std::string_view kPlaceholder = "cn=nobody,ou=policies,dc=nordhaven,dc=example";
constexpr std::string_view kLockedForever = "000001010000Z";

// RFC 4180.
std::string csv(const std::vector<std::string>& fields) {
  std::string out;
  for (const std::string& field : fields) {
    if (!out.empty() || &field != &fields.front()) out += ',';
    if (field.find_first_of(",\"\r\n") == std::string::npos) {
      out += field;
      continue;
    }
    out += '"';
    for (const char c : field) {
      if (c == '"') out += '"';
      out += c;
    }
    out += '"';
  }
  return out + "\r\n";
}

// RFC 2849: base64 where the value is no SAFE-STRING.
void ldif(std::string& out, std::string_view attribute, std::string_view value) {
  const bool safe = !value.empty() && value.front() != ' ' && value.front() != ':' && value.front() != '<' &&
                    value.back() != ' ' &&
                    std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c <= '~'; });
  out += attribute;
  out += safe ? ": " : ":: ";
  out += safe ? std::string(value) : to_base64(value);
  out += '\n';
}

std::string group_dn(std::string_view cn) {
  return "cn=" + std::string(cn) + ",ou=groups," + std::string(kBase);
}

std::string account_dn(const Account& account) {
  const std::string_view unit = account.purpose == "admin"     ? "admins"
                                : account.purpose == "service" ? "services"
                                : account.purpose == "shared"  ? "shared"
                                                               : "people";
  return "uid=" + account.name + ",ou=" + std::string(unit) + "," + std::string(kBase);
}

void write_unit(std::string& out, std::string_view name) {
  out += "dn: ou=" + std::string(name) + "," + std::string(kBase) +
         "\nobjectClass: organizationalUnit\nou: " + std::string(name) + "\n\n";
}

void write_entry(std::string& out, const World& world, const Account& account) {
  out += "dn: " + account_dn(account) + "\nobjectClass: inetOrgPerson\n";
  ldif(out, "uid", account.name);
  if (account.purpose == "normal" && account.person != Account::kNobody) {
    const Person& person = world.people[account.person];
    ldif(out, "cn", person.full_name());
    ldif(out, "sn", person.family.text);
    ldif(out, "givenName", person.given.text);
    ldif(out, "mail", account.name + "@nordhaven.example");
    ldif(out, "departmentNumber", department_name(person.department));
    if (!account.title.empty()) ldif(out, "title", account.title);
  } else if (account.purpose == "admin") {
    const Person& person = world.people[account.person];
    ldif(out, "cn", person.full_name() + " (admin)");
    ldif(out, "sn", person.family.text);
  } else {
    ldif(out, "cn", account.name);
    ldif(out, "sn", account.name);
  }
  if (account.purpose == "shared") {
    ldif(out, "manager", "uid=" + world.uids.at(account.person) + ",ou=people," + std::string(kBase));
  }
  if (account.employee_number && !account.person_id.empty()) ldif(out, "employeeNumber", account.person_id);
  if (!account.enabled) ldif(out, "pwdAccountLockedTime", kLockedForever);
  // slapadd runs no overlay, so what memberof would maintain is written here.
  for (const Right& right : account.rights) ldif(out, "memberOf", group_dn(right.entitlement));
  out += '\n';
}

std::vector<std::string> directory_groups(const std::map<std::string, std::vector<std::string>>& members) {
  std::set<std::string> names{"all-staff",         "vpn",
                              "crm-users",         "build-admins",
                              "domain-admins",     "svc-accounts",
                              "project-apollo",    "project-borealis",
                              "project-cygnus",    "legacy-reports",
                              "legacy-ftp",        "legacy-wiki",
                              "legacy-fileserver", "legacy-print",
                              "legacy-voip",       "legacy-intranet",
                              "legacy-backup"};
  for (int i = 0; i < kDepartments; ++i) names.insert("dept-" + ascii_lower(department_name(i)));
  for (int i = 0; i < kSites; ++i) names.insert(std::string(site_group(i)));
  for (const auto& [name, list] : members) names.insert(name);
  return {names.begin(), names.end()};
}

std::string quoted_list(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "\"" : ", \"") + name + "\"";
  return out;
}

constexpr std::string_view kLedgerSchema = R"(CREATE SCHEMA ledger;
CREATE TABLE ledger.accounts (number text PRIMARY KEY, title text NOT NULL);
CREATE TABLE ledger.entries (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, number text NOT NULL REFERENCES ledger.accounts,
  booked date NOT NULL, amount_cents bigint NOT NULL, note text NOT NULL DEFAULT '');
CREATE TABLE ledger.periods (month date PRIMARY KEY, closed_at timestamptz);
CREATE SCHEMA reporting;
CREATE VIEW reporting.balances AS SELECT number, sum(amount_cents) AS amount_cents FROM ledger.entries GROUP BY number;
INSERT INTO ledger.accounts VALUES ('1500', 'Receivables'), ('3000', 'Sales'), ('5000', 'Salaries');
CREATE ROLE ledger_ro NOLOGIN;
CREATE ROLE ledger_rw NOLOGIN;
CREATE ROLE ledger_close NOLOGIN;
CREATE ROLE ledger_admin NOLOGIN;
CREATE ROLE reporting_ro NOLOGIN;
CREATE ROLE legacy_etl NOLOGIN;
CREATE ROLE legacy_bi NOLOGIN;
GRANT ledger_ro TO ledger_rw;
GRANT USAGE ON SCHEMA ledger TO ledger_ro, ledger_close;
GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO ledger_ro;
GRANT INSERT ON ledger.entries TO ledger_rw;
GRANT SELECT, INSERT, UPDATE ON ledger.periods TO ledger_close;
GRANT ALL ON ALL TABLES IN SCHEMA ledger TO ledger_admin;
GRANT USAGE ON SCHEMA reporting TO reporting_ro, legacy_bi;
GRANT SELECT ON reporting.balances TO reporting_ro, legacy_bi;
)";

}  // namespace

std::string render_hr(const World& world, const std::vector<HrRow>& rows) {
  std::string out =
      "contract_id,person_id,given_name,family_name,department,site,title,level,manager_id,start_date,end_date,"
      "status\r\n";
  for (const HrRow& row : rows) {
    const Person& person = world.person(row.person);
    out += csv({row.contract_id, person.id, std::string(person.given.text), std::string(person.family.text),
                std::string(department_name(row.department)), std::string(site_name(row.site)), row.title,
                row.level == 0 ? "" : std::to_string(row.level), row.manager_id, row.start.to_date(), row.end,
                row.status});
  }
  return out;
}

std::string render_contractors(const World& world) {
  std::string out;
  for (const ContractorRow& row : world.contractors) {
    const Person& person = world.people[row.person];
    const std::pair<std::string_view, std::string> fields[] = {
        {"engagement_id", row.engagement_id},
        {"person_id", person.id},
        {"given_name", std::string(person.given.text)},
        {"family_name", std::string(person.family.text)},
        {"company", row.employer},
        {"department", std::string(department_name(person.department))},
        {"site", std::string(site_name(person.site))},
        {"sponsor_id", row.sponsor_id},
        {"start_date", row.start.to_date()},
        {"end_date", row.end}};
    std::string line;
    for (const auto& [key, value] : fields) {
      line += line.empty() ? "{" : ",";
      json::append_quoted(line, key);
      line += ':';
      json::append_quoted(line, value);
    }
    out += line + "}\n";
  }
  return out;
}

std::string render_services(const World& world) {
  std::string out = "service_id,name,owner_id,environment,purpose,status\r\n";
  for (const Service& service : world.services) {
    out += csv({service.id, service.name, service.owner_id, service.environment, service.purpose,
                service.active ? "active" : "retired"});
  }
  return out;
}

std::string render_directory(const World& world) {
  std::string out;
  for (const char* unit : {"people", "admins", "services", "shared", "groups"}) write_unit(out, unit);
  std::map<std::string, std::vector<std::string>> members;
  for (const Account& account : world.accounts) {
    if (account.target != "directory") continue;
    write_entry(out, world, account);
    for (const Right& right : account.rights) members[right.entitlement].push_back(account_dn(account));
  }
  const std::pair<std::string_view, std::string_view> nested[] = {{"dept-sales", "crm-users"}, {"build-admins", "vpn"}};
  for (const auto& [inner, outer] : nested) members[std::string(outer)].push_back(group_dn(inner));
  for (const std::string& name : directory_groups(members)) {
    out += "dn: " + group_dn(name) + "\nobjectClass: groupOfNames\ncn: " + name +
           "\nmember: " + std::string(kPlaceholder) + "\n";
    for (const std::string& member : members[name]) out += "member: " + member + "\n";
    for (const auto& [inner, outer] : nested) {
      if (inner == name) out += "memberOf: " + group_dn(outer) + "\n";
    }
    out += '\n';
  }
  return out;
}

std::string render_ledger(const World& world) {
  std::string out(kLedgerSchema);
  std::map<Right, std::vector<std::string>> members;
  for (const Account& account : world.accounts) {
    if (account.target != "ledger") continue;
    out += "CREATE ROLE \"" + account.name + (account.enabled ? "\" LOGIN;\n" : "\" NOLOGIN;\n");
    for (const Right& right : account.rights) members[right].push_back(account.name);
  }
  for (const auto& [right, names] : members) {
    out += "GRANT " + right.entitlement + " TO " + quoted_list(names) +
           (right.parameter.empty() ? ";\n" : " WITH ADMIN OPTION;\n");
  }
  return out;
}

std::string render_crm(World& world) {
  json::Array users;
  std::map<std::string, json::Array> members{
      {"crm-user", {}}, {"crm-editor", {}}, {"crm-approver", {}}, {"crm-legacy-import", {}}};
  for (const Account& account : world.accounts) {
    if (account.target != "crm") continue;
    const std::string id = world.random.uuid();
    json::Object user{{"schemas", json::Array{"urn:ietf:params:scim:schemas:core:2.0:User"}},
                      {"id", id},
                      {"userName", account.name},
                      {"active", account.enabled}};
    if (account.person != Account::kNobody) {
      const Person& person = world.people[account.person];
      user["displayName"] = person.full_name();
      user["name"] = json::Object{{"givenName", person.given.text}, {"familyName", person.family.text}};
    } else {
      user["displayName"] = account.name;
    }
    user["emails"] = json::Array{json::Object{{"value", account.name}, {"type", "work"}, {"primary", true}}};
    users.emplace_back(std::move(user));
    for (const Right& right : account.rights) members[right.entitlement].emplace_back(json::Object{{"value", id}});
  }
  json::Array groups;
  for (auto& [name, list] : members) {
    const std::string id = world.random.uuid();
    groups.emplace_back(json::Object{{"schemas", json::Array{"urn:ietf:params:scim:schemas:core:2.0:Group"}},
                                     {"id", id},
                                     {"displayName", name},
                                     {"members", std::move(list)}});
  }
  return json::to_string(json::Object{{"Users", std::move(users)}, {"Groups", std::move(groups)}});
}

std::string render_mainframe_users(const World& world) {
  std::string out = "userid,name,status,person_id\r\n";
  for (const Account& account : world.accounts) {
    if (account.target != "mainframe") continue;
    out += csv({account.name, world.people[account.person].full_name(), account.enabled ? "ACTIVE" : "REVOKED",
                account.person_id});
  }
  return out;
}

std::string render_mainframe_permits(const World& world) {
  std::string out = "userid,profile,access\r\n";
  for (const Account& account : world.accounts) {
    if (account.target != "mainframe") continue;
    for (const Right& right : account.rights) out += csv({account.name, right.entitlement, right.parameter});
  }
  return out;
}

}  // namespace tenure::lab::company
