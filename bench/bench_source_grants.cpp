// source/grants: a target's export of 20,000,000 grants by name, in shuffled order, 960 MB, to its differences from
// what is known of the target; against DuckDB with the known grants and the names in tables.
#include "dice.hpp"
#include "duckdb.hpp"
#include "harness.hpp"

#include <algorithm>

#include <tenure/base/file.hpp>
#include <tenure/base/large_file.hpp>
#include <tenure/source/grant_export.hpp>

namespace tenure::bench {
namespace {

using population::Pair;

constexpr std::uint64_t kSeed = 20;
constexpr unsigned kThreads = 2;
constexpr std::size_t kEntitlements = 8'000;

std::string padded(std::size_t number, std::size_t digits) {
  std::string text = std::to_string(number);
  return std::string(digits - std::min(digits, text.size()), '0') + text;
}
std::string login(std::size_t account) {
  return "user" + padded(account, 7) + "@nordhaven.example";
}
std::string group(std::size_t entitlement) {
  return "cn=grp-" + padded(entitlement, 5) + "-nor";
}

// What is known of the target, and what it exports: a thousandth differs, and a few logins and groups are new.
struct Access {
  std::size_t accounts = 0;
  std::vector<Pair> known, exported;
};

Access make_access(std::size_t grants) {
  Dice dice(kSeed);
  Access out;
  out.accounts = grants * 61 / 1000;
  const Skewed bundles(400, 0.9);
  for (std::uint32_t account = 0; account < out.accounts; ++account) {
    std::vector<std::uint32_t> held = {0};  // everybody
    const std::uint32_t bundle = bundles.pick(dice);
    for (std::uint32_t i = 0; i < 8; ++i) held.push_back(1 + bundle * 8 + i);
    for (std::uint32_t i = 0; i < 7; ++i) held.push_back(3'201 + dice.below(kEntitlements - 3'201));
    if (dice.percent(40)) held.push_back(3'201 + dice.below(kEntitlements - 3'201));
    std::sort(held.begin(), held.end());
    held.erase(std::unique(held.begin(), held.end()), held.end());
    for (const std::uint32_t entitlement : held) {
      if (!dice.percent(0.05)) out.known.push_back({entitlement, account});
      if (!dice.percent(0.05)) out.exported.push_back({entitlement, account});
    }
  }
  const auto of_nobody = static_cast<std::uint32_t>(out.accounts);
  for (std::uint32_t i = 0; i < 1 + grants / 100'000; ++i)
    out.exported.push_back(
        {i % 4 == 0 ? static_cast<std::uint32_t>(kEntitlements) : dice.below(kEntitlements), of_nobody + i});
  for (std::size_t i = out.exported.size(); i > 1; --i) std::swap(out.exported[i - 1], out.exported[dice.below(i)]);
  return out;
}

std::string make_export(const std::vector<Pair>& pairs) {
  std::string text = "login,entitlement\n";
  text.reserve(pairs.size() * 50);
  for (const Pair& pair : pairs) {
    text += login(pair.account);
    text += ',';
    text += group(pair.entitlement);
    text += '\n';
  }
  return text;
}

Status load(DuckDb& duck, const Access& access) {
  std::string pairs = "entitlement,account\n";
  for (const Pair& pair : access.known)
    ((pairs += std::to_string(pair.entitlement)) += ',') += std::to_string(pair.account) + "\n";
  TENURE_CHECK_OK(write_file_atomic(duck.folder() + "/known.csv", pairs));
  std::string names = "id,name\n";
  for (std::size_t i = 0; i < access.accounts; ++i) names += std::to_string(i) + "," + login(i) + "\n";
  TENURE_CHECK_OK(write_file_atomic(duck.folder() + "/accounts.csv", names));
  names = "id,name\n";
  for (std::size_t i = 0; i < kEntitlements; ++i) names += std::to_string(i) + "," + group(i) + "\n";
  TENURE_CHECK_OK(write_file_atomic(duck.folder() + "/entitlements.csv", names));
  const auto table = [&](const std::string& name) {
    return "CREATE TABLE " + name + " AS SELECT * FROM read_csv('" + duck.folder() + "/" + name + ".csv');";
  };
  return duck.run(table("known") + table("accounts") + table("entitlements"));
}

// Grants that only one side has, and the sum of their numbers; of names that are new there is no number.
std::string question(const std::string& file) {
  return "WITH exported AS MATERIALIZED (SELECT DISTINCT e.id AS entitlement, a.id AS account, "
         "CASE WHEN e.id IS NULL OR a.id IS NULL THEN x.login || x.entitlement END AS named FROM read_csv('" +
         file +
         "', header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"') x "
         "LEFT JOIN accounts a ON a.name = x.login LEFT JOIN entitlements e ON e.name = x.entitlement) "
         "SELECT count(*) FILTER (WHERE k.account IS NULL), count(*) FILTER (WHERE n.named IS NULL AND n.account IS "
         "NULL), "
         "coalesce(sum(n.entitlement * 7 + n.account) FILTER (WHERE k.account IS NULL AND n.named IS NULL), 0), "
         "coalesce(sum(k.entitlement * 7 + k.account) FILTER (WHERE n.named IS NULL AND n.account IS NULL), 0) "
         "FROM exported n FULL OUTER JOIN known k ON n.entitlement = k.entitlement AND n.account = k.account "
         "WHERE n.account IS NULL OR k.account IS NULL OR n.entitlement IS NULL;";
}

struct Target {
  population::Dictionary accounts, entitlements;
};

Target known_names(std::size_t accounts) {
  Target out;
  out.accounts.reserve(accounts);
  for (std::size_t i = 0; i < accounts; ++i) out.accounts.intern(login(i));
  for (std::size_t i = 0; i < kEntitlements; ++i) out.entitlements.intern(group(i));
  return out;
}

std::int64_t sum_of(const std::vector<Pair>& pairs, std::size_t accounts) {
  std::int64_t sum = 0;
  for (const Pair& pair : pairs)
    if (pair.account < accounts && pair.entitlement < kEntitlements)
      sum += std::int64_t{pair.entitlement} * 7 + pair.account;
  return sum;
}

void grants(Harness& harness) {
  DuckDb duck = harness.require(DuckDb::start(), "DuckDB");
  Access access = make_access(harness.scaled(20'000'000, 10'000));
  const std::string file = duck.folder() + "/grants.csv";
  {
    const std::string text = make_export(access.exported);
    harness.say("an export of " + std::to_string(access.exported.size()) + " grants, " +
                std::to_string(text.size() / 1'000'000) + " MB");
    harness.require(write_file_atomic(file, text), "the export");
  }
  harness.require(load(duck, access), "what is known, in DuckDB");
  const auto known = population::Holders::of(std::move(access.known), kEntitlements);
  const auto workers = make_workers(kThreads);
  population::Difference difference;
  DuckDb::Answer answer;
  const Turns turns = in_turns(
      harness.runs(3),
      [&] {
        Target target = known_names(access.accounts);  // without what the last run learned
        return seconds([&] {
          const std::string bytes = harness.require(read_large_file(file, *workers), "the export");
          const auto reading = harness.require(
              source::read_grants(csv::Reader(bytes, "grants.csv"), "grants.csv", {"login", "entitlement"},
                                  target.accounts, target.entitlements, *workers),
              "the reading");
          difference = population::difference(known, reading.holders, kThreads);
        });
      },
      [&] {
        answer = harness.require(duck.time(question(file)), "the differences");
        return answer.seconds;
      });
  const auto extra = static_cast<std::int64_t>(difference.only_right.size());
  const auto missing = static_cast<std::int64_t>(difference.only_left.size());
  harness.expect(missing > 0, "source/grants: something is missing");
  harness.expect_equal(extra, answer.number(0, 0), "source/grants: only exported");
  harness.expect_equal(missing, answer.number(0, 1), "source/grants: only known");
  harness.expect_equal(sum_of(difference.only_right, access.accounts), answer.number(0, 2),
                       "source/grants: sum of what is only exported");
  harness.expect_equal(sum_of(difference.only_left, access.accounts), answer.number(0, 3),
                       "source/grants: sum of what is only known");
  harness.print("source/grants", turns, duck.name(), "from the file to the differences, 2 threads");
}

}  // namespace
}  // namespace tenure::bench

int main(int argc, char** argv) {
  tenure::bench::Harness harness(argc, argv);
  if (harness.wants("source/grants")) tenure::bench::grants(harness);
  return harness.status();
}
