// The second export and the cast of the changes made by hand.
#include "company_model.hpp"

#include <algorithm>

namespace tenure::lab::company {
namespace {

const Account* account_of(const World& world, std::size_t person, std::string_view target) {
  for (const Account& account : world.accounts) {
    if (account.person == person && account.target == target && account.purpose == "normal") return &account;
  }
  return nullptr;
}

AccountName name_of(const World& world, std::size_t person, std::string_view target) {
  const Account* account = account_of(world, person, target);
  return {std::string(target), account->name, account->person_id};
}

bool employee_at_work(const Person& person) {
  return !person.contractor && person.standing == Standing::kWorking && !person.level_blank;
}

// An employee at work with an account in the target and no part yet.
std::size_t cast_with_account(World& world, std::string_view target, int department, int level_min, int level_max) {
  std::set<std::size_t> have;
  for (const Account& account : world.accounts) {
    if (account.target == target && account.purpose == "normal") have.insert(account.person);
  }
  const Person* first = world.people.data();
  return world.cast([&](const Person& p) {
    return employee_at_work(p) && (department < 0 || p.department == department) && p.level >= level_min &&
           p.level <= level_max && have.contains(static_cast<std::size_t>(&p - first));
  });
}

HrRow& row_of(World& world, std::size_t person) {
  return world.hr_second[person];
}  // the first rows are in order

void make_leavers(World& world) {
  const std::size_t session = cast_with_account(world, "ledger", kFinance, 4, 7);
  const std::size_t mainframe = cast_with_account(world, "mainframe", kHr, 1, 7);
  const std::size_t crm = cast_with_account(world, "crm", kSales, 1, 7);
  world.expect.session_leaver = name_of(world, session, "ledger");
  world.expect.mainframe_leaver = name_of(world, mainframe, "mainframe");
  world.expect.crm_leaver = name_of(world, crm, "crm");
  std::vector<std::size_t> leavers{session, mainframe, crm};
  const auto wanted = static_cast<std::size_t>(world.scaled(25, 3));
  while (leavers.size() < wanted) leavers.push_back(cast_with_account(world, "directory", -1, 1, 6));
  std::sort(leavers.begin(), leavers.end());
  for (const std::size_t person : leavers) {
    HrRow& row = row_of(world, person);
    row.status = "terminated";
    row.end = world.date(0);
    world.expect.leavers.push_back(world.people[person].id);
  }
}

void make_movers(World& world) {
  std::vector<std::size_t> movers;
  for (int i = 0; i < world.scaled(20, 1); ++i) movers.push_back(cast_with_account(world, "directory", -1, 1, 6));
  std::sort(movers.begin(), movers.end());
  for (const std::size_t person : movers) {
    HrRow& row = row_of(world, person);
    const int from = row.department;
    row.department = (from + world.between(1, kDepartments - 1)) % kDepartments;
    row.title = title_of(row.department, world.people[person].level);
    world.expect.movers.push_back(
        {world.people[person].id, std::string(department_name(from)), std::string(department_name(row.department))});
  }
}

void make_small_changes(World& world) {
  std::vector<std::size_t> regraded;
  for (int i = 0; i < world.scaled(3, 1); ++i) regraded.push_back(cast_with_account(world, "directory", -1, 1, 5));
  std::sort(regraded.begin(), regraded.end());
  for (const std::size_t person : regraded) {
    HrRow& row = row_of(world, person);
    row.level = world.people[person].level + 1;
    row.title = title_of(row.department, row.level);
    world.expect.regraded.push_back(world.people[person].id);
  }
  for (auto row = world.hr_second.rbegin(); row != world.hr_second.rend(); ++row) {
    if (world.person(row->person).id != world.expect.contract_end || row->status != "active") continue;
    row->status = "terminated";
    row->end = world.date(0);
    break;
  }
}

int next_contract(const World& world) {
  int highest = 0;
  for (const HrRow& row : world.hr) highest = std::max(highest, std::atoi(row.contract_id.c_str() + 1));
  return highest + 1;
}

void make_newcomers(World& world) {
  int contract = next_contract(world);
  std::vector<std::size_t> gone;
  for (std::size_t i = 0; i < world.employees; ++i) {
    if (world.people[i].standing == Standing::kTerminated) gone.push_back(i);
  }
  std::vector<std::size_t> plain;
  std::copy_if(gone.begin(), gone.end(), std::back_inserter(plain),
               [&](std::size_t i) { return world.people[i].plain_name(); });
  const std::vector<std::size_t>& pool = plain.empty() ? gone : plain;
  const std::size_t again = pool[world.random.below(pool.size())];
  HrRow row = world.hr[again];
  row.contract_id = numbered("C", contract++, 6);
  row.start = world.today;
  row.end.clear();
  row.status = "active";
  const Person& old = world.people[again];
  row.level = old.level;
  row.title = title_of(row.department, old.level);
  world.hr_second.push_back(row);
  world.expect.rehire = {old.id, plain.empty() ? "" : allocate_uid(world, old)};

  const int joiners = world.scaled(12, 1);
  std::set<std::string> names;
  for (const Person& person : world.people) names.insert(person.full_name());
  for (int i = 0; i < joiners; ++i) {
    Person person;
    person.id = numbered("P", world.people_count + i + 1, 5);
    // What they will be called is beyond doubt, and they are nobody's namesake where enough names are left.
    int tries = 0;
    do {
      person.given = given_names()[world.random.below(given_names().size())];
      person.family = family_names()[world.random.below(family_names().size())];
    } while (!person.plain_name() || (names.contains(person.full_name()) && ++tries < 200));
    if (i == 0) {
      person.given = given_names()[0];  // one more Anna Berg
      person.family = family_names()[0];
    }
    // Among them Sales, Finance, HR and IT: every target gets a newcomer.
    person.department = i == 0   ? kSales
                        : i == 1 ? kFinance
                        : i == 2 ? kHr
                        : i == 3 ? kOperations
                                 : static_cast<int>(world.random.below(kDepartments));
    person.level = i < 4 ? 4 : world.between(1, 4);
    person.site = static_cast<int>(world.random.below(kSites));
    person.title = title_of(person.department, person.level);
    world.hr_second.push_back({.contract_id = numbered("C", contract++, 6),
                               .person = world.people.size() + world.joiners.size(),
                               .department = person.department,
                               .site = person.site,
                               .title = person.title,
                               .level = person.level,
                               .manager_id = world.people[static_cast<std::size_t>(person.department)].id,
                               .start = world.today,
                               .end = {},
                               .status = "active"});
    world.expect.joiners.push_back({person.id, allocate_uid(world, person)});
    world.joiners.push_back(std::move(person));
  }
}

}  // namespace

void make_second_export(World& world) {
  world.hr_second = world.hr;
  make_leavers(world);
  make_movers(world);
  make_small_changes(world);
  make_newcomers(world);
}

void cast_for_drift(World& world) {
  Expectations& e = world.expect;
  e.build_admins_intruder = name_of(world, cast_with_account(world, "directory", kSales, 1, 7), "directory");
  e.engineering_removed = name_of(world, cast_with_account(world, "directory", kEngineering, 1, 7), "directory");
  e.locked = name_of(world, cast_with_account(world, "directory", kSupport, 1, 7), "directory");
  e.declared = name_of(world, cast_with_account(world, "ledger", kSales, 3, 7), "ledger");
}

}  // namespace tenure::lab::company
