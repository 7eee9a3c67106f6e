#include <gtest/gtest.h>

#include <tenure/base/hash.hpp>
#include <tenure/emergency/kit.hpp>

namespace tenure::emergency {
namespace {

const Time kNow = Time::parse("2026-11-20").value();
constexpr const char* kPassword = "planted-password-4711";

Kit kit() {
  Kit kit;
  kit.id = "K-0badcafe";
  kit.person = "identity:7";
  kit.name = "ana.ash";
  kit.origin = "tenure.local/x";
  kit.made_at = kNow;
  kit.expires_at = kNow + Duration::days(30);
  kit.signing_seed.fill(9);
  KitTarget target;
  target.connector = "ldap";
  target.settings.target = model::TargetName("directory");
  target.settings.config = json::Object{{"uri", "ldap://127.0.0.1"}, {"password", "env:DIRECTORY"}};
  target.settings.classes.push_back(
      {"people", model::Purpose::kNormal, model::Scope::kManaged, json::Object{{"base", "ou=people"}}, {"cn"}});
  target.settings.ignored.emplace_back("legacy");
  target.secrets = {{"env:DIRECTORY", kPassword}};
  target.files = {{"ca.pem", "-----BEGIN CERTIFICATE-----\n\xff"}};
  kit.targets.push_back(std::move(target));
  return kit;
}

TEST(Kits, OpenForWhomTheyWereMade) {
  SeededEntropy entropy(1);
  const OperatorKey ana = OperatorKey::make(entropy), bo = OperatorKey::make(entropy);
  const auto file = write_kit(kit(), ana.recipient(), entropy);
  ASSERT_TRUE(file);
  const auto opened = read_kit(*file, ana);
  ASSERT_TRUE(opened) << opened.error().to_string();
  EXPECT_EQ(opened->id, "K-0badcafe");
  EXPECT_EQ(opened->person, "identity:7");
  EXPECT_EQ(opened->expires_at, kNow + Duration::days(30));
  EXPECT_EQ(opened->signing_seed, kit().signing_seed);
  const KitTarget* target = opened->find(model::TargetName("directory"));
  ASSERT_NE(target, nullptr);
  EXPECT_EQ(target->secrets, kit().targets[0].secrets);
  EXPECT_EQ(target->files, kit().targets[0].files);
  EXPECT_EQ(target->settings.config, kit().targets[0].settings.config);
  ASSERT_EQ(target->settings.classes.size(), 1U);
  EXPECT_EQ(target->settings.classes[0].attributes, std::vector<std::string>{"cn"});
  EXPECT_EQ(target->settings.ignored.at(0).str(), "legacy");
  EXPECT_EQ(read_kit(*file, bo).error().reason(), Reason::kKitInvalid);
}

TEST(Kits, HoldNoSecretInTheOpenInAnySpelling) {
  SeededEntropy entropy(1);
  const OperatorKey ana = OperatorKey::make(entropy);
  const std::string file = write_kit(kit(), ana.recipient(), entropy).value();
  for (const std::string& secret : {std::string(kPassword), to_base64(kPassword), to_hex(kPassword),
                                    to_base64(std::string(32, '\x09')), std::string("127.0.0.1")})
    EXPECT_EQ(file.find(secret), std::string::npos) << secret;
  EXPECT_NE(file.find("ana.ash"), std::string::npos) << "whose it is can be told without opening it";
}

TEST(Kits, AreRefusedWithAnyByteChanged) {
  SeededEntropy entropy(1);
  const OperatorKey ana = OperatorKey::make(entropy);
  const std::string file = write_kit(kit(), ana.recipient(), entropy).value();
  ASSERT_TRUE(read_kit(file, ana));
  Random random(7);
  for (int i = 0; i < 1000; ++i) {
    std::string damaged = file;
    const std::size_t at = random.below(file.size() - 1);  // but for the line break at its end
    damaged[at] = static_cast<char>(static_cast<unsigned char>(damaged[at]) ^ (1U << random.below(8)));
    const auto opened = read_kit(damaged, ana);
    EXPECT_FALSE(opened) << i << " at " << at;
  }
  // A term that somebody would like to be longer is part of what is sealed.
  std::string longer = file;
  longer.replace(longer.find("2026-12-20"), 10, "2036-12-20");
  EXPECT_FALSE(read_kit(longer, ana));
}

}  // namespace
}  // namespace tenure::emergency
