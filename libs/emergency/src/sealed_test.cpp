#include <gtest/gtest.h>

#include <tenure/base/hash.hpp>
#include <tenure/emergency/sealed.hpp>

namespace tenure::emergency {
namespace {

TEST(Sealed, OpensForItsKeyAndNoOther) {
  SeededEntropy entropy(7);
  const OperatorKey ana = OperatorKey::make(entropy), bo = OperatorKey::make(entropy);
  const auto sealed = seal(ana.recipient(), "the password", "in the open", entropy);
  ASSERT_TRUE(sealed);
  EXPECT_EQ(unseal(ana, *sealed, "in the open"), "the password");
  EXPECT_EQ(unseal(bo, *sealed, "in the open").error().reason(), Reason::kKitInvalid);
  EXPECT_EQ(unseal(ana, *sealed, "in the Open").error().reason(), Reason::kKitInvalid);
  EXPECT_EQ(sealed->bytes.find("password"), std::string::npos);
  for (std::size_t i = 0; i < sealed->bytes.size(); ++i) {
    Sealed damaged = *sealed;
    damaged.bytes[i] = static_cast<char>(damaged.bytes[i] ^ 1);
    EXPECT_FALSE(unseal(ana, damaged, "in the open")) << i;
    damaged = *sealed;
    damaged.bytes.resize(i);
    EXPECT_FALSE(unseal(ana, damaged, "in the open")) << i;
  }
}

TEST(Sealed, KeysAreThoseOfOpenssl) {
  SeededEntropy entropy(7);
  const OperatorKey key = OperatorKey::make(entropy);
  const auto again = OperatorKey::from_pem(key.to_pem());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->bytes(), key.bytes());
  EXPECT_TRUE(key.to_pem().starts_with("-----BEGIN PRIVATE KEY-----"));
  const auto half = Recipient::from_pem(key.recipient().to_pem());
  ASSERT_TRUE(half);
  EXPECT_EQ(half->bytes, key.recipient().bytes);
  EXPECT_FALSE(OperatorKey::from_pem(key.recipient().to_pem()));
  EXPECT_FALSE(Recipient::from_pem(key.to_pem()));
  EXPECT_FALSE(OperatorKey::from_pem("nonsense"));
}

}  // namespace
}  // namespace tenure::emergency
