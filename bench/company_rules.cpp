#include "company_parts.hpp"

#include <algorithm>

namespace tenure::bench {
namespace {

std::string quoted(char quote, const std::string& text) {
  return quote + text + quote;
}

Holds from(bool unknown, bool holds) {
  return unknown ? Holds::kUnknown : holds ? Holds::kYes : Holds::kNo;
}

Holds both(Holds a, Holds b) {
  if (a == Holds::kNo || b == Holds::kNo) return Holds::kNo;
  return a == Holds::kYes && b == Holds::kYes ? Holds::kYes : Holds::kUnknown;
}

Holds either(Holds a, Holds b) {
  if (a == Holds::kYes || b == Holds::kYes) return Holds::kYes;
  return a == Holds::kNo && b == Holds::kNo ? Holds::kNo : Holds::kUnknown;
}

// The attributes that rules read, found once.
class Judge {
 public:
  Judge(const Company& company, Knowledge knowledge)
      : department_(company.attribute("department")),
        site_(company.attribute("site")),
        level_(company.attribute("level")),
        country_(company.attribute("country")),
        status_(company.attribute("status")),
        worker_type_(company.attribute("worker_type")),
        knowledge_(knowledge) {}

  Holds holds(const Rule& rule, std::size_t i) const {
    if (rule.by_department)
      return both(is(department_, i, rule.department),
                  either(is(site_, i, rule.site), from(blank(level_, i), level_.codes[i] >= rule.level)));
    const auto& list = rule.countries;
    const Holds country =
        from(blank(country_, i), std::find(list.begin(), list.end(), country_.codes[i]) != list.end());
    const Holds other = from(blank(worker_type_, i), worker_type_.codes[i] != rule.worker_type);
    return both(both(country, is(status_, i, rule.status)), other);
  }

 private:
  bool blank(const Attribute& attribute, std::size_t i) const {
    return knowledge_ == Knowledge::kSure && attribute.unknown[i];
  }
  Holds is(const Attribute& attribute, std::size_t i, std::uint32_t code) const {
    return from(blank(attribute, i), attribute.codes[i] == code);
  }

  const Attribute &department_, &site_, &level_, &country_, &status_, &worker_type_;
  Knowledge knowledge_;
};

}  // namespace

void make_rules(Company& company, Dice& dice) {
  const std::size_t by_department = company.size.rules * 7 / 10;
  const auto departments = static_cast<std::uint32_t>(company.size.departments);
  const auto statuses = company.attribute("status").values.size();
  const auto worker_types = company.attribute("worker_type").values.size();
  for (std::size_t r = 0; r < company.size.rules; ++r) {
    Rule rule;
    rule.by_department = r < by_department;
    if (rule.by_department) {
      rule.department = static_cast<std::uint32_t>(r) % departments;
      rule.site = own_site(rule.department, dice.below(kOwnSites));
      rule.level = 5 + dice.below(kLevels - 5);
    } else {
      rule.countries[0] = dice.below(kCountries);
      do rule.countries[1] = dice.below(kCountries);
      while (rule.countries[1] == rule.countries[0]);
      do rule.countries[2] = dice.below(kCountries);
      while (rule.countries[2] == rule.countries[0] || rule.countries[2] == rule.countries[1]);
      rule.status = dice.below(statuses);
      rule.worker_type = dice.below(worker_types);
    }
    company.rules.push_back(std::move(rule));
  }
}

Holds holds(const Company& company, const Rule& rule, std::size_t identity) {
  return Judge(company, Knowledge::kSure).holds(rule, identity);
}

Buckets buckets_of(const Company& company, std::string_view attribute, Knowledge knowledge) {
  const Attribute& from = company.attribute(attribute);
  Buckets buckets;
  buckets.by_code.resize(from.values.size());
  for (std::uint32_t i = 0; i < company.size.identities; ++i)
    if (knowledge == Knowledge::kSure && from.unknown[i])
      buckets.unknown.push_back(i);
    else
      buckets.by_code[from.codes[i]].push_back(i);
  return buckets;
}

std::vector<Members> members_by(const Company& company, Knowledge knowledge) {
  const Judge judge(company, knowledge);
  const Buckets departments = buckets_of(company, "department", knowledge);
  const Buckets countries = buckets_of(company, "country", knowledge);
  std::vector<Members> all;
  for (const Rule& rule : company.rules) {
    Members members;
    const auto look = [&](const std::vector<std::uint32_t>& rows) {
      for (const std::uint32_t row : rows) {
        const Holds holds = judge.holds(rule, row);
        if (holds == Holds::kYes) members.yes.push_back(row);
        if (holds == Holds::kUnknown) members.unknown.push_back(row);
      }
    };
    if (rule.by_department) {
      look(departments.by_code[rule.department]);
      look(departments.unknown);
    } else {
      for (const std::uint32_t country : rule.countries) look(countries.by_code[country]);
      look(countries.unknown);
    }
    std::sort(members.yes.begin(), members.yes.end());
    std::sort(members.unknown.begin(), members.unknown.end());
    all.push_back(std::move(members));
  }
  return all;
}

std::vector<Members> members_of(const Company& company) {
  return members_by(company, Knowledge::kSure);
}

std::string cel_of(const Company& company, const Rule& rule) {
  const auto text = [&](std::string_view attribute, std::uint32_t code) {
    return quoted('"', company.attribute(attribute).values[code]);
  };
  if (rule.by_department)
    return "identity.department == " + text("department", rule.department) +
           " && (identity.site == " + text("site", rule.site) +
           " || identity.level >= " + company.attribute("level").values[rule.level] + ")";
  return "identity.country in [" + text("country", rule.countries[0]) + ", " + text("country", rule.countries[1]) +
         ", " + text("country", rule.countries[2]) + "] && identity.status == " + text("status", rule.status) +
         " && !(identity.worker_type == " + text("worker_type", rule.worker_type) + ")";
}

RuleParts sql_parts_of(const Company& company, const Rule& rule) {
  const auto text = [&](std::string_view attribute, std::uint32_t code) {
    return quoted('\'', company.attribute(attribute).values[code]);
  };
  if (rule.by_department)
    return {
        "department = " + text("department", rule.department),
        "(site = " + text("site", rule.site) + " OR level >= " + company.attribute("level").values[rule.level] + ")"};
  return {"status = " + text("status", rule.status),
          "country IN (" + text("country", rule.countries[0]) + "," + text("country", rule.countries[1]) + "," +
              text("country", rule.countries[2]) + ") AND NOT worker_type = " + text("worker_type", rule.worker_type)};
}

std::string sql_of(const Company& company, const Rule& rule) {
  const RuleParts parts = sql_parts_of(company, rule);
  return "(" + parts.common + " AND " + parts.rest + ")";
}

}  // namespace tenure::bench
