// Steps and deputies from the words of the command line.
#include "commands/village.hpp"

namespace tenure::cli {
namespace {

class Approvals : public Village {
 protected:
  void SetUp() override {
    Village::SetUp();
    found(R"(apiVersion: tenure/v1
kind: Approval
metadata: { name: ordinary, owner: bo.lind }
otherwise: true
steps:
  - { approvers: [bo.lind], escalate: { after: 2d, to: [security] } }
  - { approvers: [security] }
)",
          "deputies: { bo.lind: [cai.moe, { name: eve.fox, from: 2020-01-01, until: 2020-02-01 }] }\n");
    people({"P1,Anna,Berg,Sales,active"});
    office({"printer,ACTIVE,"}, {"printer,staff"});
    for (const char* noun : {"source", "target"})
      ASSERT_EQ(run({noun, noun == std::string("source") ? "pull" : "read"}).exit, Exit::kOk);
    const Ran made = run({"plan", "create", "--onboard", "office", "-o", "json"});
    digest_ = made.json().string_or("digest", "");
    ASSERT_NE(digest_, "") << made.both();
  }
  Ran approve(const std::string& person) { return run({"plan", "approve", digest_, "--reason", "seen"}, person); }
  std::string digest_;
};

TEST_F(Approvals, OneStepAfterAnotherAndADeputyInPlaceOfTheirPrincipal) {
  EXPECT_EQ(approve("eve.fox").exit, Exit::kRefused) << "her term as a deputy is over";
  EXPECT_EQ(approve("dee.roy").exit, Exit::kRefused);
  // Cai stands in for Bo in the first step; in the second step Cai was heard already.
  ASSERT_EQ(approve("cai.moe").exit, Exit::kOk);
  const Ran shown = run({"plan", "show", digest_});
  EXPECT_NE(shown.out.find("ordinary: 1 of bo.lind (after 2d also security), then 1 of security"), std::string::npos)
      << shown.out;
  EXPECT_NE(shown.out.find("operator:cai.moe in place of operator:bo.lind"), std::string::npos) << shown.out;
  EXPECT_NE(shown.out.find("waits: ordinary: step 2 of 2, 1 more of security"), std::string::npos) << shown.out;
  EXPECT_NE(run({"apply", digest_, "--approve", digest_}).exit, Exit::kOk);
  approve("cai.moe");
  EXPECT_NE(run({"plan", "show", digest_}).out.find("step 2 of 2"), std::string::npos);
}

TEST_F(Approvals, StatusSaysWhoIsAskedAndWhatTimeDoesToIt) {
  const Ran ran = run({"status"});
  EXPECT_NE(ran.out.find("waits for ordinary: step 1 of 2, 1 more of bo.lind, asked "), std::string::npos) << ran.out;
  EXPECT_NE(ran.out.find("; escalates in 4"), std::string::npos) << ran.out;  // 2 d are 47 h and a bit
  const Ran json = run({"status", "-o", "json"});
  const json::Value document = json.json();
  ASSERT_NE(document.find("approvals_waiting"), nullptr);
  const json::Value& first = document.find("approvals_waiting")->as_array().at(0);
  EXPECT_EQ(first.string_or("plan", ""), digest_);
  EXPECT_FALSE(first.bool_or("escalated", true));
  ASSERT_EQ(approve("bo.lind").exit, Exit::kOk);
  EXPECT_NE(run({"status"}).out.find("step 2 of 2, 1 more of security"), std::string::npos);
}

}  // namespace
}  // namespace tenure::cli
