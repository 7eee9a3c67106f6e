#include "json_codec.hpp"

#include <tenure/model/identity.hpp>

namespace tenure::model {
namespace {

constexpr std::array<std::string_view, 5> kKinds = {"person", "service", "workload", "device", "agent"};
constexpr std::array<std::string_view, 8> kStates = {"staged", "active",     "suspended", "leaving",
                                                     "left",   "discovered", "revoking",  "retired"};
constexpr std::array<std::string_view, 3> kAccountStates = {"absent", "disabled", "enabled"};

json::Value fact_to_json(const Fact& fact) {
  json::Object object{
      {"value", fact.value}, {"source", fact.source.str()}, {"known_at", codec::put_time(fact.known_at)}};
  if (fact.unknown) object.emplace("unknown", true);
  return object;
}

Result<Fact> fact_from_json(const json::Reader& reader) {
  Fact fact;
  const json::Value* value = reader.value().find("value");
  if (value == nullptr) return reader.wrong("value", "a value");
  fact.value = *value;
  fact.unknown = reader.value().bool_or("unknown", false);
  fact.source = SourceName(codec::text(reader.value(), "source"));
  TENURE_TRY(fact.known_at, codec::get_time(reader, "known_at"));
  return fact;
}

json::Value engagement_to_json(const Engagement& engagement) {
  return json::Object{{"source", engagement.source.str()},
                      {"key", engagement.key},
                      {"start", codec::put_time(engagement.start)},
                      {"end", codec::put_time(engagement.end)},
                      {"status", engagement.status}};
}

Result<Engagement> engagement_from_json(const json::Reader& reader) {
  Engagement engagement;
  engagement.source = SourceName(codec::text(reader.value(), "source"));
  TENURE_TRY(engagement.key, reader.string("key"));
  TENURE_TRY(engagement.start, codec::get_time(reader, "start"));
  TENURE_TRY(engagement.end, codec::get_time(reader, "end"));
  TENURE_TRY(engagement.status, reader.string("status"));
  return engagement;
}

}  // namespace

std::string_view name_of(IdentityKind kind) {
  return codec::enum_name(kKinds, kind);
}
std::string_view name_of(LifecycleState state) {
  return codec::enum_name(kStates, state);
}
std::string_view name_of(AccountState state) {
  return codec::enum_name(kAccountStates, state);
}
std::optional<IdentityKind> identity_kind(std::string_view name) {
  return codec::enum_from<IdentityKind>(kKinds, name);
}
std::optional<LifecycleState> lifecycle_state(std::string_view name) {
  return codec::enum_from<LifecycleState>(kStates, name);
}
std::optional<AccountState> account_state(std::string_view name) {
  return codec::enum_from<AccountState>(kAccountStates, name);
}

json::Value to_json(const Identity& identity) {
  json::Object facts;
  for (const auto& [name, fact] : identity.facts) facts.emplace(name, fact_to_json(fact));
  json::Array engagements, relations, records;
  for (const auto& engagement : identity.engagements) engagements.push_back(engagement_to_json(engagement));
  for (const auto& relation : identity.relations)
    relations.push_back(
        json::Object{{"kind", relation.kind}, {"to", relation.to.value()}, {"source", relation.source.str()}});
  for (const auto& record : identity.records)
    records.push_back(json::Object{{"source", record.source.str()}, {"key", record.key}});
  return json::Object{
      {"id", identity.id.value()},     {"kind", name_of(identity.kind)},        {"key", identity.key},
      {"facts", std::move(facts)},     {"engagements", std::move(engagements)}, {"relations", std::move(relations)},
      {"records", std::move(records)}, {"alias_of", identity.alias_of.value()}};
}

Result<Identity> identity_from_json(const json::Value& value) {
  const json::Reader reader(value, "identity");
  Identity identity;
  TENURE_TRY(const std::int64_t id, reader.integer("id"));
  identity.id = IdentityId(id);
  TENURE_TRY(identity.kind, codec::get_enum(reader, "kind", identity_kind));
  TENURE_TRY(identity.key, reader.string("key"));
  TENURE_TRY(const json::Reader facts, reader.member("facts"));
  if (!facts.value().is_object()) return reader.wrong("facts", "an object");
  for (const auto& [name, fact_value] : facts.value().as_object()) {
    TENURE_TRY(Fact fact, fact_from_json(json::Reader(fact_value, facts.path() + "." + name)));
    identity.facts.emplace(name, std::move(fact));
  }
  TENURE_TRY(const auto engagements, reader.array("engagements"));
  for (const auto& element : engagements) {
    TENURE_TRY(Engagement engagement, engagement_from_json(element));
    identity.engagements.push_back(std::move(engagement));
  }
  TENURE_TRY(const auto relations, reader.array("relations"));
  for (const auto& element : relations) {
    Relation relation;
    TENURE_TRY(relation.kind, element.string("kind"));
    TENURE_TRY(const std::int64_t to, element.integer("to"));
    relation.to = IdentityId(to);
    relation.source = SourceName(codec::text(element.value(), "source"));
    identity.relations.push_back(std::move(relation));
  }
  TENURE_TRY(const auto records, reader.array("records"));
  for (const auto& element : records) {
    TENURE_TRY(std::string source, element.string("source"));
    TENURE_TRY(std::string key, element.string("key"));
    identity.records.push_back({SourceName(std::move(source)), std::move(key)});
  }
  identity.alias_of = IdentityId(value.int_or("alias_of", 0));
  return identity;
}

}  // namespace tenure::model
