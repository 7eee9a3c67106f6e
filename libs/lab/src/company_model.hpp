// The company while it is being made: people and their engagements, services, accounts and grants. Private to the
// generator; company.cpp says in which order the parts are made, and one Random runs through all of them.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/clock.hpp>
#include <tenure/base/time.hpp>
#include <tenure/lab/company.hpp>

namespace tenure::lab::company {

// A name and its transliteration, stored beside it: "Łukasz", "Lukasz".
struct NamePart {
  std::string_view text;
  std::string_view ascii;
  bool plain() const { return text == ascii; }
};
std::span<const NamePart> given_names();
std::span<const NamePart> family_names();
// Commas, quotes, scripts without Latin letters; each is given to one person.
struct OddName {
  NamePart given;
  NamePart family;
};
std::span<const OddName> odd_names();

enum Department { kSales, kFinance, kEngineering, kOperations, kSupport, kHr, kLegal, kIt, kMarketing, kLogistics };
inline constexpr int kDepartments = 10;
std::string_view department_name(int department);
std::string title_of(int department, int level);
inline constexpr int kSites = 5;
std::string_view site_name(int site);   // "Kraków"
std::string_view site_group(int site);  // "site-krakow"

enum class Standing { kWorking, kLeave, kTerminated, kStarting };

struct Person {
  std::string id;
  NamePart given;
  NamePart family;
  int department = 0;
  int site = 0;
  int level = 1;  // what HR means, also when its export leaves it blank
  bool level_blank = false;
  std::string title;
  Standing standing = Standing::kWorking;
  bool contractor = false;
  bool plain_name() const { return given.plain() && family.plain(); }
  std::string full_name() const { return std::string(given.text) + " " + std::string(family.text); }
  bool has_accounts() const { return standing == Standing::kWorking || standing == Standing::kLeave; }
};

struct HrRow {
  std::string contract_id;
  std::size_t person = 0;
  int department = 0;
  int site = 0;
  std::string title;
  int level = 0;  // 0 = blank
  std::string manager_id;
  Time start;
  std::string end;  // blank = open
  std::string status;
};

struct ContractorRow {
  std::string engagement_id;
  std::size_t person = 0;
  std::string employer;
  std::string sponsor_id;
  Time start;
  std::string end;
};

struct Service {
  std::string id;
  std::string name;
  std::string owner_id;
  std::string environment;
  std::string purpose;
  bool active = true;
};

struct Right {
  std::string entitlement;
  std::string parameter;
  friend auto operator<=>(const Right&, const Right&) = default;
};

struct Account {
  std::string target;
  std::string purpose;  // normal, admin, shared, service
  std::string name;
  std::string person_id;
  std::size_t person = kNobody;  // index in World::people
  bool enabled = true;
  bool employee_number = true;  // directory: whether it is filled in
  std::string title;            // directory
  std::set<Right> rights;
  static constexpr std::size_t kNobody = ~std::size_t{0};
};

struct World {
  World(std::uint64_t seed, Time the_day, int size) : random(seed), today(the_day), people_count(size) {}
  Random random;
  Time today;
  int people_count;
  std::vector<Person> people;  // in identity order: employees, then contractors
  std::size_t employees = 0;   // people[0, employees) are in hr.csv
  std::vector<HrRow> hr;
  std::vector<HrRow> hr_second;
  std::vector<Person> joiners;  // numbered after people[employees - 1]; HrRow::person = people.size() + index
  std::vector<ContractorRow> contractors;
  std::vector<Service> services;
  std::vector<Account> accounts;
  std::map<std::size_t, std::string> uids;  // person index -> directory uid
  std::set<std::string> names_taken;        // every uid in use
  std::set<std::size_t> reserved;           // people with a part to play: no noise is planted on them
  Expectations expect;

  const Person& person(std::size_t index) const {
    return index < people.size() ? people[index] : joiners[index - people.size()];
  }
  std::string date(int days_from_today) const { return (today + Duration::days(days_from_today)).to_date(); }
  // `per_2000` of 2,000 people, at least `least`.
  int scaled(int per_2000, int least) const;
  int between(int low, int high) {
    const std::int64_t span = std::int64_t{high} - low + 1;
    return low + static_cast<int>(random.below(static_cast<std::uint64_t>(span)));
  }
  // A person that fits and has no part yet, who then has one. Aborts when there is none: with 100 people there is.
  std::size_t cast(const std::function<bool(const Person&)>& fits);
};

std::string numbered(std::string_view prefix, int number, int digits);
// The rule of the policy: first letter of the given name and the family name, a-z and 0-9 only.
std::string uid_stem(const Person& person);
// The stem, or with 2, 3, ... appended; enters it in names_taken.
std::string allocate_uid(World& world, const Person& person);

// What policy wants a person to hold, by target; the mainframe's parameter is the access.
struct Wanted {
  std::set<Right> directory;
  std::set<Right> ledger;
  std::set<Right> crm;
  std::set<Right> mainframe;
  bool admin = false;  // an admin account with domain-admins
};
Wanted wanted_by_policy(const Person& person);

void make_people(World& world);  // people, hr, contractors
void make_services(World& world);
void make_accounts(World& world);       // as policy wants them, with what is missing
void plant_legacy(World& world);        // what nobody explains: orphans, surplus, legacy-*, blanks
void make_second_export(World& world);  // casts leavers, movers, ...
void cast_for_drift(World& world);
void count(World& world);

std::string render_hr(const World& world, const std::vector<HrRow>& rows);
std::string render_contractors(const World& world);
std::string render_services(const World& world);
std::string render_directory(const World& world);
std::string render_ledger(const World& world);
std::string render_crm(World& world);  // ids come from the generator
std::string render_mainframe_users(const World& world);
std::string render_mainframe_permits(const World& world);

}  // namespace tenure::lab::company
