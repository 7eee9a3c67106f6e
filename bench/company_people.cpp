#include "company_parts.hpp"

#include <array>
#include <map>
#include <set>

namespace tenure::bench {
namespace {

constexpr double kUnknownPercent = 3;

std::string numbered(std::string_view prefix, std::size_t number, std::size_t digits) {
  std::string text = std::to_string(number);
  if (text.size() < digits) text.insert(0, digits - text.size(), '0');
  return std::string(prefix) + text;
}

std::vector<std::string> numbered_values(std::string_view prefix, std::size_t count, std::size_t digits) {
  std::vector<std::string> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(numbered(prefix, i, digits));
  return values;
}

// Names that can be said: two or three syllables.
std::vector<std::string> spoken(std::size_t count, std::size_t syllables, Dice& dice) {
  constexpr std::array<std::string_view, 16> kOnsets = {"b", "d", "f", "g", "h", "j", "k", "l",
                                                        "m", "n", "p", "r", "s", "t", "v", "st"};
  constexpr std::array<std::string_view, 8> kRhymes = {"a", "e", "i", "o", "an", "er", "in", "ø"};
  std::vector<std::string> names;
  std::set<std::string> seen;
  while (names.size() < count) {
    std::string name;
    for (std::size_t s = 0; s < syllables; ++s) {
      name += kOnsets[dice.below(kOnsets.size())];
      name += kRhymes[dice.below(kRhymes.size())];
    }
    name[0] = static_cast<char>(name[0] - 'a' + 'A');
    if (seen.insert(name).second) names.push_back(std::move(name));
  }
  return names;
}

class PeopleMaker {
 public:
  PeopleMaker(Company& company, Dice& dice) : company_(company), dice_(dice), people_(company.size.identities) {}

  void make() {
    own_value("person_id", [](std::size_t i) { return numbered("P", i + 1, 7); });
    skewed("given_name", spoken(400, 2, dice_), 0.5);
    skewed("family_name", spoken(3'000, 3, dice_), 0.6);
    own_value("mail", [](std::size_t i) { return numbered("p", i + 1, 7) + "@example.com"; });
    skewed("department", numbered_values("dept-", company_.size.departments, 3), 0.5);
    derived("division", numbered_values("division-", 20, 2), "department", 20);
    sites();
    derived("building", numbered_values("building-", 400, 3), "site", 400);
    skewed("country", countries(), 0.4);
    level();
    skewed("status", {"active", "probation", "notice", "seasonal", "reserve", "inactive"}, 0.3);
    skewed("worker_type", {"employee", "contractor", "temporary", "intern"}, 1.0);
    derived("cost_centre", numbered_values("cc-", 1'000, 4), "department", 1'000);
    skewed("company", {"Example AS", "Example GmbH", "Example Inc", "Example Ltd", "Example SA"}, 0.7);
    skewed("title", numbered_values("Title ", 500, 3), 0.6);
    skewed("job_family", numbered_values("family-", 60, 2), 0.4);
    skewed("language", {"en", "no", "de", "fr", "pl", "pt", "es", "sv"}, 0.8);
    skewed("shift", {"day", "evening", "night"}, 0.9);
    forget_some();
    lifecycle();
    logins();
  }

 private:
  Attribute& add(std::string name) {
    Attribute& attribute = company_.attributes.emplace_back();
    attribute.name = std::move(name);
    attribute.codes.resize(people_);
    attribute.unknown.resize(people_);
    return attribute;
  }

  template <class Make>
  void own_value(std::string name, Make make) {
    Attribute& attribute = add(std::move(name));
    attribute.values.reserve(people_);
    for (std::size_t i = 0; i < people_; ++i) {
      attribute.values.push_back(make(i));
      attribute.codes[i] = static_cast<std::uint32_t>(i);
    }
  }

  void skewed(std::string name, std::vector<std::string> values, double exponent) {
    Attribute& attribute = add(std::move(name));
    attribute.values = std::move(values);
    const Skewed picks(attribute.values.size(), exponent);
    for (auto& code : attribute.codes) code = picks.pick(dice_);
  }

  // A value of another attribute decides which few values are likely.
  void derived(std::string name, std::vector<std::string> values, std::string_view from, std::size_t spread) {
    Attribute& attribute = add(std::move(name));
    attribute.values = std::move(values);
    const Attribute& other = company_.attribute(from);
    for (std::size_t i = 0; i < people_; ++i)
      attribute.codes[i] = static_cast<std::uint32_t>((other.codes[i] * 7 + dice_.below(4)) % spread);
  }

  // Most of a department sits at its own five sites.
  void sites() {
    Attribute& attribute = add("site");
    attribute.values = numbered_values("site-", kSites, 3);
    const auto& departments = company_.attribute("department").codes;
    const Skewed picks(kSites, 0.5);
    for (std::size_t i = 0; i < people_; ++i)
      attribute.codes[i] = dice_.percent(70) ? own_site(departments[i], dice_.below(kOwnSites)) : picks.pick(dice_);
  }

  void level() {
    Attribute& attribute = add("level");
    attribute.is_number = true;
    for (std::size_t n = 1; n <= kLevels; ++n) attribute.values.push_back(std::to_string(n));
    for (auto& code : attribute.codes)
      while (code + 1 < kLevels && dice_.percent(75)) ++code;
  }

  static std::vector<std::string> countries() {
    std::vector<std::string> values;
    for (std::size_t i = 0; i < kCountries; ++i)
      values.push_back({static_cast<char>('A' + i / 8), static_cast<char>('A' + (i * 5) % 26)});
    return values;
  }

  void forget_some() {
    for (Attribute& attribute : company_.attributes)
      for (std::size_t i = 0; i < people_; ++i) attribute.unknown[i] = dice_.percent(kUnknownPercent);
    // What people are known by is known.
    company_.attribute("person_id").unknown.assign(people_, false);
  }

  void lifecycle() {
    for (std::size_t i = 0; i < people_; ++i) {
      const double share = static_cast<double>(dice_.below(1'000)) / 10;
      company_.working.push_back(share < 1 ? Working::kLeft : share < 3 ? Working::kOnLeave : Working::kActive);
      company_.hired.push_back(kToday - 30 - static_cast<std::int32_t>(dice_.below(8'000)));
      company_.superior.push_back(static_cast<std::uint32_t>(i / 12));
    }
  }

  // As the directory allocates them: family name in ASCII, then with 2, 3, ...
  void logins() {
    const auto& families = company_.attribute("family_name");
    std::map<std::string, std::uint32_t> used;
    std::vector<std::pair<const std::string, std::uint32_t>*> bases;
    for (const std::string& family : families.values) {
      std::string base;
      for (const char c : family)
        if (c >= 'A' && c <= 'Z')
          base += static_cast<char>(c - 'A' + 'a');
        else if (c >= 'a' && c <= 'z')
          base += c;
        else if (static_cast<unsigned char>(c) == 0xC3)  // the first byte of the only letter beyond ASCII
          base += 'o';
      bases.push_back(&*used.emplace(std::move(base), 0).first);
    }
    for (std::size_t i = 0; i < people_; ++i) {
      auto& [base, count] = *bases[families.codes[i]];
      company_.logins.push_back(++count == 1 ? base : base + std::to_string(count));
    }
  }

  Company& company_;
  Dice& dice_;
  std::size_t people_;
};

}  // namespace

void make_people(Company& company, Dice& dice) {
  PeopleMaker(company, dice).make();
}

// People who work and whose facts are not unknown get another department with everything that hangs on it.
void move_people(Company& company, Dice& dice) {
  Attribute& department = company.attribute("department");
  Attribute& site = company.attribute("site");
  Attribute& level = company.attribute("level");
  company.department_read = department.codes;
  const std::size_t people = company.size.identities;
  for (std::size_t i = 0; i < people; ++i) {
    if (company.working[i] != Working::kActive || !dice.percent(kMoverPercent)) continue;
    const auto departments = static_cast<std::uint32_t>(department.values.size());
    department.codes[i] = (department.codes[i] + 1 + dice.below(departments - 1)) % departments;
    site.codes[i] = own_site(department.codes[i], dice.below(kOwnSites));
    if (level.codes[i] + 1 < kLevels) ++level.codes[i];
    for (Attribute* moved : {&department, &site, &level}) moved->unknown[i] = false;
    company.movers.push_back(static_cast<std::uint32_t>(i));
  }
}

}  // namespace tenure::bench
