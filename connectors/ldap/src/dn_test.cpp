#include "dn.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace tenure::connector_ldap {
namespace {

TEST(EscapeDnValue, ExamplesOfRfc4514) {
  EXPECT_EQ(escape_dn_value("James \"Jim\" Smith, III"), "James \\\"Jim\\\" Smith\\, III");
  EXPECT_EQ(escape_dn_value("Before\rAfter"), "Before\\0dAfter");
  EXPECT_EQ(escape_dn_value(" x "), "\\ x\\ ");
  EXPECT_EQ(escape_dn_value("#a#"), "\\#a#");
  EXPECT_EQ(escape_dn_value("Łukasz"), "Łukasz");
  EXPECT_EQ(escape_dn_value(std::string("\0", 1)), "\\00");
}

TEST(EscapeFilterValue, ExamplesOfRfc4515) {
  EXPECT_EQ(escape_filter_value("Parens R Us (for all your parenthetical needs)"),
            "Parens R Us \\28for all your parenthetical needs\\29");
  EXPECT_EQ(escape_filter_value("*"), "\\2a");
  EXPECT_EQ(escape_filter_value("C:\\MyFile"), "C:\\5cMyFile");
  EXPECT_EQ(escape_filter_value(std::string("\0\0\0\4", 4)), "\\00\\00\\00\\04");
  EXPECT_EQ(escape_filter_value("Lučić"), "Lu\\c4\\8di\\c4\\87");
  EXPECT_EQ(escape_filter_value("x)(uid=*"), "x\\29\\28uid=\\2a");
}

TEST(NormalDn, EqualNamesAreEqualTexts) {
  const char* same[][2] = {
      {"UID=Anna,OU=People,DC=x", "uid=anna,ou=people,dc=x"},
      {"uid = anna , ou=people ;dc=x", "uid=anna,ou=people,dc=x"},
      {"cn=Berg\\, Anna,dc=x", "cn=berg\\2C anna,dc=x"},
      {"cn=a  b,dc=x", "cn=a b,dc=x"},
      {"cn=a+uid=b,dc=x", "UID=b+CN=A,dc=x"},
      {"cn=\\c5\\81ukasz,dc=x", "cn=Łukasz,dc=x"},
      {"cn=\\ a,dc=x", "cn=a,dc=x"},
      {"", "  "},
  };
  for (const auto& pair : same) EXPECT_EQ(normal_dn(pair[0]).value(), normal_dn(pair[1]).value()) << pair[0];
  const char* different[][2] = {
      {"cn=a\\,dc=x", "cn=a,dc=x"},
      {"cn=a,dc=x", "cn=a+dc=x"},
      {"cn=#6162,dc=x", "cn=ab,dc=x"},
  };
  for (const auto& pair : different) EXPECT_NE(normal_dn(pair[0]).value(), normal_dn(pair[1]).value()) << pair[0];
}

TEST(NormalDn, RefusesWhatIsNone) {
  for (const char* text : {"anna", "=x", "uid=a,", ",uid=a", "uid=a,,dc=x", "cn=a\\", "cn=a\\zz", "cn=a\"b",
                           "cn=#,dc=x", "cn=#6,dc=x", "u id=a", "uid=a<b"})
    EXPECT_FALSE(normal_dn(text)) << text;
}

TEST(RdnValue, IsTheUnescapedValueOfTheEntryItself) {
  EXPECT_EQ(rdn_value("UID=Berg\\, Anna,ou=people,dc=x", "uid"), "Berg, Anna");
  EXPECT_EQ(rdn_value("cn=x+uid=y,dc=x", "UID"), "y");
  EXPECT_FALSE(rdn_value("cn=x,uid=y", "uid"));
  EXPECT_FALSE(rdn_value("", "uid"));
}

TEST(IsUnder, LooksAtWholeNames) {
  EXPECT_TRUE(is_under("uid=a,ou=p,dc=x", "ou=p,dc=x"));
  EXPECT_TRUE(is_under("ou=p,dc=x", "ou=p,dc=x"));
  EXPECT_FALSE(is_under("ou=pp,dc=x", "p,dc=x"));
  EXPECT_FALSE(is_under("cn=a\\,ou=p,dc=x", "ou=p,dc=x"));
  EXPECT_FALSE(is_under("dc=x", "ou=p,dc=x"));
}

RC_GTEST_PROP(DnLaws, AnEscapedValueComesBackWhole, (const std::string& value)) {
  const auto parsed = parse_dn("cn=" + escape_dn_value(value) + ",dc=x");
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(parsed->size() == 2u);
  RC_ASSERT(parsed->front().front().value == value);
}

RC_GTEST_PROP(DnLaws, TheNormalFormIsItsOwnNormalForm, (const std::string& value)) {
  const auto normal = normal_dn("cn=" + escape_dn_value(value) + ",dc=X");
  RC_ASSERT(normal.has_value());
  RC_ASSERT(normal_dn(*normal) == normal);
}

RC_GTEST_PROP(DnLaws, AnEscapedFilterValueEndsNoFilter, (const std::string& value)) {
  for (const char c : escape_filter_value(value)) RC_ASSERT(c > 0x1f && c < 0x7f && c != '(' && c != ')' && c != '*');
}

}  // namespace
}  // namespace tenure::connector_ldap
