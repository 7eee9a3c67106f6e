#include "company_model.hpp"

#include <tenure/base/file.hpp>
#include <tenure/base/json.hpp>
#include <tenure/lab/company.hpp>

namespace tenure::lab {
namespace {

json::Value to_value(const AccountName& a) {
  return json::Object{{"target", a.target}, {"account", a.account}, {"person_id", a.person_id}};
}

json::Value to_value(const GrantName& g) {
  return json::Object{{"target", g.target},
                      {"account", g.account},
                      {"entitlement", g.entitlement},
                      {"parameter", g.parameter},
                      {"person_id", g.person_id}};
}

json::Value to_value(const Newcomer& n) {
  return json::Object{{"person_id", n.person_id}, {"uid", n.uid}};
}

json::Value to_value(const Move& m) {
  return json::Object{{"person_id", m.person_id}, {"from", m.from}, {"to", m.to}};
}

json::Value to_value(const std::string& text) {
  return text;
}

template <class T>
json::Value to_value(const std::vector<T>& list) {
  json::Array out;
  for (const T& item : list) out.push_back(to_value(item));
  return out;
}

json::Value to_value(const std::map<std::string, int>& counts) {
  json::Object out;
  for (const auto& [key, n] : counts) out[key] = n;
  return out;
}

}  // namespace

std::string to_json(const Expectations& e) {
  const json::Object counts{{"people", e.people},
                            {"hr_rows", e.hr_rows},
                            {"contractor_rows", e.contractor_rows},
                            {"contractors", e.contractors},
                            {"services", e.services},
                            {"active_services", e.active_services},
                            {"working", e.working},
                            {"on_leave", e.on_leave},
                            {"terminated", e.terminated},
                            {"starting", e.starting},
                            {"accounts", to_value(e.accounts)},
                            {"grants", to_value(e.grants)},
                            {"grants_legacy", to_value(e.grants_legacy)},
                            {"account_purpose", to_value(e.account_purpose)}};
  const json::Object legacy{{"orphans", to_value(e.orphans)},
                            {"missing_accounts", to_value(e.missing_accounts)},
                            {"irregular_uids", to_value(e.irregular_uids)},
                            {"blank_employee_number", to_value(e.blank_employee_number)},
                            {"ambiguous", to_value(e.ambiguous)},
                            {"ambiguous_person_ids", to_value(e.ambiguous_person_ids)},
                            {"surplus_accounts", to_value(e.surplus_accounts)},
                            {"retired_service_accounts", to_value(e.retired_service_accounts)},
                            {"stale_titles", to_value(e.stale_titles)},
                            {"surplus_grants", to_value(e.surplus_grants)},
                            {"missing_grants", to_value(e.missing_grants)},
                            {"project_grants", to_value(e.project_grants)},
                            {"unknown_level", to_value(e.unknown_level)}};
  const json::Object second{{"joiners", to_value(e.joiners)},
                            {"movers", to_value(e.movers)},
                            {"leavers", to_value(e.leavers)},
                            {"rehire", to_value(e.rehire)},
                            {"regraded", to_value(e.regraded)},
                            {"contract_end", e.contract_end},
                            {"session_leaver", to_value(e.session_leaver)},
                            {"mainframe_leaver", to_value(e.mainframe_leaver)},
                            {"crm_leaver", to_value(e.crm_leaver)}};
  const json::Object drift{{"build_admins_intruder", to_value(e.build_admins_intruder)},
                           {"engineering_removed", to_value(e.engineering_removed)},
                           {"locked", to_value(e.locked)},
                           {"ghost_uid", e.ghost_uid},
                           {"declared", to_value(e.declared)},
                           {"adopted", to_value(e.adopted)}};
  return json::to_pretty(
      json::Object{{"counts", counts}, {"legacy", legacy}, {"second_export", second}, {"drift", drift}});
}

Result<Company> make_company(const CompanyOptions& options) {
  if (options.people < 100 || options.people > 20000) {
    return fail(Reason::kUsage, "a company has 100 to 20000 people, not " + std::to_string(options.people));
  }
  if (options.today.to_micros() <= 0 || options.today.to_micros() % Duration::days(1).to_micros() != 0) {
    return fail(Reason::kUsage, "today must be the first instant of a day: " + options.today.to_rfc3339());
  }
  company::World world(options.seed, options.today, options.people);
  company::make_people(world);
  company::make_services(world);
  company::make_accounts(world);
  company::cast_for_drift(world);
  company::make_second_export(world);
  company::plant_legacy(world);
  company::count(world);
  Company out;
  out.hr_csv = company::render_hr(world, world.hr);
  out.hr_csv_second = company::render_hr(world, world.hr_second);
  out.contractors_jsonl = company::render_contractors(world);
  out.services_csv = company::render_services(world);
  out.directory_ldif = company::render_directory(world);
  out.ledger_sql = company::render_ledger(world);
  out.crm_json = company::render_crm(world);
  out.mainframe_users_csv = company::render_mainframe_users(world);
  out.mainframe_permits_csv = company::render_mainframe_permits(world);
  out.expectations = std::move(world.expect);
  return out;
}

Status write_company(const Company& company, const std::string& folder) {
  const std::pair<std::string_view, std::string> files[] = {
      {"feeds/hr.csv", company.hr_csv},
      {"feeds/contractors.jsonl", company.contractors_jsonl},
      {"feeds/services.csv", company.services_csv},
      {"exchange/mainframe/mainframe-users.csv", company.mainframe_users_csv},
      {"exchange/mainframe/mainframe-permits.csv", company.mainframe_permits_csv},
      {"company.second_export/hr.csv", company.hr_csv_second},
      {"lab/directory.ldif", company.directory_ldif},
      {"lab/ledger.sql", company.ledger_sql},
      {"lab/crm.json", company.crm_json},
      {"lab/expectations.json", to_json(company.expectations)}};
  for (const char* part : {"feeds", "exchange/mainframe", "company.second_export", "lab"}) {
    TENURE_CHECK_OK(make_folders(folder + "/" + part));
  }
  for (const auto& [name, content] : files) {
    TENURE_CHECK_OK(write_file_atomic(folder + "/" + std::string(name), content));
  }
  return {};
}

}  // namespace tenure::lab
