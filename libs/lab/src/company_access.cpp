// The legacy state of the targets: what policy wants, less what is missing, and what nobody explains.
#include "company_model.hpp"

#include <algorithm>

#include <tenure/base/text.hpp>

namespace tenure::lab::company {
namespace {

constexpr std::string_view kLegacyGroups[] = {"legacy-reports", "legacy-ftp",  "legacy-wiki",     "legacy-fileserver",
                                              "legacy-print",   "legacy-voip", "legacy-intranet", "legacy-backup"};
constexpr std::string_view kProjects[] = {"project-apollo", "project-borealis", "project-cygnus"};
constexpr std::size_t kUseridMax = 8;

std::string department_group(int department) {
  return "dept-" + ascii_lower(department_name(department));
}

std::string letters_and_digits(std::string_view text) {
  std::string out;
  for (const char c : ascii_lower(text)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  }
  return out;
}

bool outside_scope(std::string_view entitlement) {
  return entitlement.starts_with("legacy") || entitlement.starts_with("LEGACY") ||
         entitlement.starts_with("crm-legacy");
}

std::string irregular_uid(World& world, const Person& person) {
  std::string uid = letters_and_digits(person.given.ascii) + letters_and_digits(person.family.ascii).substr(0, 1);
  while (world.names_taken.contains(uid)) uid += "x";
  world.names_taken.insert(uid);
  return uid;
}

// Up to eight characters; the last ones give way to a number.
std::string allocate_userid(std::set<std::string>& taken, const Person& person) {
  std::string stem = uid_stem(person);
  for (char& c : stem) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  std::string userid = stem.substr(0, kUseridMax);
  for (int n = 2; taken.contains(userid); ++n) {
    const std::string suffix = std::to_string(n);
    userid = stem.substr(0, kUseridMax - suffix.size()) + suffix;
  }
  taken.insert(userid);
  return userid;
}

GrantName grant_name(const Account& account, const Right& right) {
  return {account.target, account.name, right.entitlement, right.parameter, account.person_id};
}

AccountName account_name(const Account& account) {
  return {account.target, account.name, account.person_id};
}

// People whose directory account does not exist, and so nothing that is named after it.
std::set<std::size_t> choose_missing(World& world) {
  std::set<std::size_t> missing;
  const int wanted = world.scaled(12, 1);
  while (static_cast<int>(missing.size()) < wanted) {
    // Their names need no transliteration, so that what they will be called is beyond doubt.
    missing.insert(world.cast([](const Person& p) {
      return p.standing == Standing::kWorking && p.plain_name() && !p.level_blank && p.department != kSales;
    }));
  }
  return missing;
}

class AccountMaker {
 public:
  AccountMaker(World& world, std::set<std::size_t> missing) : world_(world), missing_(std::move(missing)) {}

  void make(std::size_t index) {
    const Person& person = world_.people[index];
    if (!person.has_accounts()) return;
    if (missing_.contains(index)) return;
    const std::string uid = choose_uid(index);
    world_.uids[index] = uid;
    const Wanted wanted = wanted_by_policy(person);
    Account directory = account(index, "directory", uid, wanted.directory);
    directory.title = person.title;
    world_.accounts.push_back(std::move(directory));
    if (wanted.admin) {
      Account admin = account(index, "directory", "adm-" + uid, {{"domain-admins", ""}});
      admin.purpose = "admin";
      world_.accounts.push_back(std::move(admin));
    }
    more(index, "ledger", uid, wanted.ledger);
    more(index, "crm", uid + "@nordhaven.example", wanted.crm);
    if (!wanted.mainframe.empty()) more(index, "mainframe", allocate_userid(userids_, person), wanted.mainframe);
  }

 private:
  std::string choose_uid(std::size_t index) {
    const Person& person = world_.people[index];
    if (index < 80 || world_.reserved.contains(index) || !world_.random.chance(2, 100)) {
      return allocate_uid(world_, person);
    }
    std::string uid = irregular_uid(world_, person);
    world_.expect.irregular_uids.push_back({"directory", uid, person.id});
    return uid;
  }

  Account account(std::size_t index, std::string_view target, std::string name, const std::set<Right>& wanted) {
    const Person& person = world_.people[index];
    Account out{.target = std::string(target), .purpose = "normal", .name = std::move(name), .person_id = person.id};
    out.person = index;
    out.enabled = person.standing == Standing::kWorking;
    for (const Right& right : wanted) {
      // Parts are played with everything in place.
      const bool lost = world_.random.chance(15, 1000) && index >= 80 && !world_.reserved.contains(index);
      if (lost) {
        world_.expect.missing_grants.push_back(grant_name(out, right));
      } else {
        out.rights.insert(right);
      }
    }
    return out;
  }

  void more(std::size_t index, std::string_view target, std::string name, const std::set<Right>& wanted) {
    if (wanted.empty()) return;
    if (world_.random.chance(1, 100) && index >= 80 && !world_.reserved.contains(index)) {
      world_.expect.missing_accounts.push_back({std::string(target), name, world_.people[index].id});
      return;
    }
    world_.accounts.push_back(account(index, target, std::move(name), wanted));
  }

  World& world_;
  std::set<std::size_t> missing_;
  std::set<std::string> userids_;
};

void make_service_accounts(World& world) {
  int retired_left = world.scaled(3, 1);
  for (const Service& service : world.services) {
    const bool forgotten = !service.active && retired_left > 0;
    if (!service.active && !forgotten) continue;
    Account account{.target = "directory", .purpose = "service", .name = service.name, .person_id = service.id};
    account.rights.insert({"svc-accounts", ""});
    if (forgotten) {
      --retired_left;
      world.expect.retired_service_accounts.push_back(account_name(account));
    }
    world.accounts.push_back(account);
    if (service.purpose != "batch") continue;
    account.target = "ledger";
    std::replace(account.name.begin(), account.name.end(), '-', '_');
    account.rights = {{"ledger_ro", ""}};
    if (forgotten) world.expect.retired_service_accounts.push_back(account_name(account));
    world.accounts.push_back(account);
  }
}

void plant_orphans_and_shared(World& world) {
  for (const auto& [target, name] : {std::pair{"directory", "tmpinstall"}, std::pair{"directory", "jdoe-old"},
                                     std::pair{"ledger", "report_bob"}, std::pair{"crm", "agency@partner.example"}}) {
    Account orphan{.target = target, .purpose = "normal", .name = name, .person_id = {}};
    orphan.employee_number = false;
    if (orphan.target == "directory") orphan.rights.insert({"vpn", ""});
    if (orphan.target == "ledger") orphan.rights.insert({"reporting_ro", ""});
    if (orphan.target == "crm") orphan.rights.insert({"crm-user", ""});
    world.expect.orphans.push_back(account_name(orphan));
    world.accounts.push_back(std::move(orphan));
  }
  for (const char* name : {"shared-frontdesk-oslo", "shared-frontdesk-hamburg", "shared-frontdesk-krakow",
                           "shared-meeting-lyon", "shared-meeting-porto", "shared-dispatch"}) {
    Account shared{.target = "directory", .purpose = "shared", .name = name, .person_id = {}};
    shared.employee_number = false;
    // Its owner: somebody who stays.
    shared.person = 1 + world.random.below(kDepartments - 1);
    world.accounts.push_back(std::move(shared));
  }
}

// Accounts and holders of rights that no rule gives: people with a known place in the story.
void plant_privileged_surplus(World& world) {
  const auto holder = [&world](std::string_view target, const auto& fits) -> Account* {
    std::vector<Account*> candidates;
    for (Account& account : world.accounts) {
      if (account.target == target && account.purpose == "normal" && account.enabled &&
          account.person != Account::kNobody && !world.reserved.contains(account.person) && account.person >= 80 &&
          fits(world.people[account.person])) {
        candidates.push_back(&account);
      }
    }
    if (candidates.empty()) return nullptr;
    Account* chosen = candidates[world.random.below(candidates.size())];
    world.reserved.insert(chosen->person);
    return chosen;
  };
  const auto plant = [&](int times, std::string_view target, const Right& right, const auto& fits) {
    for (int i = 0; i < times; ++i) {
      Account* account = holder(target, fits);
      if (account == nullptr || !account->rights.insert(right).second) continue;
      world.expect.surplus_grants.push_back(grant_name(*account, right));
    }
  };
  plant(world.scaled(3, 0), "crm", {"crm-approver", ""}, [](const Person& p) { return p.department == kSales; });
  plant(world.scaled(2, 0), "ledger", {"ledger_admin", "admin_option"},
        [](const Person& p) { return p.department == kFinance; });
  plant(world.scaled(2, 0), "ledger", {"ledger_close", ""},
        [](const Person& p) { return p.department == kFinance && p.level < 6; });
  plant(world.scaled(1, 0), "mainframe", {"PAY.MASTER", "READ"}, [](const Person& p) { return p.department == kHr; });
  plant(world.scaled(3, 0), "directory", {"build-admins", ""},
        [](const Person& p) { return p.department == kEngineering && p.level < 5; });
}

void plant_surplus_accounts(World& world) {
  std::vector<Account> added;
  for (const Account& account : world.accounts) {
    if (account.target != "directory" || account.purpose != "normal" || account.person == Account::kNobody) continue;
    const Person& person = world.people[account.person];
    // Old logins of systems people, only for what is outside the managed scope.
    if (person.department != kIt || person.level < 6 || !account.enabled) continue;
    Account role{.target = "ledger", .purpose = "normal", .name = account.name, .person_id = person.id};
    role.person = account.person;
    role.rights.insert({"legacy_bi", ""});
    world.expect.surplus_accounts.push_back(account_name(role));
    added.push_back(std::move(role));
  }
  // One planner of level 3 has a login without any right: somebody will grant it one by hand.
  const std::size_t planner = world.cast([&](const Person& p) {
    return p.department == kOperations && p.level == 3 && p.standing == Standing::kWorking && !p.level_blank &&
           !p.contractor;
  });
  Account role{
      .target = "ledger", .purpose = "normal", .name = world.uids.at(planner), .person_id = world.people[planner].id};
  role.person = planner;
  world.expect.adopted = account_name(role);
  world.expect.surplus_accounts.push_back(account_name(role));
  added.push_back(std::move(role));
  std::move(added.begin(), added.end(), std::back_inserter(world.accounts));
}

std::size_t count_rights(const World& world) {
  std::size_t n = 0;
  for (const Account& account : world.accounts) n += account.rights.size();
  return n;
}

// Left over from departments that people have moved on from, and favours: three in a hundred grants.
void plant_ordinary_surplus(World& world) {
  const std::size_t target = count_rights(world) * 3 / 100;
  std::size_t tries = target * 20;
  while (world.expect.surplus_grants.size() < target && tries-- > 0) {
    Account& account = world.accounts[world.random.below(world.accounts.size())];
    const auto kind = world.random.below(100);
    const auto other = static_cast<int>(world.random.below(kDepartments));
    if (account.purpose != "normal" || account.person == Account::kNobody || account.person < 80 || !account.enabled ||
        world.reserved.contains(account.person)) {
      continue;
    }
    const Person& person = world.people[account.person];
    const Wanted wanted = wanted_by_policy(person);
    Right right;
    const std::set<Right>* explained = &wanted.directory;
    if (account.target == "directory") {
      right.entitlement = kind < 65 ? department_group(other) : kind < 92 ? "vpn" : "crm-users";
    } else if (account.target == "ledger") {
      right.entitlement = kind < 50 ? "reporting_ro" : "ledger_ro";
      explained = &wanted.ledger;
    } else if (account.target == "crm") {
      right.entitlement = "crm-editor";
      explained = &wanted.crm;
    } else {
      continue;
    }
    if (explained->contains(right) || !account.rights.insert(right).second) continue;
    world.expect.surplus_grants.push_back(grant_name(account, right));
  }
}

void plant_projects(World& world) {
  for (Account& account : world.accounts) {
    if (account.target != "directory" || account.purpose != "normal" || account.person == Account::kNobody) continue;
    if (!world.random.chance(10, 100)) continue;
    const Right right{std::string(kProjects[world.random.below(3)]), ""};
    account.rights.insert(right);
    world.expect.project_grants.push_back(grant_name(account, right));
  }
}

// A fifth of all grants belongs to systems that Tenure looks at and does not write.
void plant_outside_scope(World& world) {
  const std::size_t wanted = count_rights(world) / 4;
  std::size_t planted = 0;
  while (planted < wanted) {
    Account& account = world.accounts[world.random.below(world.accounts.size())];
    const auto which = world.random.below(8);
    if (account.purpose != "normal" || account.person == Account::kNobody) continue;
    Right right{std::string(kLegacyGroups[which]), ""};
    if (account.target == "ledger") right.entitlement = which < 5 ? "legacy_bi" : "legacy_etl";
    if (account.target == "crm") right.entitlement = "crm-legacy-import";
    if (account.target == "mainframe") right = {"LEGACY.JCL", which < 6 ? "READ" : "UPDATE"};
    const bool held = std::any_of(account.rights.begin(), account.rights.end(),
                                  [&](const Right& r) { return r.entitlement == right.entitlement; });
    if (!held) account.rights.insert(right);
    // Where the small targets are full, the attempt counts all the same: the directory takes the rest.
    planted += held ? 0U : 1U;
    if (held && account.target != "directory") continue;
  }
}

void plant_blanks(World& world) {
  std::map<std::string, int> bearers;
  for (const Person& person : world.people) ++bearers[person.full_name()];
  const int blanks = world.scaled(65, 2);
  int planted = 0;
  std::vector<Account*> candidates;
  for (Account& account : world.accounts) {
    if (account.target != "directory" || account.purpose != "normal" || account.person == Account::kNobody) continue;
    const Person& person = world.people[account.person];
    if (person.given.ascii == "Erik" && person.family.ascii == "Ekberg") {
      world.expect.ambiguous_person_ids.push_back(person.id);
      if (world.expect.ambiguous_person_ids.size() == 2) {
        account.employee_number = false;
        world.expect.ambiguous = account_name(account);
      }
      world.reserved.insert(account.person);
      continue;
    }
    if (account.person >= 80 && bearers[person.full_name()] == 1 && !world.reserved.contains(account.person)) {
      candidates.push_back(&account);
    }
  }
  while (planted < blanks && !candidates.empty()) {
    const std::size_t at = world.random.below(candidates.size());
    candidates[at]->employee_number = false;
    world.expect.blank_employee_number.push_back(account_name(*candidates[at]));
    candidates.erase(candidates.begin() + static_cast<std::ptrdiff_t>(at));
    ++planted;
  }
  for (int i = 0; i < world.scaled(10, 1) && !candidates.empty(); ++i) {
    const std::size_t at = world.random.below(candidates.size());
    Account& account = *candidates[at];
    candidates.erase(candidates.begin() + static_cast<std::ptrdiff_t>(at));
    if (account.title.empty()) continue;
    account.title = "Trainee";
    world.expect.stale_titles.push_back(account_name(account));
  }
}

}  // namespace

std::string uid_stem(const Person& person) {
  return letters_and_digits(person.given.ascii).substr(0, 1) + letters_and_digits(person.family.ascii);
}

std::string allocate_uid(World& world, const Person& person) {
  const std::string stem = uid_stem(person);
  std::string uid = stem;
  for (int n = 2; world.names_taken.contains(uid); ++n) uid = stem + std::to_string(n);
  world.names_taken.insert(uid);
  return uid;
}

Wanted wanted_by_policy(const Person& person) {
  Wanted out;
  const bool at_work = person.standing == Standing::kWorking;
  // The contractor register knows no levels; the least one counts.
  const int level = person.contractor ? 1 : person.level;
  out.directory = {
      {"all-staff", ""}, {std::string(site_group(person.site)), ""}, {department_group(person.department), ""}};
  switch (person.department) {
    case kSales:
      out.crm.insert({"crm-user", ""});
      if (level >= 3) out.crm.insert({"crm-editor", ""});
      if (level >= 3) out.ledger.insert({"reporting_ro", ""});
      break;
    case kFinance:
      out.ledger.insert({"ledger_ro", ""});
      if (level >= 4) out.ledger.insert({"ledger_rw", ""});
      if (level >= 6 && at_work) out.ledger.insert({"ledger_close", ""});
      break;
    case kEngineering:
      out.directory.insert({"vpn", ""});
      if (level >= 5 && at_work) out.directory.insert({"build-admins", ""});
      break;
    case kOperations:
      if (level >= 4) out.ledger.insert({"reporting_ro", ""});
      if (level >= 4) out.mainframe.insert({"STOCK.DATA", level >= 5 ? "UPDATE" : "READ"});
      break;
    case kHr:
      out.mainframe.insert({"PAY.DATA", level >= 5 ? "UPDATE" : "READ"});
      break;
    case kIt:
      out.directory.insert({"vpn", ""});
      out.admin = level >= 5 && at_work;
      break;
    case kMarketing:
      out.crm.insert({"crm-user", ""});
      break;
    default:
      break;
  }
  return out;
}

void make_accounts(World& world) {
  const std::set<std::size_t> missing = choose_missing(world);
  AccountMaker maker(world, missing);
  for (std::size_t i = 0; i < world.people.size(); ++i) maker.make(i);
  make_service_accounts(world);
  // Named last: what was there before Tenure has its names.
  for (const std::size_t index : missing) {
    const Person& person = world.people[index];
    world.expect.missing_accounts.push_back({"directory", allocate_uid(world, person), person.id});
  }
}

void plant_legacy(World& world) {
  plant_orphans_and_shared(world);
  plant_surplus_accounts(world);
  plant_privileged_surplus(world);
  plant_ordinary_surplus(world);
  plant_projects(world);
  plant_outside_scope(world);
  plant_blanks(world);
}

void count(World& world) {
  Expectations& e = world.expect;
  e.people = world.people_count;
  e.hr_rows = static_cast<int>(world.hr.size());
  e.contractor_rows = static_cast<int>(world.contractors.size());
  e.contractors = static_cast<int>(world.people.size() - world.employees);
  e.services = static_cast<int>(world.services.size());
  e.active_services = static_cast<int>(
      std::count_if(world.services.begin(), world.services.end(), [](const Service& s) { return s.active; }));
  for (const Person& person : world.people) {
    e.working += person.standing == Standing::kWorking ? 1 : 0;
    e.on_leave += person.standing == Standing::kLeave ? 1 : 0;
    e.terminated += person.standing == Standing::kTerminated ? 1 : 0;
    e.starting += person.standing == Standing::kStarting ? 1 : 0;
    if (person.level_blank) e.unknown_level.push_back(person.id);
  }
  for (const Account& account : world.accounts) {
    ++e.accounts[account.target];
    if (account.target == "directory") ++e.account_purpose[account.purpose];
    for (const Right& right : account.rights) {
      ++e.grants[account.target];
      if (outside_scope(right.entitlement)) ++e.grants_legacy[account.target];
    }
  }
  for (auto* list : {&e.surplus_grants, &e.missing_grants, &e.project_grants}) std::sort(list->begin(), list->end());
  for (auto* list : {&e.missing_accounts, &e.irregular_uids, &e.blank_employee_number, &e.surplus_accounts}) {
    std::sort(list->begin(), list->end());
  }
}

}  // namespace tenure::lab::company
