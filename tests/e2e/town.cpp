#include "town.hpp"

#include "demo/mainframe_operators.hpp"

#include <algorithm>
#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <tenure/base/clock.hpp>
#include <tenure/plan/plan.hpp>

namespace tenure::e2e {
namespace {

Time today() {
  const std::int64_t day = Duration::days(1).to_micros();
  return Time::from_micros(make_system_clock()->now().to_micros() / day * day);
}

}  // namespace

std::unique_ptr<Town> Town::start(int people) {
  auto folder = lab::TempFolder::create("tenure-e2e-town");
  EXPECT_TRUE(folder);
  if (!folder) return nullptr;
  std::unique_ptr<Town> town(new Town);
  // PostgreSQL does not run as root: its user has to get through to its data.
  ::chmod(folder->path().c_str(), 0711);
  town->folder_ = std::make_unique<lab::TempFolder>(std::move(*folder));
  auto nordhaven = demo::Nordhaven::start(
      {town->folder_->path(), TENURE_SOURCE_DIR "/examples/nordhaven", 20261120, people, today()});
  EXPECT_TRUE(nordhaven) << nordhaven.error().to_string();
  if (!nordhaven) return nullptr;
  town->nordhaven_ = std::move(*nordhaven);
  town->crm_seed_lines_ = lines_of(read(town->servers().crm().folder() + "/state.jsonl")).size();
  const auto journal = town->servers().ledger().superuser_sql("ALTER ROLE tenure_connector SET log_statement = 'all'");
  EXPECT_TRUE(journal) << journal.error().to_string();
  return town;
}

std::string Town::copy_of_state(const std::string& name) const {
  std::string copy = folder_->path() + "/" + name;
  std::filesystem::copy(state(), copy, std::filesystem::copy_options::recursive);
  return copy;
}

Ran Town::run_in(const std::string& state, const Words& words, const std::string& actor) {
  Invocation invocation;
  invocation.state = state;
  invocation.actor = actor;
  return run_program(words, invocation);
}

void Town::take_in() const {
  for (const Words& words :
       {Words{"init", TENURE_SOURCE_DIR "/examples/nordhaven"}, {"source", "pull"}, {"target", "read"}}) {
    const Ran ran = run(words);
    EXPECT_EQ(ran.exit, 0) << words[0] << ": " << ran.both();
  }
}

void Town::govern() const {
  for (const char* target : {"directory", "ledger", "crm", "mainframe"}) {
    const std::string digest = plan({"--onboard", target});
    approve(digest);
    const Ran applied = apply(digest);
    EXPECT_EQ(applied.exit, 0) << target << ": " << applied.both();
  }
  const std::string digest = plan();
  ASSERT_NE(digest, "");
  approve(digest);
  const Ran applied = apply(digest);
  EXPECT_TRUE(applied.exit == 0 || applied.exit == 8) << applied.both();
  work_by_hand(digest);
  const Ran ended = apply(digest);
  EXPECT_EQ(ended.exit, 0) << ended.both();
  EXPECT_EQ(plan(), "");
}

std::string Town::plan(const Words& more) const {
  Words words{"plan", "create", "-o", "json"};
  words.insert(words.end(), more.begin(), more.end());
  const Ran ran = run(words);
  EXPECT_EQ(ran.exit, 0) << ran.both();
  const json::Value view = ran.json();
  return view.int_or("changes", 0) == 0 ? "" : view.string_or("digest", "");
}

void Town::approve(const std::string& digest) const {
  for (const char* actor : {kOperator, kSecurity}) {
    const Ran ran = run({"plan", "approve", digest, "--reason", "looked at", "--release", "all"}, actor);
    EXPECT_TRUE(ran.exit == 0 || ran.exit == 7) << ran.both();
  }
}

Ran Town::apply(const std::string& digest) const {
  return run({"apply", digest, "--approve", digest, "-o", "json"});
}

std::int64_t Town::work_by_hand(const std::string& digest) const {
  const auto plan = plan::thaw(run({"plan", "show", digest, "--canonical"}).out);
  EXPECT_TRUE(plan);
  std::int64_t verified = 0;
  // What depends on a work order is issued once that one is verified: a few rounds.
  for (int round = 0; plan && round < 5; ++round) {
    const auto orders = items_of(run({"workorder", "list", "-o", "json"}).json());
    if (orders.empty()) return verified;
    auto operators = demo::MainframeOperators::at(servers().mainframe_folder());
    EXPECT_TRUE(operators);
    for (const auto& order : orders) {
      const std::string id = order.string_or("id", "");
      for (const auto& change : plan->changes)
        if (operators && change.id.str() == order.string_or("change", "")) operators->carry_out(change);
      if (order.string_or("attestation", "") != "") continue;  // said already
      const Ran done = run({"workorder", "done", id, "--statement", "typed at the console"}, "gus.holm");
      EXPECT_EQ(done.exit, 0) << done.both();
    }
    EXPECT_TRUE(operators && operators->export_now());
    const Ran reading = run({"target", "read", "mainframe", "-o", "json"});
    EXPECT_EQ(reading.exit, 0) << reading.both();
    verified += items_of(reading.json()).at(0).int_or("work_orders_verified", 0);
  }
  EXPECT_TRUE(items_of(run({"workorder", "list", "-o", "json"}).json()).empty()) << "work orders are left";
  return verified;
}

std::vector<std::string> Town::writes() const {
  std::vector<std::string> all = directory_writes();
  for (const auto& others : {ledger_writes(), crm_writes()}) all.insert(all.end(), others.begin(), others.end());
  return all;
}

std::vector<std::string> Town::directory_writes() const {
  const auto& slapd = servers().directory();
  const auto log = slapd.search(slapd.admin(), "cn=accesslog", "one",
                                "(&(objectClass=auditWriteObject)(reqAuthzID=" + slapd.connector().dn + "))",
                                "reqType reqDN reqMod");
  EXPECT_TRUE(log) << log.error().to_string();
  std::vector<std::string> writes;
  std::string one, mods;
  for (const auto& line : lines_of(log.value_or("") + "\n")) {
    if (line.starts_with("reqType:") || line.starts_with("reqDN:")) one += " " + line;
    if (line.starts_with("reqMod:") && line.find("entryCSN") == std::string::npos) mods += " " + line;
    if (!line.empty() || one.empty()) continue;
    writes.push_back("directory:" + one + mods);
    one.clear();
    mods.clear();
  }
  return writes;
}

std::vector<std::string> Town::ledger_writes() const {
  std::vector<std::string> writes;
  for (const auto& line : lines_of(read(servers().ledger().log_path()))) {
    if (line.find(" LOG:  ") == std::string::npos) continue;
    for (const char* word : {": GRANT ", ": REVOKE ", ": ALTER ROLE ", ": CREATE ROLE ", ": DROP ROLE ", ": DO "})
      if (const auto at = line.find(word); at != std::string::npos) writes.push_back("ledger" + line.substr(at));
  }
  return writes;
}

std::vector<std::string> Town::crm_writes() const {
  const auto lines = lines_of(read(servers().crm().folder() + "/state.jsonl"));
  std::vector<std::string> writes;
  for (std::size_t i = crm_seed_lines_; i < lines.size(); ++i) {
    const auto line = json::parse(lines[i]);
    if (!line || !line->find("record")) continue;
    json::Object record = line->find("record")->as_object();
    record.erase("meta");  // its version differs with every write
    writes.push_back("crm: " + line->string_or("kind", "") + " " + json::to_string(record));
  }
  return writes;
}

}  // namespace tenure::e2e
