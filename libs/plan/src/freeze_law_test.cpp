// Whatever is in a plan: the text that freeze() writes is the canonical form of the tree that to_json() makes, ids are
// digests of the trees without them, and thaw() gives back what was frozen.
#include "plan_json.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <tenure/base/workers.hpp>
#include <tenure/plan/plan.hpp>

namespace tenure::plan {
namespace {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::size_t below(std::size_t n) { return next() % n; }
  bool once_in(std::size_t n) { return below(n) == 0; }

  std::string text() {
    static const std::vector<std::string> kPieces = {
        "",     "a",  "department",           "x\"y", "back\\slash",
        "\n\t", "\1", "\xC3\xA5\xE2\x82\xAC", "\x7f", "long enough not to be short"};
    std::string text;
    for (std::size_t i = below(4); i > 0; --i) text += kPieces[below(kPieces.size())];
    return text;
  }
  json::Value value(int depth = 0) {
    switch (below(depth < 3 ? 8 : 5)) {
      case 0:
        return nullptr;
      case 1:
        return once_in(2);
      case 2:
        return static_cast<std::int64_t>(below(std::size_t{1} << 53U)) * (once_in(2) ? 1 : -1);
      case 3:
      case 4:
        return text();
      case 5:
      case 6: {
        json::Array array;
        for (std::size_t i = below(3); i > 0; --i) array.push_back(value(depth + 1));
        return array;
      }
      default: {
        json::Object object;
        for (std::size_t i = below(3); i > 0; --i) object.insert_or_assign(text(), value(depth + 1));
        return object;
      }
    }
  }
  model::AttributeMap attributes() {
    model::AttributeMap map;
    if (once_in(2)) return map;
    for (std::size_t i = below(4); i > 0; --i) map.insert_or_assign(text(), value());
    return map;
  }

 private:
  std::uint64_t next() {  // splitmix64
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  std::uint64_t state_;
};

Change random_change(Dice& dice, const Plan& plan) {
  Change change;
  const std::size_t number = plan.changes.size();
  change.id = model::ChangeId("#" + std::to_string(number));
  change.verb = static_cast<Verb>(dice.below(11));
  change.kind = static_cast<ChangeKind>(dice.below(7));
  change.lane = static_cast<Lane>(dice.below(5));
  change.target = model::TargetName("t" + std::to_string(number));  // so that no two are the same
  change.account = {model::NativeId(dice.text()), {}, dice.text()};
  change.account_class = dice.text();
  change.purpose = static_cast<model::Purpose>(dice.below(5));
  if (dice.once_in(2)) change.identity = model::IdentityId(static_cast<std::int64_t>(dice.below(1000)));
  change.entitlement = model::EntitlementId(dice.text());
  change.parameters = dice.text();
  change.prior_parameters = dice.text();
  change.attributes = dice.attributes();
  change.prior = dice.attributes();
  for (std::size_t i = dice.below(3); i > 0; --i) change.names[dice.text()] = dice.text();
  change.prior_present = dice.once_in(2);
  change.manual = dice.once_in(3);
  change.risk = static_cast<model::Risk>(dice.below(4));
  change.cause = plan.causes[dice.below(plan.causes.size())].id;
  change.reason = {dice.text(), dice.text(), {}, dice.text()};
  for (const auto& [name, value] : dice.attributes())
    change.reason.facts.insert(change.reason.facts.begin(), {name, value});
  if (dice.once_in(3)) change.due = Time::from_micros(static_cast<std::int64_t>(dice.below(1'000'000'000'000'000)));
  for (const Change& other : plan.changes) {
    if (other.lane > change.lane || !dice.once_in(4)) continue;
    change.needs.push_back(other.id);
    if (dice.once_in(4)) change.needs.push_back(other.id);
    if (dice.once_in(3)) change.account.producer = other.id;
  }
  return change;
}

Plan random_plan(std::uint64_t seed) {
  Dice dice(seed);
  Plan plan;
  plan.policy = Digest::of(dice.text());
  plan.purpose = dice.text();
  for (std::size_t i = 1 + dice.below(4); i > 0; --i) {
    Cause cause{{}, dice.text(), dice.text(), std::to_string(i) + dice.text(), {}};
    if (dice.once_in(2)) cause.identity = model::IdentityId(static_cast<std::int64_t>(dice.below(99)));
    cause.id = cause_id(cause);
    plan.causes.push_back(cause);
  }
  for (std::size_t i = dice.below(20); i > 0; --i) plan.changes.push_back(random_change(dice, plan));
  for (std::size_t i = dice.below(4); i > 0; --i)
    plan.unknowns.push_back({model::TargetName(dice.text()), std::to_string(i), dice.text(), 7});
  for (std::size_t i = dice.below(3); i > 0; --i) {
    plan.guards.push_back({std::to_string(i) + dice.text(), dice.once_in(2), dice.text(), {}});
    for (const Cause& cause : plan.causes)
      if (dice.once_in(2)) plan.guards.back().causes.push_back(cause.id);
  }
  for (std::size_t i = dice.below(3); i > 0; --i) {
    plan.approvals.push_back({.rule = dice.text(), .count = static_cast<int>(dice.below(5)), .text = dice.text()});
    for (std::size_t k = dice.below(3); k > 0; --k) plan.approvals.back().approvers.push_back(dice.text());
    if (dice.once_in(2)) plan.approvals.back().escalate_after = Duration::hours(1 + dice.below(99));
    for (std::size_t k = dice.below(3); k > 0; --k) plan.approvals.back().escalate_to.push_back(dice.text());
    for (std::size_t k = dice.below(3); k > 0; --k)
      plan.approvals.back().then.push_back({static_cast<int>(k), {dice.text()}, Duration::days(k), {dice.text()}});
  }
  return plan;
}

template <class Element>
json::Array trees(const std::vector<Element>& elements) {
  using codec::to_json;
  json::Array array;
  for (const auto& element : elements) array.push_back(to_json(element));
  return array;
}

std::string canonical_tree(const Plan& plan) {
  return json::canonical(json::Object{{"format", "plan/v1"},
                                      {"policy", plan.policy.str()},
                                      {"purpose", plan.purpose},
                                      {"causes", trees(plan.causes)},
                                      {"changes", trees(plan.changes)},
                                      {"unknowns", trees(plan.unknowns)},
                                      {"guards", trees(plan.guards)},
                                      {"approvals", trees(plan.approvals)}})
      .value();
}

std::string id_of_tree(const Change& change) {
  json::Value tree = to_json(change);
  tree.as_object().erase("id");
  return sha256(json::canonical(tree).value()).hex().substr(0, 16);
}

TEST(FreezeLaw, TheTextIsTheCanonicalFormOfTheTree) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    Plan plan = random_plan(seed), other = plan;
    const auto frozen = freeze(plan);
    RC_ASSERT(frozen.has_value());
    RC_ASSERT(frozen->bytes == canonical_tree(plan));
    RC_ASSERT(frozen->digest == Digest::of(frozen->bytes));
    for (const Change& change : plan.changes) RC_ASSERT(change.id.str() == id_of_tree(change));
    const auto back = thaw(frozen->bytes);
    RC_ASSERT(back.has_value());
    RC_ASSERT(back->changes == plan.changes);
    RC_ASSERT(back->causes == plan.causes);
    RC_ASSERT(back->unknowns == plan.unknowns);
    RC_ASSERT(back->guards == plan.guards);
    RC_ASSERT(back->approvals == plan.approvals);
    const auto workers = make_workers(3);
    RC_ASSERT(freeze(other, *workers)->bytes == frozen->bytes);
    RC_ASSERT(other.changes == plan.changes);
  }));
}

TEST(FreezeLaw, ManyChangesOnManyThreadsGiveTheSameBytes) {
  Dice dice(7);
  Plan plan;
  plan.causes = {{{}, "policy", "policy", "one", {}}};
  plan.causes[0].id = cause_id(plan.causes[0]);
  for (std::size_t i = 0; i < 5000; ++i) {
    Change change;
    change.id = model::ChangeId(std::to_string(i));
    change.target = model::TargetName("t" + std::to_string(dice.below(1'000'000'000)));
    change.cause = plan.causes[0].id;
    if (i > 100 && dice.once_in(2)) change.needs = {plan.changes[dice.below(100)].id};
    plan.changes.push_back(std::move(change));
  }
  Plan other = plan;
  const auto workers = make_workers(4);
  const auto one = freeze(plan), four = freeze(other, *workers);
  ASSERT_TRUE(one.has_value() && four.has_value());
  EXPECT_EQ(one->bytes, four->bytes);
  EXPECT_EQ(one->digest, four->digest);
  EXPECT_EQ(plan.changes, other.changes);
  EXPECT_EQ(one->bytes, canonical_tree(plan));
}

TEST(FreezeLaw, WhatHasNoCanonicalFormIsRefused) {
  for (const json::Value& value : {json::Value(1.5), json::Value(json::Array{json::Object{{"x", 0.5}}}),
                                   json::Value((std::int64_t{1} << 53)), json::Value(-(std::int64_t{1} << 53))}) {
    Plan plan = random_plan(3);
    Change change;
    change.cause = plan.causes[0].id;
    change.attributes["x"] = value;
    plan.changes.push_back(change);
    const auto frozen = freeze(plan);
    ASSERT_FALSE(frozen.has_value());
    EXPECT_EQ(frozen.error().reason(), tenure::Reason::kPlanFormat);
    EXPECT_NE(frozen.error().message().find("canonical JSON"), std::string::npos);
  }
}

}  // namespace
}  // namespace tenure::plan
