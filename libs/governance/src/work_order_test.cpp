// Work orders beyond the straight way: given back, rejected, noted, witnessed; whom time adds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tenure/governance/work_order.hpp>

namespace tenure::governance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Time kNow = Time::parse("2026-11-20").value();

Person person(const std::string& id) {
  return {id, {evidence::ActorKind::kPerson, "ref"}};
}

WorkOrder order(bool readable = true) {
  plan::Change change;
  change.id = model::ChangeId("0123456789abcdef");
  change.verb = plan::Verb::kRevoke;
  change.target = model::TargetName("vault");
  change.account.name = "mfjones";
  change.entitlement = model::EntitlementId("key-7");
  WorkTemplates words;
  words.owner = "gus";
  words.readable = readable;
  words.escalation = {{Duration::days(1), {"operators"}}, {Duration::days(3), {"security", "operators"}}};
  return issue(change, "run", model::CaseId("case"), words, kNow).row;
}

template <class T>
Reason reason_of(const Result<T>& result) {
  return result ? Reason::kInternal : result.error().reason();
}

TEST(WorkOrders, WhoeverClaimedGivesBack) {
  const WorkOrder claimed = claim(order(), person("cy"), kNow)->row;
  EXPECT_EQ(reason_of(release(claimed, person("dee"), "", kNow)), Reason::kWorkOrderState);
  const auto free = release(claimed, person("cy"), "ill", kNow);
  ASSERT_TRUE(free);
  EXPECT_EQ(free->row.state, WorkOrderState::kOpen);
  EXPECT_EQ(free->row.claimed_by, "");
  EXPECT_EQ(free->records.at(0).type, evidence::event::kWorkorderReleased);
  EXPECT_EQ(reason_of(release(free->row, person("cy"), "", kNow)), Reason::kWorkOrderState);
}

TEST(WorkOrders, ARejectionSaysWhyAndEndsNothing) {
  const auto rejected = reject(order(), person("cy"), "the cabinet is locked", kNow);
  ASSERT_TRUE(rejected);
  EXPECT_TRUE(rejected->row.open());
  EXPECT_EQ(reason_of(reject(order(), person("cy"), "", kNow)), Reason::kWorkOrderState);
  EXPECT_TRUE(claim(rejected->row, person("dee"), kNow));
  EXPECT_EQ(observe(rejected->row, true, kNow, kNow).row.state, WorkOrderState::kVerified);
  EXPECT_EQ(work_order_from_json(to_json(rejected->row)), rejected->row);
}

TEST(WorkOrders, FilesAreKnownByDigestAndSize) {
  const Attachment file{Digest::of("x"), "photo.jpg", 1, "cy", kNow};
  const auto noted = note(order(), person("cy"), "see photo", {file}, kNow);
  ASSERT_TRUE(noted);
  EXPECT_THAT(noted->row.attachments, ElementsAre(file));
  EXPECT_EQ(noted->row.notes.at(0).text, "see photo");
  EXPECT_EQ(work_order_from_json(to_json(noted->row)), noted->row);
  EXPECT_EQ(reason_of(note(order(), person("cy"), "", {}, kNow)), Reason::kWorkOrderState);
}

TEST(WorkOrders, TimeAddsPeople) {
  const WorkOrder claimed = claim(order(), person("cy"), kNow)->row;
  EXPECT_THAT(asked_now(claimed, kNow), ElementsAre("cy", "gus"));
  EXPECT_EQ(next_escalation(claimed, kNow), kNow + Duration::days(1));
  EXPECT_THAT(asked_now(claimed, kNow + Duration::days(1)), ElementsAre("cy", "gus", "operators"));
  EXPECT_THAT(asked_now(claimed, kNow + Duration::days(9)), ElementsAre("cy", "gus", "operators", "security"));
  EXPECT_EQ(next_escalation(claimed, kNow + Duration::days(9)), Time::never());
  EXPECT_THAT(asked_now(cancel(claimed, "", kNow).row, kNow), IsEmpty());
}

TEST(WorkOrders, AWitnessIsAnotherPersonAndOnlyWhereNothingCanBeRead) {
  const WorkOrder said = attest(order(false), person("cy"), "key returned", {}, kNow)->row;
  EXPECT_EQ(reason_of(witness(said, person("cy"), "saw it", kNow)), Reason::kSelfWitness);
  EXPECT_EQ(reason_of(witness(order(false), person("dee"), "saw it", kNow)), Reason::kWorkOrderState);
  const WorkOrder readable = attest(order(), person("cy"), "done", {}, kNow)->row;
  EXPECT_EQ(reason_of(witness(readable, person("dee"), "saw it", kNow)), Reason::kWorkOrderState);
  const auto seen = witness(said, person("dee"), "the key is in the box", kNow);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->row.state, WorkOrderState::kWitnessed);
  EXPECT_FALSE(seen->row.open());
  // For ever: no later reading makes it verified.
  EXPECT_EQ(observe(seen->row, true, kNow, kNow).row.state, WorkOrderState::kWitnessed);
  EXPECT_EQ(work_order_from_json(to_json(seen->row)), seen->row);
}

}  // namespace
}  // namespace tenure::governance
