#include <algorithm>

#include <gtest/gtest.h>

#include <tenure/base/clock.hpp>
#include <tenure/runtime/blocks.hpp>

namespace tenure::runtime {
namespace {

std::string some_text(Random& random, std::string_view stem) {
  const std::uint64_t kind = random.below(8);
  if (kind == 0) return "";
  std::string text = std::string(stem) + std::to_string(random.below(5));
  if (kind == 1) text += "\"\\\n\u00e9";
  return text;
}

std::vector<model::AccountImage> some_images(Random& random) {
  std::vector<model::AccountImage> images(random.below(9));
  for (std::size_t i = 0; i < images.size(); ++i) {
    model::Account& account = images[i].account;
    account.id = model::NativeId("id" + std::to_string(i));
    account.name = some_text(random, "name");
    account.incarnation = some_text(random, "inc");
    account.restriction = some_text(random, "locked");
    account.account_class = some_text(random, "class");
    account.purpose = static_cast<model::Purpose>(random.below(5));
    account.enabled = random.below(2) == 0;
    if (random.below(2) == 0) account.attributes.emplace("mail", some_text(random, "m"));
    if (random.below(3) == 0)
      account.attributes.emplace("groups", json::Array{"a", some_text(random, "b"), 7, nullptr});
    if (random.below(3) == 0) account.attributes.emplace("flag", random.below(2) == 0);
    for (std::uint64_t g = random.below(6); g > 0; --g)
      images[i].grants.push_back({{account.id, {}},
                                  model::EntitlementId("e" + std::to_string(random.below(20))),
                                  random.below(4) == 0 ? R"({"access":"READ"})" : ""});
    std::sort(images[i].grants.begin(), images[i].grants.end());
  }
  return images;
}

std::vector<model::Decision> some_decisions(Random& random, const model::TargetName& target) {
  std::vector<model::Decision> decisions;
  for (int account = 0; account < 5; ++account)
    for (std::uint64_t i = random.below(4); i > 0; --i) {
      model::Decision& decision = decisions.emplace_back();
      decision.kind = model::DecisionKind::kGranted;
      decision.account = {target, model::NativeId("a" + std::to_string(account))};
      decision.entitlement = model::EntitlementId("e" + std::to_string(10 - i));
      decision.parameters = some_text(random, "p");
      decision.owner = some_text(random, "o");
      decision.actor = some_text(random, "role ");
      decision.reason = some_text(random, "why");
      decision.ticket = some_text(random, "T");
      decision.since = Time::from_micros(static_cast<std::int64_t>(random.below(3)));
      if (random.below(2) == 0) decision.until = Time::from_micros(static_cast<std::int64_t>(random.below(1000)));
    }
  return decisions;
}

bool equal(const std::vector<model::AccountImage>& a, const std::vector<model::AccountImage>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.account == y.account && x.grants == y.grants; });
}

TEST(Blocks, GiveBackTheAccountsTheyWereMadeOf) {
  Random random(7);
  ObservedBlock block;  // used again for every body
  for (int i = 0; i < 500; ++i) {
    const auto images = some_images(random);
    const std::string body = encode_observed(images);
    ASSERT_EQ(json::canonical(*json::parse(body)), body) << "a block is canonical JSON";
    const Status decoded = decode_observed(body, block);
    ASSERT_TRUE(decoded.has_value()) << body;
    ASSERT_TRUE(equal(*images_of(block), images)) << body;
  }
}

TEST(Blocks, GiveBackTheDecisionsTheyWereMadeOf) {
  Random random(8);
  GivenBlock block;
  const model::TargetName target("directory");
  for (int i = 0; i < 500; ++i) {
    const auto decisions = some_decisions(random, target);
    const std::string body = encode_given(decisions);
    ASSERT_EQ(json::canonical(*json::parse(body)), body);
    ASSERT_TRUE(decode_given(body, block).has_value()) << body;
    ASSERT_EQ(decisions_of(block, target), decisions) << body;
  }
}

// A row that was damaged on its way is refused, or it says something else; it never makes the program read elsewhere.
TEST(Blocks, RefuseDamage) {
  Random random(9);
  const auto images = some_images(random);
  const std::string observed = encode_observed(images);
  const std::string given = encode_given(some_decisions(random, model::TargetName("t")));
  ObservedBlock block;
  GivenBlock given_block;
  for (std::size_t length = 0; length < observed.size(); ++length)
    ASSERT_FALSE(decode_observed(observed.substr(0, length), block).has_value()) << length;
  for (std::size_t length = 0; length < given.size(); ++length)
    ASSERT_FALSE(decode_given(given.substr(0, length), given_block).has_value()) << length;
  for (int i = 0; i < 20'000; ++i) {
    std::string damaged = i % 2 == 0 ? observed : given;
    damaged[random.below(damaged.size())] = static_cast<char>("0,]}[{\"9x"[random.below(9)]);
    if (i % 2 == 0) {
      if (decode_observed(damaged, block)) {
        EXPECT_TRUE(!images_of(block) || images_of(block)->size() < 1000);
      }
    } else if (decode_given(damaged, given_block)) {
      EXPECT_LT(decisions_of(given_block, model::TargetName("t")).size(), 1000U);
    }
  }
  EXPECT_FALSE(decode_observed(R"({"accounts":[["a","n","","",0,0,1,[],[0]]],"attributes":[],"classes":["c"],)"
                               R"("entitlements":[],"parameters":[""]})",
                               block)
                   .has_value())
      << "a number that names nothing";
}

// A list that a body lacks is not taken from the block that was read before it.
TEST(Blocks, OwesNothingToTheBlockBefore) {
  ObservedBlock block;
  const std::string lists = R"("attributes":[],"classes":["c"],"entitlements":["e"],"parameters":[""]})";
  const std::string accounts = R"({"accounts":[["a","n","","",0,0,1,[],[0]]])";
  ASSERT_TRUE(decode_observed(accounts + "," + lists, block).has_value());
  EXPECT_FALSE(decode_observed(accounts + "}", block).has_value());
}

TEST(Blocks, KeepTheirSizeWhileTheTargetGrows) {
  EXPECT_EQ(bits_for(100, -1), 0);
  EXPECT_EQ(bits_for(1000, -1), 2);
  EXPECT_EQ(bits_for(1500, 2), 2);
  EXPECT_EQ(bits_for(3000, 2), 4);
  EXPECT_EQ(block_of(model::NativeId("x"), 0), "00000");
  EXPECT_LT(block_of(model::NativeId("x"), 4), "00010");
}

}  // namespace
}  // namespace tenure::runtime
