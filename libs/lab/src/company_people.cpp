// People with their engagements, and services: the first export.
#include "company_model.hpp"

#include <cstdlib>

#include <tenure/base/text.hpp>

namespace tenure::lab::company {
namespace {

// Of a hundred people.
constexpr int kDepartmentShare[kDepartments] = {9, 6, 26, 10, 16, 4, 3, 10, 4, 12};
constexpr int kLevelShare[] = {10, 22, 26, 20, 12, 7, 3};
constexpr int kItLevelShare[] = {4, 8, 16, 24, 28, 14, 6};  // half of IT administers something
// The first people stand where the parts to play need them, whatever the seed and however small the company.
constexpr int kFixedCast = 80;
constexpr int kFixedLevels[] = {4, 3, 5, 2, 6, 4, 3, 5};
constexpr std::string_view kEmployers[] = {"Fjordtech", "Baltic Staffing", "Consulta", "Wisła Soft", "Atelier Rhône"};

int weighted(Random& random, std::span<const int> shares) {
  auto left = static_cast<int>(random.below(100));
  int index = 0;
  while (left >= shares[static_cast<std::size_t>(index)]) left -= shares[static_cast<std::size_t>(index++)];
  return index;
}

template <class T>
const T& pick(Random& random, std::span<const T> from) {
  return from[random.below(from.size())];
}

bool is_ambiguous_pair(const NamePart& given, const NamePart& family) {
  return given.ascii == "Erik" && family.ascii == "Ekberg";
}

void name(World& world, Person& person) {
  do {
    person.given = pick(world.random, given_names());
    person.family = pick(world.random, family_names());
  } while (is_ambiguous_pair(person.given, person.family));  // reserved: exactly two people bear this name
}

void name_the_cast(World& world) {
  const NamePart anna = given_names()[0];
  const NamePart berg = family_names()[0];
  for (const std::size_t index : {11U, 37U, 62U}) {  // several Anna Berg
    world.people[index].given = anna;
    world.people[index].family = berg;
  }
  const NamePart erik{"Erik", "Erik"};
  const NamePart ekberg{"Ekberg", "Ekberg"};
  for (const std::size_t index : {84U, 91U}) {
    world.people[index].given = erik;
    world.people[index].family = ekberg;
    world.reserved.insert(index);
  }
  std::size_t index = 85;
  for (const OddName& odd : odd_names()) {
    if (index == 91) ++index;
    world.people[index].given = odd.given;
    world.people[index].family = odd.family;
    ++index;
  }
}

Person make_employee(World& world, int index) {
  Person person;
  person.id = numbered("P", index + 1, 5);
  name(world, person);
  const int department = weighted(world.random, kDepartmentShare);
  const int level = 1 + weighted(world.random, department == kIt ? std::span<const int>(kItLevelShare) : kLevelShare);
  person.department = index < kFixedCast ? index % kDepartments : department;
  person.level = index < kFixedCast ? kFixedLevels[index / kDepartments] : level;
  person.site = static_cast<int>(world.random.below(kSites));
  if (index == 0) person.level = 7;
  person.title = index == 0 ? "Chief Executive" : title_of(person.department, person.level);
  // Employees with a fixed part are at work, with nothing blank.
  const auto fate = world.random.below(1000);
  const bool blank_level = world.random.chance(3, 100);
  const bool blank_title = world.random.chance(3, 100);
  if (index < 100) return person;
  if (fate < 30) person.standing = Standing::kTerminated;
  if (fate >= 30 && fate < 40) person.standing = Standing::kStarting;
  if (fate >= 40 && fate < 55) person.standing = Standing::kLeave;
  person.level_blank = blank_level;
  if (blank_title) person.title.clear();
  return person;
}

std::string manager_of(World& world, std::size_t index, std::map<int, std::vector<std::size_t>>& seniors) {
  if (index == 0) return "";
  const bool blank = world.random.chance(2, 100);
  if (index < kDepartments) return world.people[0].id;
  const auto& candidates = seniors[world.people[index].department];
  const std::size_t manager = candidates[world.random.below(candidates.size())];
  return blank && index >= 100 ? "" : world.people[manager].id;
}

void make_contracts(World& world) {
  std::map<int, std::vector<std::size_t>> seniors;  // by department: only people before, so that there is no circle
  for (std::size_t i = 0; i < world.employees; ++i) {
    const Person& person = world.people[i];
    HrRow row{.contract_id = numbered("C", static_cast<int>(i) + 1, 6),
              .person = i,
              .department = person.department,
              .site = person.site,
              .title = person.title,
              .level = person.level_blank ? 0 : person.level,
              .manager_id = manager_of(world, i, seniors),
              .start = world.today - Duration::days(world.between(420, 6000)),
              .end = {},
              .status = person.standing == Standing::kLeave ? "leave" : "active"};
    if (person.standing == Standing::kTerminated) {
      row.end = world.date(-world.between(20, 400));
      row.status = "terminated";
    } else if (person.standing == Standing::kStarting) {
      row.start = world.today + Duration::days(world.between(3, 30));
    } else if (i < kDepartments || (person.standing == Standing::kWorking && world.random.chance(8, 100))) {
      seniors[person.department].push_back(i);
    }
    world.hr.push_back(std::move(row));
  }
}

// Second rows of one person: an earlier contract that has ended, or one that runs beside the first.
void make_more_contracts(World& world) {
  auto next = static_cast<int>(world.hr.size()) + 1;
  const int successive = world.scaled(25, 1);
  for (int i = 0; i < successive; ++i, ++next) {
    const std::size_t person = 100 % world.employees + world.random.below(world.employees - 100 % world.employees);
    HrRow row = world.hr[person];
    if (world.people[person].standing != Standing::kWorking) continue;
    row.contract_id = numbered("C", next, 6);
    row.department = static_cast<int>(world.random.below(kDepartments));
    row.level = std::max(1, world.people[person].level - 1);
    row.title = title_of(row.department, row.level);
    row.end = (row.start - Duration::days(1)).to_date();
    row.start = row.start - Duration::days(world.between(200, 900));
    row.status = "terminated";
    world.hr.push_back(std::move(row));
  }
  const int concurrent = world.scaled(15, 1);
  for (int i = 0; i < concurrent; ++i, ++next) {
    const std::size_t person =
        world.cast([](const Person& p) { return p.standing == Standing::kWorking && !p.contractor; });
    HrRow row = world.hr[person];
    row.contract_id = numbered("C", next, 6);
    row.start = world.today - Duration::days(world.between(30, 400));
    row.status = "active";
    // The first of them loses this contract in the second export.
    if (i == 0) world.expect.contract_end = world.people[person].id;
    world.hr.push_back(std::move(row));
  }
}

void make_contractors(World& world) {
  const int rows = world.scaled(250, 12);
  const int employees = world.scaled(10, 1);
  const std::size_t working_sponsors = std::min<std::size_t>(kFixedCast, world.employees);
  for (int i = 0; i < rows; ++i) {
    ContractorRow row{.engagement_id = numbered("X", i + 1, 4),
                      .person = 0,
                      .employer = {},
                      .sponsor_id = {},
                      .start = {},
                      .end = {}};
    row.employer = pick(world.random, std::span<const std::string_view>(kEmployers));
    row.sponsor_id = world.people[world.random.below(working_sponsors)].id;
    row.start = world.today - Duration::days(world.between(10, 900));
    const bool ended = world.random.chance(5, 100);
    row.end = world.date(ended ? -world.between(1, 9) : world.between(20, 700));
    if (i % (rows / employees) == 3 && i / (rows / employees) < employees) {
      row.person = world.cast([](const Person& p) { return p.standing == Standing::kWorking && !p.contractor; });
      row.end = world.date(world.between(60, 300));
    } else {
      Person person;
      person.id = numbered("K", static_cast<int>(world.people.size() - world.employees) + 1, 5);
      name(world, person);
      person.department = weighted(world.random, kDepartmentShare);
      person.site = static_cast<int>(world.random.below(kSites));
      person.contractor = true;
      person.standing = ended ? Standing::kTerminated : Standing::kWorking;
      row.person = world.people.size();
      world.people.push_back(std::move(person));
    }
    world.contractors.push_back(std::move(row));
  }
}

}  // namespace

int World::scaled(int per_2000, int least) const {
  return std::max(least, per_2000 * people_count / 2000);
}

std::size_t World::cast(const std::function<bool(const Person&)>& fits) {
  std::vector<std::size_t> candidates;
  for (std::size_t i = 1; i < people.size(); ++i) {  // never the chief executive
    if (!reserved.contains(i) && fits(people[i])) candidates.push_back(i);
  }
  if (candidates.empty()) std::abort();
  const std::size_t chosen = candidates[random.below(candidates.size())];
  reserved.insert(chosen);
  return chosen;
}

std::string numbered(std::string_view prefix, int number, int digits) {
  std::string text = std::to_string(number);
  while (text.size() < static_cast<std::size_t>(digits)) text.insert(text.begin(), '0');
  return std::string(prefix) + text;
}

void make_people(World& world) {
  for (int i = 0; i < world.people_count; ++i) world.people.push_back(make_employee(world, i));
  world.employees = world.people.size();
  name_the_cast(world);
  if (world.people_count > 100) {
    // However the dice fell, there is one of each.
    world.people[100].standing = Standing::kTerminated;
    world.people[101].standing = Standing::kStarting;
    world.people[102].standing = Standing::kLeave;
  } else {
    world.people[81].standing = Standing::kTerminated;
    world.people[82].standing = Standing::kStarting;
    world.people[83].standing = Standing::kLeave;
  }
  make_contracts(world);
  make_more_contracts(world);
  make_contractors(world);
}

void make_services(World& world) {
  constexpr std::string_view kSubjects[] = {
      "billing", "orders",  "stock",   "payroll", "mail",    "search", "reports", "backup", "identity", "catalog",
      "pricing", "routing", "sensors", "archive", "invoice", "label",  "metrics", "portal", "print",    "warehouse"};
  constexpr std::string_view kVerbs[] = {"sync", "import", "export", "api", "watch", "feed", "check", "queue"};
  constexpr std::string_view kEnvironments[] = {"prod", "test", "dev"};
  constexpr std::string_view kPurposes[] = {"batch", "api", "integration", "monitoring", "api"};
  const int total = world.scaled(300, 15);
  std::set<std::string> used;
  for (int i = 0; i < total; ++i) {
    Service service{.id = numbered("S", i + 1, 4), .name = {}, .owner_id = {}, .environment = {}, .purpose = {}};
    service.environment = kEnvironments[i % 10 < 5 ? 0 : i % 10 < 8 ? 1 : 2];
    service.purpose = kPurposes[world.random.below(5)];
    service.name = "svc-" + std::string(pick(world.random, std::span<const std::string_view>(kSubjects)));
    service.name += "-" + std::string(pick(world.random, std::span<const std::string_view>(kVerbs)));
    if (service.environment != "prod") service.name += "-" + service.environment;
    const std::string stem = service.name;
    for (int n = 2; used.contains(service.name); ++n) service.name = stem + "-" + std::to_string(n);
    used.insert(service.name);
    service.active = i < 8 || !world.random.chance(12, 100);
    const std::size_t owner = world.random.below(world.employees);
    const bool blank = world.random.chance(2, 100);
    if (!blank) service.owner_id = world.people[owner].id;
    if (i == 9) service.owner_id.clear();
    if (i >= 11 && i <= 13) service.active = false;
    world.services.push_back(std::move(service));
  }
}

}  // namespace tenure::lab::company
