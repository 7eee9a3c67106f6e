// The demonstration as everybody runs it, and what it leaves: nothing, or a log that others can check.
#include "program.hpp"

#include <filesystem>

#include <gtest/gtest.h>
#include <sys/stat.h>

namespace tenure::e2e {
namespace {

namespace fs = std::filesystem;

lab::ToolOutput sumdb_check(const std::string& state) {
  std::string vkey = read(state + "/vkey");
  while (vkey.ends_with('\n')) vkey.pop_back();
  auto output = lab::run_tool(
      {.argv = {TENURE_SUMDB_CHECK, "-log", state + "/log", "-vkey", vkey}, .environment = lab::plain_environment()},
      Duration::seconds(60));
  EXPECT_TRUE(output) << output.error().to_string();
  return output.value_or(lab::ToolOutput{.status = -1, .text = ""});
}

void expect_held(const Ran& ran) {
  ASSERT_EQ(ran.exit, 0) << ran.both();
  const json::Value summary = ran.json();
  EXPECT_EQ(summary.string_or("schema", ""), "demo/v1");
  EXPECT_EQ(summary.string_or("outcome", ""), "ok");
  EXPECT_EQ(summary.int_or("checks_failed", -1), 0) << ran.err;
  EXPECT_GT(summary.int_or("checks", 0), 100);
  EXPECT_TRUE(summary.bool_or("evidence_verified", false));
  EXPECT_GT(summary.int_or("changes_verified", 0), 0);
  EXPECT_GT(summary.int_or("work_orders_verified", 0), 0);
  const auto* times = summary.find("leaver_to_verified_seconds");
  ASSERT_NE(times, nullptr);
  for (const char* target : {"directory", "ledger", "crm"}) EXPECT_NE(times->find(target), nullptr) << target;
}

TEST(Demo, HoldsAndLeavesNothingBehind) {
  auto folder = lab::TempFolder::create("tenure-e2e-demo");
  ASSERT_TRUE(folder);
  ::chmod(folder->path().c_str(), 0711);  // PostgreSQL's user has to get through
  expect_held(run_program({"demo", "--once", "--people", "300", "-o", "json"},
                          {.state = "", .actor = "", .environment = {"TMPDIR=" + folder->path()}}));
  for (const auto& entry : fs::directory_iterator(folder->path())) ADD_FAILURE() << entry.path() << " is left behind";
}

TEST(Demo, LogIsAcceptedByOthersAndAFlippedByteIsNot) {
  auto folder = lab::TempFolder::create("tenure-e2e-demo");
  ASSERT_TRUE(folder);
  ::chmod(folder->path().c_str(), 0711);  // PostgreSQL's user has to get through
  expect_held(run_program({"demo", "--once", "--people", "120", "--folder", folder->path() + "/kept", "-o", "json"},
                          {.state = "", .actor = ""}));
  const std::string state = folder->path() + "/kept/state";
  const lab::ToolOutput good = sumdb_check(state);
  EXPECT_EQ(good.status, 0) << good.text;
  const Invocation here{.state = state};
  const Ran verified = run_program({"evidence", "verify", "-o", "json"}, here);
  EXPECT_EQ(verified.exit, 0) << verified.both();
  const std::int64_t records = verified.json().int_or("records", -1);
  EXPECT_NE(good.text.find("\"entries\":" + std::to_string(records) + ","), std::string::npos) << good.text;

  // One byte in the middle of one bundle of entries.
  std::string bundle;
  for (const auto& entry : fs::recursive_directory_iterator(state + "/log"))
    if (entry.is_regular_file() && entry.path().string().find("/entries/") != std::string::npos && bundle.empty())
      bundle = entry.path();
  ASSERT_NE(bundle, "");
  const std::string content = read(bundle);
  std::string bent = content;
  bent[bent.size() / 2] = static_cast<char>(bent[bent.size() / 2] ^ 1);
  write(bundle, bent);
  EXPECT_EQ(sumdb_check(state).status, 1);
  const Ran broken = run_program({"evidence", "verify", "-o", "json"}, here);
  EXPECT_EQ(broken.exit, 9) << broken.both();
  EXPECT_EQ(broken.json().string_or("outcome", ""), "broken");
  write(bundle, content);
  EXPECT_EQ(sumdb_check(state).status, 0);
  EXPECT_EQ(run_program({"evidence", "verify"}, here).exit, 0);
}

}  // namespace
}  // namespace tenure::e2e
