#include <gtest/gtest.h>

#include <tenure/base/clock.hpp>
#include <tenure/model/identity_text.hpp>

namespace tenure::model {
namespace {

std::string word(Random& random) {
  static constexpr std::string_view kWords[] = {"", "hr", "Sales", "Krak\u00f3w", "a\"b\\c\n", "2026-01-01", "x y"};
  return std::string(kWords[random.below(std::size(kWords))]);
}

Time instant(Random& random) {
  switch (random.below(3)) {
    case 0:
      return Time{};
    case 1:
      return Time::never();
    default:
      return Time::from_micros(static_cast<std::int64_t>(random.below(2'000'000'000'000'000)));
  }
}

json::Value value(Random& random) {
  switch (random.below(5)) {
    case 0:
      return nullptr;
    case 1:
      return random.below(2) == 0;
    case 2:
      return static_cast<std::int64_t>(random.below(1000));
    case 3:
      return json::Array{word(random), word(random)};
    default:
      return word(random);
  }
}

Identity some_identity(Random& random) {
  Identity identity;
  identity.id = IdentityId(1 + static_cast<std::int64_t>(random.below(1000)));
  identity.kind = static_cast<IdentityKind>(random.below(5));
  identity.key = word(random);
  if (random.below(4) == 0) identity.alias_of = IdentityId(7);
  for (const char* name : {"department", "level", "mail"})
    if (random.below(3) > 0)
      identity.facts[name] = {value(random), random.below(4) == 0, SourceName(word(random)), instant(random)};
  for (std::uint64_t i = random.below(3); i > 0; --i)
    identity.engagements.push_back(
        {SourceName(word(random)), word(random), instant(random), instant(random), word(random)});
  for (std::uint64_t i = random.below(3); i > 0; --i)
    identity.relations.push_back({"manager", IdentityId(static_cast<std::int64_t>(i)), SourceName(word(random))});
  for (std::uint64_t i = random.below(3); i > 0; --i)
    identity.records.push_back({SourceName(word(random)), word(random)});
  return identity;
}

Identity made_of(const IdentityText& text) {
  Identity identity;
  identity.id = text.id;
  identity.kind = text.kind;
  identity.key = text.key;
  identity.alias_of = text.alias_of;
  for (const auto& fact : text.facts)
    identity.facts.emplace(fact.name, Fact{*json::parse(fact.value), fact.unknown, SourceName(std::string(fact.source)),
                                           *time_from_text(fact.known_at)});
  for (const auto& one : text.engagements)
    identity.engagements.push_back({SourceName(std::string(one.source)), std::string(one.key),
                                    *time_from_text(one.start), *time_from_text(one.end), std::string(one.status)});
  for (const auto& one : text.relations)
    identity.relations.push_back({std::string(one.kind), one.to, SourceName(std::string(one.source))});
  for (const auto& one : text.records)
    identity.records.push_back({SourceName(std::string(one.source)), std::string(one.key)});
  return identity;
}

TEST(IdentityText, SaysWhatTheDocumentSays) {
  Random random(11);
  IdentityReader reader;
  for (int i = 0; i < 2000; ++i) {
    const Identity identity = some_identity(random);
    const std::string document = json::to_string(to_json(identity));
    const auto text = reader.read(document);
    ASSERT_TRUE(text.has_value()) << document;
    ASSERT_EQ(made_of(**text), identity) << document;
  }
}

TEST(IdentityText, RefusesDamage) {
  Random random(12);
  IdentityReader reader;
  const std::string document = json::to_string(to_json(some_identity(random)));
  for (std::size_t length = 0; length < document.size(); ++length)
    ASSERT_FALSE(reader.read(std::string_view(document).substr(0, length)).has_value()) << length;
  EXPECT_FALSE(reader.read("{}").has_value());
  EXPECT_FALSE(reader.read(R"({"id":1,"other":2})").has_value());
  EXPECT_FALSE(time_from_text("tomorrow").has_value());
}

}  // namespace
}  // namespace tenure::model
