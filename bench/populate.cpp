#include "populate.hpp"

#include <cstdio>
#include <cstdlib>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/policy/load.hpp>
#include <tenure/population/loading.hpp>

namespace tenure::bench {
namespace {

using population::AccountsLoader;
using population::Column;
using population::PeopleLoader;

const model::SourceName kHr("hr");
constexpr std::int64_t kDayMicros = 86'400'000'000;

Time on_day(std::int64_t day) {
  return Time::from_micros(day * kDayMicros);
}
Time now() {
  return on_day(kToday) + Duration::hours(9);
}
Time read_at() {
  return now() - Duration::days(1);
}
Time years_ago() {
  return on_day(kToday - 700);
}

std::vector<std::string_view> views_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

Column column_of(const Attribute& attribute, const std::vector<std::uint32_t>& rows_codes, bool with_unknown) {
  Column column(rows_codes.size());
  std::vector<Column::Code> codes(attribute.values.size());
  if (attribute.is_number)
    for (std::size_t i = 0; i < codes.size(); ++i)
      codes[i] = column.intern(json::Value(std::stoi(attribute.values[i])));
  else
    column.intern_texts(views_of(attribute.values), codes);
  std::vector<Column::Code> rows;
  rows.reserve(rows_codes.size());
  for (const std::uint32_t code : rows_codes) rows.push_back(codes[code]);
  population::Bitmap unknown(with_unknown ? rows.size() : 0);
  for (std::size_t row = 0; row < unknown.size(); ++row)
    if (attribute.unknown[row]) unknown.set(row);
  column.assign(rows, std::move(unknown));
  return column;
}

// Texts by account, each interned once.
Column text_column(const std::vector<std::string>& texts) {
  Column column(texts.size());
  std::vector<Column::Code> codes(texts.size());
  column.intern_texts(views_of(texts), codes);
  column.assign(codes, {});
  return column;
}

std::vector<std::uint32_t> one_each(std::size_t identities) {
  std::vector<std::uint32_t> offsets(identities + 1);
  for (std::size_t i = 0; i <= identities; ++i) offsets[i] = static_cast<std::uint32_t>(i);
  return offsets;
}

void load_facts(const Company& company, PeopleLoader& loader) {
  const std::vector<PeopleLoader::Provenance> provenances = {{kHr, years_ago()}, {kHr, now() - Duration::hours(2)}};
  std::vector<std::uint32_t> moved(company.size.identities, 0);
  for (const std::uint32_t mover : company.movers) moved[mover] = 1;
  for (const Attribute& attribute : company.attributes) {
    Column column = column_of(attribute, attribute.codes, true);
    const bool changes = attribute.name == "department" || attribute.name == "site" || attribute.name == "level";
    if (changes)
      loader.facts(attribute.name, std::move(column), provenances, moved);
    else
      loader.facts(attribute.name, std::move(column), provenances[0]);
  }
}

class TargetFiller {
 public:
  TargetFiller(const Company& company, std::size_t target, population::Population& population)
      : company_(company),
        target_(company.targets[target]),
        is_directory_(target == 0),
        loader_(population, model::TargetName(target_.name)) {}

  void fill(const model::Observation& head) {
    load_accounts();
    std::vector<std::string_view> ids;
    for (const std::uint32_t number : target_.entitlements) ids.push_back(company_.entitlements[number].id);
    loader_.entitlements(ids);
    loader_.reading(head);
    load_attributes();
    loader_.claims(target_.owners, "correlated by employeeNumber", years_ago());
    load_observed();
    load_given();
    if (is_directory_) loader_.names("uid", views_of(company_.logins), target_.owners, years_ago());
    loader_.finish();
  }

 private:
  void load_accounts() {
    std::vector<std::string> ids, names;
    for (std::size_t account = 0; account < target_.owners.size(); ++account) {
      ids.push_back(account_id(target_, account));
      names.push_back(company_.logins[target_.owners[account]]);
    }
    loader_.accounts(views_of(ids), views_of(names));
    loader_.classes(loader_.account_class("people"));
    population::Bitmap enabled(target_.owners.size());
    for (std::size_t account = 0; account < target_.owners.size(); ++account)
      if (company_.working[target_.owners[account]] == Working::kActive) enabled.set(account);
    loader_.enabled(enabled);
  }

  void load_attributes() {
    const Attribute &given = company_.attribute("given_name"), &family = company_.attribute("family_name"),
                    &number = company_.attribute("person_id");
    std::vector<std::string> names, numbers;
    for (const std::uint32_t owner : target_.owners) {
      names.push_back(given.text(owner) + " " + family.text(owner));
      numbers.push_back(number.text(owner));
    }
    loader_.attribute("cn", text_column(names));
    loader_.attribute("employeeNumber", text_column(numbers));
    if (!is_directory_) return;
    loader_.attribute("departmentNumber", column_of(company_.attribute("department"), company_.department_read, false));
    loader_.attribute("uid", text_column(company_.logins));
  }

  std::uint32_t parameters_code(std::uint32_t number) {
    const Entitlement& entitlement = company_.entitlements[number];
    return entitlement.access.empty() ? 0 : loader_.parameters(parameters_of(entitlement));
  }

  static population::Holders holders_of(const Holding& holding) {
    return population::Holders::sorted(holding.offsets, holding.accounts);
  }

  void load_observed() {
    std::vector<population::Parametric> parametric;
    for (std::uint32_t e = 0; e < target_.entitlements.size(); ++e) {
      const std::uint32_t parameters = parameters_code(target_.entitlements[e]);
      if (parameters == 0) continue;
      for (std::uint64_t at = target_.observed.offsets[e]; at < target_.observed.offsets[e + 1]; ++at)
        parametric.push_back({{e, target_.observed.accounts[at]}, parameters});
    }
    loader_.observed(holders_of(target_.observed), std::move(parametric));
  }

  void load_given() {
    const std::vector<std::uint32_t> givers = givers_of(company_);
    std::vector<std::uint32_t> records;
    records.reserve(target_.given.accounts.size());
    std::vector<std::pair<population::Parametric, std::uint32_t>> parametric;
    for (std::uint32_t e = 0; e < target_.entitlements.size(); ++e) {
      const std::uint32_t number = target_.entitlements[e];
      model::Decision decision;
      decision.kind = model::DecisionKind::kGranted;
      decision.actor = "role " + (givers[number] == kNobodysRule ? "all-staff" : role_name(givers[number]));
      decision.reason = "given by " + decision.actor;
      decision.since = years_ago();
      const std::uint32_t record = loader_.record(decision);
      const std::uint32_t parameters = parameters_code(number);
      for (std::uint64_t at = target_.given.offsets[e]; at < target_.given.offsets[e + 1]; ++at) {
        records.push_back(record);
        if (parameters != 0) parametric.push_back({{{e, target_.given.accounts[at]}, parameters}, record});
      }
    }
    loader_.given(holders_of(target_.given), records, std::move(parametric));
  }

  const Company& company_;
  const CompanyTarget& target_;
  bool is_directory_;
  AccountsLoader loader_;
};

// When the target was read, what it covered, which rights there are and which are nested in others.
model::Observation head_of(const Company& company, const CompanyTarget& target) {
  model::Observation head;
  head.target = model::TargetName(target.name);
  head.read_at = read_at();
  head.coverage.complete = true;
  for (const std::uint32_t number : target.entitlements)
    head.entitlements.push_back({model::EntitlementId(company.entitlements[number].id), ""});
  for (const auto& [inner, outer] : target.nesting) {
    const auto id = [&](std::uint32_t index) {
      return model::EntitlementId(company.entitlements[target.entitlements[index]].id);
    };
    head.grants.push_back({model::Holder{{}, id(inner)}, id(outer), ""});
  }
  head.sort();
  return head;
}

}  // namespace

void populate_people(const Company& company, population::People& people) {
  const std::size_t count = company.size.identities;
  PeopleLoader loader(people, count);
  const std::vector<std::string_view> keys = views_of(company.attribute("person_id").values);
  loader.keys(keys);
  loader.kinds(std::vector<model::IdentityKind>(count, model::IdentityKind::kPerson));
  load_facts(company, loader);

  std::vector<std::uint32_t> key_codes(count);
  loader.record_keys(keys, key_codes);
  const std::uint32_t hr = loader.source(kHr.str()), manager = loader.relation_kind("manager");
  const std::uint32_t statuses[] = {loader.status("active"), loader.status("leave"), loader.status("terminated")};
  std::vector<population::People::Period> periods;
  std::vector<population::People::Link> links;
  std::vector<population::People::Record> records;
  for (std::size_t row = 0; row < count; ++row) {
    const Working working = company.working[row];
    const Time end = working == Working::kLeft ? on_day(kToday - 10) : Time::never();
    periods.push_back(
        {on_day(company.hired[row]), end, statuses[static_cast<std::size_t>(working)], hr, key_codes[row]});
    links.push_back({model::IdentityId(std::int64_t{company.superior[row]} + 1), manager, hr});
    records.push_back({hr, key_codes[row]});
  }
  loader.periods(one_each(count), std::move(periods));
  loader.relations(one_each(count), std::move(links));
  loader.records(one_each(count), std::move(records));
  loader.finish();
}

Populated populate(const Company& company) {
  Populated made;
  made.setting.now = now();
  made.setting.policy_since = years_ago();
  populate_people(company, made.population.people());
  for (std::size_t t = 0; t < company.targets.size(); ++t) {
    model::Observation head = head_of(company, company.targets[t]);
    TargetFiller(company, t, made.population).fill(head);
    plan::TargetView& view = made.setting.targets[head.target];
    view.state.target = head.target;
    view.state.managed = true;
    view.state.managed_since = years_ago();
    view.state.last_full_read = head.read_at;
    view.observed = std::move(head);
  }
  made.population.settle();
  return made;
}

policy::PolicySet load_policy(const Company& company) {
  Diagnostics diagnostics;
  auto policy = policy::load(policy_of(company), diagnostics);
  if (!policy) {
    std::fprintf(stderr, "the policy of the company: %s\n", diagnostics.to_error().to_string().c_str());
    std::abort();
  }
  return std::move(*policy);
}

}  // namespace tenure::bench
