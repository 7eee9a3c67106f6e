// policy what-if: an edited rule, and edited facts.
#include "commands/village.hpp"

#include <filesystem>
#include <fstream>

#include <tenure/base/file.hpp>

namespace tenure::cli {
namespace {

class WhatIf : public Village {
 protected:
  void SetUp() override {
    Village::SetUp();
    found();
    people({"P1,Anna,Berg,Sales,active", "P2,Carl,Dahl,Ops,active", "P3,Eve,Ek,Retail,active"});
    const Ran pulled = run({"source", "pull"});
    ASSERT_EQ(pulled.exit, Exit::kOk) << pulled.both();
  }
};

TEST_F(WhatIf, AnEditedRule) {
  std::string text = read_file(folder_ + "/policy/tenure.yaml").value();
  const std::string before = "identity.department == \"Sales\"";
  text.replace(text.find(before), before.size(), "identity.department == \"Retail\"");
  write("edited/tenure.yaml", text);
  const Ran ran = run({"policy", "what-if", folder_ + "/edited", "--exit-code"});
  EXPECT_EQ(ran.exit, Exit::kNotEmpty) << ran.both();
  EXPECT_NE(ran.out.find("+ 1  - 1 for 2 identities; nothing was touched."), std::string::npos) << ran.out;
  const Ran json = run({"policy", "what-if", folder_ + "/edited", "-o", "json"});
  ASSERT_EQ(json.items().size(), 2U) << json.out;
  for (const auto& item : json.items()) EXPECT_EQ(item.string_or("entitlement", ""), "sales");
  const Ran same = run({"policy", "what-if", folder_ + "/policy", "--exit-code"});
  EXPECT_EQ(same.exit, Exit::kOk) << same.both();
}

TEST_F(WhatIf, EditedFacts) {
  const Ran ran = run({"policy", "what-if", "--identity", "P2", "--set", "department=Sales", "--full"});
  EXPECT_EQ(ran.exit, Exit::kOk) << ran.both();
  EXPECT_NE(ran.out.find("+ P2  office:sales"), std::string::npos) << ran.out;
}

TEST_F(WhatIf, WhatCannotBeAskedIsSaid) {
  EXPECT_EQ(run({"policy", "what-if"}).exit, Exit::kUsage);
  EXPECT_EQ(run({"policy", "what-if", "--identity", "P2"}).exit, Exit::kUsage);
  EXPECT_EQ(run({"policy", "what-if", "--identity", "P2", "--set", "department"}).exit, Exit::kUsage);
  EXPECT_EQ(run({"policy", "what-if", "--identity", "P2", "--set", "departmet=Sales"}).exit, Exit::kNotFound);
  EXPECT_EQ(run({"policy", "what-if", folder_ + "/nowhere"}).exit, Exit::kFailed);
}

}  // namespace
}  // namespace tenure::cli
