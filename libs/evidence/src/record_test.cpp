#include <set>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <tenure/evidence/merkle.hpp>
#include <tenure/evidence/record.hpp>

namespace tenure::evidence {
namespace {

constexpr const char* kCaseA = "0b5c1e3a-7a0e-4b1c-9a55-3f2f9c1d2e01";
constexpr const char* kCaseB = "0b5c1e3a-7a0e-4b1c-9a55-3f2f9c1d2e02";

struct Desk {
  Random random{7};
  SeededEntropy entropy{8};
  Composer composer{random, entropy};
};

Draft draft(std::string_view type, std::string case_id) {
  Draft d;
  d.type = std::string(type);
  d.time = Time::parse("2026-11-20T09:12:00.000001Z").value();
  d.case_id = std::move(case_id);
  d.actor = {ActorKind::kPerson, "r-4711"};
  return d;
}

Draft rich(std::string case_id) {
  Draft d = draft(event::kChangeDispatched, std::move(case_id));
  d.subject = "i-12";
  d.target = {"directory", "o-77"};
  d.mode = Mode::kBreakGlass;
  d.outcome = Outcome::kUnknown;
  d.policy = Digest::of("policy");
  d.refs = {"p-1", Digest::of("plan").str()};
  d.fields = {{"dn", json::Value("cn=Ana Ash,ou=People")}, {"reason", json::Value("she \"left\"\n\xC3\xA9")}};
  d.facts = {{"attempt", json::Value(1)}, {"last", json::Value(false)}, {"lane", json::Value("revoke")}};
  return d;
}

TEST(EventTypes, AreSortedUniqueAndExplained) {
  std::string_view last;
  for (const auto& type : all_event_types()) {
    EXPECT_LT(last, type.text);
    last = type.text;
    EXPECT_FALSE(type.meaning.empty());
    EXPECT_EQ(find_event_type(type.text), &type);
    EXPECT_TRUE(is_token(type.text));
  }
  EXPECT_GE(all_event_types().size(), 90U);
  EXPECT_EQ(find_event_type("change.dispatche"), nullptr);
  EXPECT_EQ(find_event_type(""), nullptr);
}

TEST(Compose, WritesTheLeafOfTheFormat) {
  Desk desk;
  desk.composer.begin();
  const Record record = desk.composer.compose(rich(kCaseA)).value();
  const std::string expected =
      "{\"actor\":{\"kind\":\"person\",\"ref\":\"r-4711\"},\"case\":\"" + std::string(kCaseA) +
      "\",\"case_prev\":null,\"case_seq\":1,\"commit\":{\"dn\":\"" +
      commitment_of("dn", record.openings[0].salt, "\"cn=Ana Ash,ou=People\"").base64() + "\",\"reason\":\"" +
      commitment_of("reason", record.openings[1].salt, "\"she \\\"left\\\"\\n\xC3\xA9\"").base64() +
      "\"},\"facts\":{\"attempt\":1,\"lane\":\"revoke\",\"last\":false},\"id\":\"" + record.id +
      "\",\"mode\":\"break_glass\",\"outcome\":\"unknown\",\"policy\":\"" + Digest::of("policy").str() +
      "\",\"refs\":[\"p-1\",\"" + Digest::of("plan").str() +
      "\"],\"subject\":{\"ref\":\"i-12\"},\"target\":{\"obj\":\"o-77\",\"system\":\"directory\"},"
      "\"time\":\"2026-11-20T09:12:00.000001Z\",\"type\":\"change.dispatched\",\"v\":1}";
  EXPECT_EQ(record.leaf, expected);
  EXPECT_EQ(record.leaf_hash, leaf_hash(record.leaf));
  // The general canonical writer agrees with the leaf's own.
  EXPECT_EQ(json::canonical(json::parse(record.leaf).value()).value(), record.leaf);
}

// T14 and erasure: nothing that is given as a field is in the leaf, in any spelling.
TEST(Compose, FieldsReachTheLeafOnlyAsCommitments) {
  Desk desk;
  desk.composer.begin();
  Draft d = rich(kCaseA);
  const Record record = desk.composer.compose(d).value();
  EXPECT_EQ(record.leaf.find("Ana"), std::string::npos);
  EXPECT_EQ(record.leaf.find("left"), std::string::npos);
  const Leaf leaf = parse_leaf(record.leaf).value();
  ASSERT_EQ(record.openings.size(), 2U);
  for (const auto& opening : record.openings) {
    EXPECT_TRUE(opens(leaf.commitments.at(opening.field), opening));
    Opening bent = opening;
    bent.salt[31] ^= 1;
    EXPECT_FALSE(opens(leaf.commitments.at(opening.field), bent));
    bent = opening;
    bent.value += " ";
    EXPECT_FALSE(opens(leaf.commitments.at(opening.field), bent));
    bent = opening;
    bent.field += "x";
    EXPECT_FALSE(opens(leaf.commitments.at(opening.field), bent));
  }
  // Equal values under equal names do not link.
  const Record again = desk.composer.compose(d).value();
  EXPECT_NE(parse_leaf(again.leaf).value().commitments, leaf.commitments);
}

TEST(Commitments, KnownAnswer) {
  // HMAC over "gov-commit-v1" 00 0004 "name" "\"Ana\"" with a key of 32 bytes 0x0b.
  Salt salt;
  salt.fill(0x0b);
  const std::string message = std::string("gov-commit-v1\0\0\4name\"Ana\"", 25);
  EXPECT_EQ(commitment_of("name", salt, "\"Ana\""), hmac_sha256(std::string(32, '\x0b'), message));
}

TEST(Compose, ChainsCasesAndEndsThem) {
  Desk desk;
  desk.composer.begin();
  const Record first = desk.composer.compose(draft(event::kCaseOpened, kCaseA)).value();
  const Record other = desk.composer.compose(draft(event::kCaseOpened, kCaseB)).value();
  const Record second = desk.composer.compose(draft(event::kPlanCreated, kCaseA)).value();
  const Record outside = desk.composer.compose(draft(event::kLogBeacon, "")).value();
  EXPECT_EQ(desk.composer.open_cases(), 2U);
  const Record last = desk.composer.compose(draft(event::kCaseClosed, kCaseA)).value();
  desk.composer.commit();
  EXPECT_EQ(parse_leaf(second.leaf).value().place->prev, first.leaf_hash);
  EXPECT_EQ(parse_leaf(other.leaf).value().place->seq, 1);
  EXPECT_FALSE(parse_leaf(outside.leaf).value().place);
  EXPECT_EQ(last.case_seq, 3);
  EXPECT_EQ(parse_leaf(last.leaf).value().facts.at("count"), json::Value(3));
  EXPECT_EQ(desk.composer.open_cases(), 1U);
  EXPECT_TRUE(desk.composer.head(kCaseA)->closed);

  desk.composer.begin();
  const auto late = desk.composer.compose(draft(event::kPlanCreated, kCaseA));
  EXPECT_EQ(late.error().reason(), Reason::kRecordInvalid);
  EXPECT_TRUE(desk.composer.compose(draft(event::kPlanCreated, kCaseB)));
}

TEST(Compose, RefusesWhatIsNoLeaf) {
  using Bend = void (*)(Draft&);
  const std::pair<const char*, Bend> cases[] = {
      {"type", [](Draft& d) { d.type = "change.guessed"; }},
      {"no type", [](Draft& d) { d.type = ""; }},
      {"no case", [](Draft& d) { d.case_id = ""; }},
      {"case", [](Draft& d) { d.case_id = "case-1"; }},
      {"case in capitals", [](Draft& d) { d.case_id[1] = 'B'; }},
      {"no actor", [](Draft& d) { d.actor.ref = ""; }},
      {"actor is a name", [](Draft& d) { d.actor.ref = "Ana Ash"; }},
      {"actor is a mail address", [](Draft& d) { d.actor.ref = "ana@nordhaven.example"; }},
      {"subject", [](Draft& d) { d.subject = "Ren\xC3\xA9"; }},
      {"object without target", [](Draft& d) { d.target.system = ""; }},
      {"object is a DN", [](Draft& d) { d.target.obj = "cn=a,dc=b"; }},
      {"ref", [](Draft& d) { d.refs.emplace_back(""); }},
      {"long ref", [](Draft& d) { d.refs.emplace_back(201, 'x'); }},
      {"fact name", [](Draft& d) { d.facts["Lane"] = json::Value(1); }},
      {"fact text", [](Draft& d) { d.facts["why"] = json::Value("because she left"); }},
      {"fact too large", [](Draft& d) { d.facts["n"] = json::Value(std::int64_t{1} << 53); }},
      {"fact array", [](Draft& d) { d.facts["n"] = json::Value(json::Array{}); }},
      {"fact null", [](Draft& d) { d.facts["n"] = json::Value(nullptr); }},
      {"field name", [](Draft& d) { d.fields["a b"] = json::Value(1); }},
      {"field number", [](Draft& d) { d.fields["x"] = json::Value(1.5); }},
      {"time", [](Draft& d) { d.time = Time::never(); }},
      {"too long", [](Draft& d) { d.refs.assign(400, std::string(200, 'x')); }},
      {"count given", [](Draft& d) { d.type = event::kCaseClosed, d.facts["count"] = json::Value(9); }},
  };
  for (const auto& [what, bend] : cases) {
    Desk desk;
    desk.composer.begin();
    Draft d = rich(kCaseA);
    bend(d);
    const auto result = desk.composer.compose(std::move(d));
    ASSERT_FALSE(result) << what;
    EXPECT_EQ(result.error().reason(), Reason::kRecordInvalid) << what;
    EXPECT_FALSE(desk.composer.head(kCaseA)) << what;
    EXPECT_EQ(desk.composer.open_cases(), 0U);
    EXPECT_TRUE(desk.composer.compose(rich(kCaseA))) << what;
  }
  Desk desk;
  EXPECT_EQ(desk.composer.compose(rich(kCaseA)).error().reason(), Reason::kRecordInvalid) << "outside a unit";
}

// T4: what the database did not commit has not happened to the chains either.
TEST(Units, RollbackRestoresTheHeads) {
  Desk desk;
  desk.composer.begin();
  const Record first = desk.composer.compose(draft(event::kCaseOpened, kCaseA)).value();
  desk.composer.commit();

  desk.composer.begin();
  EXPECT_TRUE(desk.composer.compose(draft(event::kPlanCreated, kCaseA)));
  EXPECT_TRUE(desk.composer.compose(draft(event::kCaseOpened, kCaseB)));
  EXPECT_TRUE(desk.composer.compose(draft(event::kCaseClosed, kCaseA)));
  EXPECT_EQ(desk.composer.open_cases(), 1U);
  desk.composer.rollback();
  EXPECT_EQ(desk.composer.head(kCaseA)->hash, first.leaf_hash);
  EXPECT_FALSE(desk.composer.head(kCaseA)->closed);
  EXPECT_FALSE(desk.composer.head(kCaseB));
  EXPECT_EQ(desk.composer.open_cases(), 1U);

  desk.composer.begin();
  const Record second = desk.composer.compose(draft(event::kPlanCreated, kCaseA)).value();
  EXPECT_EQ(parse_leaf(second.leaf).value().place->prev, first.leaf_hash);
  const std::size_t mark = desk.composer.mark();
  EXPECT_TRUE(desk.composer.compose(draft(event::kPlanApproved, kCaseA)));
  desk.composer.rollback_to(mark);
  desk.composer.commit();
  EXPECT_EQ(desk.composer.head(kCaseA)->hash, second.leaf_hash);
}

TEST(Recovery, RebuildsTheHeadsFromTheLeaves) {
  Desk desk;
  std::vector<std::string> leaves;
  Random dice(3);
  std::vector<std::string> cases;
  for (int i = 0; i < 20; ++i) cases.push_back(dice.uuid());
  std::set<std::string> closed;
  for (int round = 0; round < 300; ++round) {
    desk.composer.begin();
    const std::string& id = cases[dice.below(cases.size())];
    if (closed.contains(id)) {
      leaves.push_back(desk.composer.compose(draft(event::kReadCompleted, "")).value().leaf);
    } else if (dice.chance(1, 12)) {
      leaves.push_back(desk.composer.compose(draft(event::kCaseClosed, id)).value().leaf);
      closed.insert(id);
    } else {
      leaves.push_back(desk.composer.compose(rich(id)).value().leaf);
    }
    desk.composer.commit();
  }
  Desk other;
  for (const auto& leaf : leaves) ASSERT_TRUE(other.composer.recover(leaf));
  EXPECT_EQ(other.composer.open_cases(), desk.composer.open_cases());
  for (const auto& id : cases) {
    const auto a = desk.composer.head(id), b = other.composer.head(id);
    ASSERT_EQ(a.has_value(), b.has_value());
    if (a) {
      EXPECT_EQ(a->hash, b->hash);
      EXPECT_EQ(a->seq, b->seq);
      EXPECT_EQ(a->closed, b->closed);
    }
  }
  other.composer.forget();
  EXPECT_EQ(other.composer.open_cases(), 0U);
}

TEST(Recovery, ARecordThatIsMissingOrBentIsNoticed) {
  Desk desk;
  std::vector<std::string> leaves;
  desk.composer.begin();
  for (int i = 0; i < 3; ++i) leaves.push_back(desk.composer.compose(rich(kCaseA)).value().leaf);
  leaves.push_back(desk.composer.compose(draft(event::kCaseClosed, kCaseA)).value().leaf);
  Desk other;
  EXPECT_EQ(other.composer.recover(leaves[1]).error().reason(), Reason::kEvidenceBroken);
  EXPECT_TRUE(other.composer.recover(leaves[0]));
  EXPECT_EQ(other.composer.recover(leaves[0]).error().reason(), Reason::kEvidenceBroken);
  EXPECT_EQ(other.composer.recover(leaves[2]).error().reason(), Reason::kEvidenceBroken);
  std::string bent = leaves[1];
  bent[bent.find("attempt") + 1] = 'p';  // still a leaf, but no longer the one the next record names
  EXPECT_TRUE(other.composer.recover(bent));
  EXPECT_EQ(other.composer.recover(leaves[2]).error().reason(), Reason::kEvidenceBroken);
  for (const char* text : {"", "{}", "x", "{\"actor\":{\"kind\":\"person\",\"ref\":\"a\"},\"type\":\"log.beacon\"}"})
    EXPECT_EQ(other.composer.recover(text).error().reason(), Reason::kRecordInvalid) << text;
}

TEST(Leaves, OnlyTheCanonicalFormIsRead) {
  Desk desk;
  desk.composer.begin();
  const std::string good = desk.composer.compose(rich(kCaseA)).value().leaf;
  ASSERT_TRUE(parse_leaf(good));
  EXPECT_EQ(write_leaf(parse_leaf(good).value()).value(), good);
  const auto bent = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
  };
  const std::string cases[] = {"",
                               "{}",
                               "[]",
                               good + "\n",
                               " " + good,
                               "\xEF\xBB\xBF" + good,
                               bent(",\"v\":1", ",\"v\":2"),
                               bent(",\"v\":1", ""),
                               bent(",\"v\":1", ",\"v\":1,\"w\":1"),
                               bent("\"v\":1", "\"v\": 1"),
                               bent("\"attempt\":1", "\"attempt\":1.0"),
                               bent("\"attempt\":1", "\"attempt\":-0"),
                               bent("\"attempt\":1", "\"attempt\":1e0"),
                               bent("\"revoke\"", "\"\\u0072evoke\""),
                               bent("\"case_seq\":1", "\"case_seq\":2"),
                               bent("\"case_seq\":1", "\"case_seq\":0"),
                               bent("\"case_prev\":null,", ""),
                               bent("00.000001Z", "00.000Z"),
                               bent("00.000001Z", "00.000001+00:00"),
                               bent("\"person\"", "\"robot\""),
                               bent("\"mode\":\"break_glass\"", "\"mode\":\"glass\""),
                               bent("change.dispatched", "change.invented"),
                               bent("\"refs\":[\"p-1\",", "\"refs\":[\"p 1\","),
                               bent("\"subject\":{\"ref\":\"i-12\"}", "\"subject\":{}"),
                               bent("\"subject\":{\"ref\":\"i-12\"}", "\"subject\":{\"name\":\"x\",\"ref\":\"i-12\"}"),
                               bent("{\"obj\":\"o-77\",", "{\"obj\":\"\","),
                               bent("\"last\":false", "\"last\":null"),
                               std::string(65536, ' ')};
  for (const auto& text : cases) EXPECT_EQ(parse_leaf(text).error().reason(), Reason::kRecordInvalid) << text;
}

// Law: whatever single byte of a leaf changes, it is no leaf any more, or reads back as exactly those bytes.
TEST(Leaves, ReadAndWriteAreInverse) {
  Desk desk;
  desk.composer.begin();
  const std::string good = desk.composer.compose(rich(kCaseA)).value().leaf;
  EXPECT_TRUE(rc::check([&] {
    std::string bent = good;
    bent[*rc::gen::inRange<std::size_t>(0, good.size())] = *rc::gen::arbitrary<char>();
    const auto leaf = parse_leaf(bent);
    if (leaf) RC_ASSERT(write_leaf(*leaf).value() == bent);
  }));
}

// T16: the same inputs and seeds give the same bytes, in every build and for ever: version 1 of the form is what has
// this hash.
TEST(Compose, GoldenBytes) {
  Desk desk;
  desk.composer.begin();
  std::string all;
  for (int i = 0; i < 3; ++i) all += desk.composer.compose(rich(kCaseA)).value().leaf + "\n";
  all += desk.composer.compose(draft(event::kCaseClosed, kCaseA)).value().leaf + "\n";
  all += desk.composer.compose(draft(event::kLogBeacon, "")).value().leaf + "\n";
  EXPECT_EQ(sha256(all).hex(), "7a9200558eb807a5289563172b9b1adc054becfb5202129058eca624baf85c0c") << all;
}

}  // namespace
}  // namespace tenure::evidence
