// plan/load: a state folder (SQLite) to everybody in memory, ready to be planned. No peer: what others load, they load
// from a database row by row while they work.
//
// The file has been read before, so that the system's cache holds what it can; the figure is that of a program that
// starts again. plan/load.memory: what the process holds then.
#include "harness.hpp"
#include "populate.hpp"
#include "stored.hpp"

#include <filesystem>

#include <fmt/format.h>

#include <tenure/app/population.hpp>
#include <tenure/base/clock.hpp>
#include <tenure/base/workers.hpp>
#include <tenure/lab/process.hpp>
#include <tenure/store_sqlite/sqlite_store.hpp>

namespace tenure::bench {
namespace {

constexpr unsigned kThreads = 2;

// What must be the same on both sides of the store.
struct Content {
  std::size_t identities = 0, accounts = 0, observed = 0, given = 0, parametric = 0, claims = 0;
  friend bool operator==(const Content&, const Content&) = default;
};

Content content_of(const population::Population& population) {
  Content content;
  content.identities = population.people().present().count();
  for (const auto& target : population.targets()) {
    const population::Accounts& accounts = *population.accounts(target);
    content.accounts += accounts.rows();
    content.observed += accounts.observed().size();
    content.given += accounts.given().size();
    content.parametric += accounts.parametric_observed().size();
    for (const auto& entry : accounts.entries()) content.claims += entry.owner != population::kNobody;
  }
  return content;
}

class Stored {
 public:
  Stored(Harness& harness, const Company& company)
      : harness_(harness),
        policy_(load_policy(company)),
        folder_(harness.require(lab::TempFolder::create("bench-load"), "a folder")) {
    harness_.say("the rows of the company are written");
    Populated populated = populate(company);
    populated.population.fold();
    content_ = content_of(populated.population);
    open(true);
    harness_.require(write_rows(populated.population, *store_), "writing rows");
    open(false);
  }

  double load(std::optional<population::Population>& into) {
    const auto workers = make_workers(kThreads);
    into.reset();
    const double took = seconds([&] {
      into.emplace(harness_.require(app::load_population(*store_, policy_, *workers), "plan/load"));
      into->fold();
    });
    harness_.expect(content_of(*into) == content_, "plan/load: what was loaded is not what was written");
    return took;
  }
  double megabytes() const {
    std::uintmax_t bytes = 0;
    for (const auto& file : std::filesystem::directory_iterator(folder_.path())) bytes += file.file_size();
    return static_cast<double>(bytes) / 1e6;
  }
  const Content& content() const { return content_; }

 private:
  void open(bool create) {
    store_.reset();
    store_ = harness_.require(store_sqlite::open({folder_.path(), create}, random_, entropy_), "the store");
  }

  Harness& harness_;
  policy::PolicySet policy_;
  lab::TempFolder folder_;
  Random random_{1};
  SeededEntropy entropy_{2};
  std::unique_ptr<store::Store> store_;
  Content content_;
};

void bench_load(Harness& harness) {
  Stored stored(harness, make_company(CompanySize::of(harness.size())));
  trim_memory();
  std::optional<population::Population> population;
  std::vector<double> took;
  const std::size_t runs = harness.runs(3);
  for (std::size_t i = 0; i < runs; ++i) took.push_back(stored.load(population));
  const Content& content = stored.content();
  harness.print(
      {.bench = "plan/load",
       .value = median(took),
       .n = runs,
       .note = fmt::format("{} identities, {} accounts, {} observed and {} remembered grants; {:.0f} MB of rows",
                           content.identities, content.accounts, content.observed, content.given, stored.megabytes())});
  harness.print({.bench = "plan/load.memory",
                 .value = static_cast<double>(population->bytes()) / 1e9,
                 .unit = "GB",
                 .note = "what the population says of itself"});
}

}  // namespace
}  // namespace tenure::bench

int main(int argc, char** argv) {
  tenure::bench::Harness harness(argc, argv);
  if (harness.wants("plan/load")) tenure::bench::bench_load(harness);
  return harness.status();
}
