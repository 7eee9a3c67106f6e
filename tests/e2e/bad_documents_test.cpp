// Documents that people write: every fault at once, each with file, line, column, what was expected and what to do.
#include "program.hpp"

#include <filesystem>

#include <gtest/gtest.h>

namespace tenure::e2e {
namespace {

class BadDocuments : public ::testing::Test {
 protected:
  void SetUp() override {
    auto folder = lab::TempFolder::create("tenure-e2e-policy");
    ASSERT_TRUE(folder);
    folder_ = std::make_unique<lab::TempFolder>(std::move(*folder));
    policy_ = folder_->path() + "/policy";
    std::filesystem::copy(TENURE_SOURCE_DIR "/examples/nordhaven", policy_, std::filesystem::copy_options::recursive);
  }
  void replace(const std::string& file, const std::string& what, const std::string& with) const {
    std::string text = read(policy_ + "/" + file);
    const auto at = text.find(what);
    ASSERT_NE(at, std::string::npos) << what << " in " << file;
    write(policy_ + "/" + file, text.replace(at, what.size(), with));
  }
  Ran check() const { return run_program({"policy", "check", policy_, "-o", "json"}, {.state = "", .actor = ""}); }

  std::unique_ptr<lab::TempFolder> folder_;
  std::string policy_;
};

const json::Value* of_file(const std::vector<json::Value>& faults, const std::string& file) {
  for (const auto& fault : faults)
    if (fault.string_or("file", "").ends_with(file)) return &fault;
  return nullptr;
}

void expect_complete(const json::Value& fault) {
  const std::string text = json::to_string(fault);
  EXPECT_GT(fault.int_or("line", 0), 0) << text;
  EXPECT_GT(fault.int_or("column", 0), 0) << text;
  for (const char* member : {"file", "code", "message", "expected", "remedy"})
    EXPECT_NE(fault.string_or(member, ""), "") << member << ": " << text;
}

TEST_F(BadDocuments, GoodOnesHaveNoFaults) {
  const Ran ran = check();
  EXPECT_EQ(ran.exit, 0) << ran.both();
  EXPECT_TRUE(ran.said("diagnostic/v1").empty());
}

TEST_F(BadDocuments, EveryFaultOfEveryFileAtOnce) {
  replace("roles/finance.yaml", "kind: Role", "kind: Role\n  bad: [1,");            // YAML
  replace("roles/hr.yaml", "assign: ", "assign: 1 + + && ");                        // YAML and CEL
  replace("roles/sales.yaml", "identity.level >= 3", "identity.levle >= 3");        // a name that is not declared
  replace("roles/marketing.yaml", "target: crm", "target: crmm");                   // a name that does not exist
  replace("roles/it.yaml", "identity.level >= 5", "identity.level >= \"five\"");    // a type
  replace("roles/operations.yaml", "identity.level >= 4", "(identity.level >= 4");  // CEL
  replace("sources/hr.yaml", "shrink_percent_max: 20", "shrink_percent_max: many");
  replace("policies/guard.yaml", "share_percent_max: 20", "share_per_cent_max: 20");
  const Ran ran = check();
  EXPECT_EQ(ran.exit, 1) << ran.both();
  const json::Value summary = ran.json();
  EXPECT_EQ(summary.string_or("outcome", ""), "failed");
  const auto faults = ran.said("diagnostic/v1");
  EXPECT_EQ(static_cast<std::int64_t>(faults.size()), summary.int_or("errors", 0) + summary.int_or("warnings", 0));
  for (const char* file : {"finance.yaml", "hr.yaml", "sales.yaml", "marketing.yaml", "it.yaml", "operations.yaml",
                           "sources/hr.yaml", "guard.yaml"}) {
    const auto* fault = of_file(faults, file);
    ASSERT_NE(fault, nullptr) << file << "\n" << ran.err;
    expect_complete(*fault);
  }
  EXPECT_EQ(of_file(faults, "finance.yaml")->string_or("code", ""), "E-2001");
  EXPECT_EQ(of_file(faults, "sales.yaml")->string_or("code", ""), "E-2103");
  EXPECT_EQ(of_file(faults, "sales.yaml")->string_or("remedy", ""), "did you mean \"level\"?");
  EXPECT_EQ(of_file(faults, "marketing.yaml")->string_or("code", ""), "E-2003");
  EXPECT_EQ(of_file(faults, "it.yaml")->string_or("code", ""), "E-2102");
  EXPECT_EQ(of_file(faults, "operations.yaml")->string_or("code", ""), "E-2101");

  // People read the same places.
  const Ran people = run_program({"policy", "check", policy_}, {.state = "", .actor = ""});
  EXPECT_EQ(people.exit, 1);
  for (const auto& fault : faults) {
    const std::string place = fault.string_or("file", "") + ":" + std::to_string(fault.int_or("line", 0)) + ":" +
                              std::to_string(fault.int_or("column", 0));
    EXPECT_NE(people.err.find(place), std::string::npos) << place << "\n" << people.err;
  }
}

TEST_F(BadDocuments, NothingIsMadeOfThem) {
  replace("roles/sales.yaml", "identity.level >= 3", "identity.levle >= 3");
  const std::string state = folder_->path() + "/state";
  const Ran ran = run_program({"init", policy_}, {.state = state});
  EXPECT_EQ(ran.exit, 1) << ran.both();
  EXPECT_NE(ran.err.find("sales.yaml:"), std::string::npos) << ran.err;
  EXPECT_FALSE(std::filesystem::exists(state + "/tenure.db"));
}

// A policy that breaks later stops every command that would decide something by it.
TEST_F(BadDocuments, BrokenLaterStopsWhatWouldUseThem) {
  const std::string state = folder_->path() + "/state";
  ASSERT_EQ(run_program({"init", policy_}, {.state = state}).exit, 0);
  replace("roles/sales.yaml", "identity.level >= 3", "identity.levle >= 3");
  for (const Words& words : {Words{"source", "pull"}, {"target", "read"}, {"plan", "create"}, {"apply"}}) {
    const Ran ran = run_program(words, {.state = state});
    EXPECT_EQ(ran.exit, 1) << words[0] << ": " << ran.both();
    EXPECT_NE(ran.err.find("sales.yaml:"), std::string::npos) << ran.err;
    EXPECT_EQ(ran.out, "");
  }
}

}  // namespace
}  // namespace tenure::e2e
