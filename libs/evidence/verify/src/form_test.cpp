#include "bytes.hpp"
#include "chains.hpp"
#include "leaf_form.hpp"
#include "tree.hpp"

#include <gtest/gtest.h>

namespace tenure::evidence_verify {
namespace {

const std::string kGood =
    R"({"actor":{"kind":"system","ref":"engine"},"case":"0b5c1e3a-7a0e-4b1c-9a55-3f2f9c1d2e01","case_prev":null,"case_seq":1,)"
    R"("facts":{"count":-7},"id":"0b5c1e3a-7a0e-4b1c-9a55-3f2f9c1d2e02","mode":"automated","outcome":"success",)"
    R"("time":"2026-11-20T09:12:00.000000Z","type":"plan.created","v":1})";

bool reads(std::string_view bytes) {
  std::string why;
  std::size_t at = 0;
  return read_leaf(bytes, why, at).has_value();
}

std::string with_fact(std::string_view text) {
  std::string out = kGood;
  const std::string_view old = "\"count\":-7";
  return out.replace(out.find(old), old.size(), text);
}

TEST(LeafForm, ReadsWhatItNeeds) {
  std::string why;
  std::size_t at = 0;
  const auto leaf = read_leaf(kGood, why, at);
  ASSERT_TRUE(leaf) << why << " at " << at;
  EXPECT_EQ(leaf->case_id, "0b5c1e3a-7a0e-4b1c-9a55-3f2f9c1d2e01");
  EXPECT_EQ(leaf->case_seq, 1);
  EXPECT_EQ(leaf->case_prev, "");
  EXPECT_EQ(leaf->case_count, -7);
}

TEST(LeafForm, CanonicalJsonAndNothingElse) {
  for (const char* fact : {R"("a":1)", R"("a":"\u0001\n\"\\")", "\"a\":\"\x7F\xC3\xA9\xE2\x80\xA8\xF0\x9F\x98\x80\"",
                           R"("a":9007199254740991)", R"("a":[1,[2,{}]],"b":{"a":[]})",
                           R"("a":true,"b":false,"c":null)", R"("a":0,"a.b":1,"a_b":2,"b":3)"})
    EXPECT_TRUE(reads(with_fact(fact))) << fact;
  for (const char* fact : {R"("a": 1)",
                           R"("a":01)",
                           R"("a":-0)",
                           R"("a":1.0)",
                           R"("a":1e3)",
                           R"("a":9007199254740992)",
                           R"("a":+1)",
                           R"("a":)",
                           R"("a":1,"a":2)",
                           R"("b":1,"a":2)",
                           R"("A":1)",
                           R"("":1)",
                           R"("a":"\u0041")",
                           R"("a":"\u001F")",
                           R"("a":"\u000a")",
                           R"("a":"\/")",
                           R"("a":"\ud83d\ude00")",
                           "\"a\":\"\xC0\x80\"",
                           "\"a\":\"\xED\xA0\x80\"",
                           "\"a\":\"\xFF\"",
                           "\"a\":\"\t\"",
                           R"("a":"x)",
                           R"("a":tru)",
                           R"("a":[1,])",
                           R"("a":[1 ,2])",
                           R"("a":1,)",
                           R"("a":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]])"})
    EXPECT_FALSE(reads(with_fact(fact))) << fact;
  for (const std::string& text : {std::string(), std::string("{}"), kGood + " ", " " + kGood,
                                  kGood.substr(0, kGood.size() - 1), std::string("[1]")})
    EXPECT_FALSE(reads(text)) << text;
}

TEST(LeafForm, RequiredMembers) {
  for (const char* part : {R"("v":1)", R"("actor":{"kind":"system","ref":"engine"},)", R"("mode":"automated",)",
                           R"("outcome":"success",)", R"("case_prev":null,)", R"("case_seq":1,)",
                           R"("time":"2026-11-20T09:12:00.000000Z",)", R"(,"type":"plan.created")"}) {
    std::string text = kGood;
    text.erase(text.find(part), std::string_view(part).size());
    EXPECT_FALSE(reads(text)) << part;
  }
  std::string text = kGood;
  text.replace(text.find(".000000Z"), 8, ".000Z");
  EXPECT_FALSE(reads(text));
}

LeafForm record(std::int64_t seq, std::string prev, std::string_view type = "plan.created") {
  return {"case-a", seq, std::move(prev), std::string(type), type == "case.closed" ? std::optional(seq) : std::nullopt};
}

TEST(CaseChains, DenseLinkedAndEndedOnce) {
  const Hash one = sha256("1"), two = sha256("2");
  {
    Chains chains;
    EXPECT_FALSE(chains.add(record(1, ""), one, one));
    EXPECT_FALSE(chains.add(record(2, encode_hash(one)), two, two));
    EXPECT_EQ(chains.open_cases(), 1U);
    LeafForm last = record(3, encode_hash(two), "case.closed");
    last.case_count = 2;
    EXPECT_TRUE(Chains(chains).add(last, one, one)) << "wrong count";
    last.case_count = 3;
    EXPECT_FALSE(chains.add(last, one, one));
    EXPECT_EQ(chains.open_cases(), 0U);
    EXPECT_TRUE(chains.add(record(4, encode_hash(one)), two, two)) << "after the end";
  }
  Chains chains;
  EXPECT_TRUE(Chains(chains).add(record(2, encode_hash(one)), two, two)) << "begins at 2";
  EXPECT_TRUE(Chains(chains).add(record(1, encode_hash(one)), two, two)) << "the first has no predecessor";
  EXPECT_FALSE(chains.add(record(1, ""), one, one));
  EXPECT_TRUE(Chains(chains).add(record(1, ""), two, two)) << "twice";
  EXPECT_TRUE(Chains(chains).add(record(3, encode_hash(one)), two, two)) << "gap";
  EXPECT_TRUE(Chains(chains).add(record(2, encode_hash(two)), two, two)) << "another predecessor";
  chains.entries_lost();
  EXPECT_FALSE(chains.add(record(3, encode_hash(two)), two, two)) << "a gap that is explained";
}

TEST(Tree, RootsOfRowsAreRootsOfTrees) {
  std::vector<Hash> leaves;
  for (std::size_t n = 0; n < 700; ++n) {
    std::vector<std::vector<Hash>> rows(2);
    for (std::size_t i = 0; i + 256 <= n; i += 256) rows[1].push_back(tree_root(std::span(leaves).subspan(i, 256)));
    rows[0].assign(leaves.begin() + static_cast<std::ptrdiff_t>(n / 256 * 256), leaves.end());
    if (n < 70 || n % 31 == 0 || n % 256 < 3) {
      EXPECT_EQ(root_of_rows(rows), tree_root(leaves)) << n;
    }
    leaves.push_back(hash_leaf(std::to_string(n)));
  }
}

TEST(Encoding, IsStrict) {
  for (const std::string text : {"", "f", "fo", "foo", "foob"}) EXPECT_EQ(decode_base64(encode_base64(text)), text);
  for (const char* text : {"Zg=", "Zg", "Zh==", "Zm9=", "Zm9v\n", "Z===", "====", "Zg==Zg=="})
    EXPECT_FALSE(decode_base64(text)) << text;
  EXPECT_EQ(decode_decimal("0"), 0U);
  for (const char* text : {"", "00", "01", "-1", "+1", " 1", "1x", "9999999999999999999"})
    EXPECT_FALSE(decode_decimal(text)) << text;
}

}  // namespace
}  // namespace tenure::evidence_verify
