#include "kit_rows.hpp"

namespace tenure::app {

json::Value to_json(const KnownKit& kit) {
  json::Array targets;
  for (const auto& target : kit.targets) targets.emplace_back(target);
  return json::Object{{"id", kit.id},
                      {"person", kit.person},
                      {"name", kit.name},
                      {"maker", kit.maker},
                      {"vkey", kit.vkey},
                      {"targets", std::move(targets)},
                      {"made_at", kit.made_at.to_rfc3339()},
                      {"expires_at", kit.expires_at.to_rfc3339()},
                      {"merged", kit.merged},
                      {"merged_hash", kit.merged_hash}};
}

Result<KnownKit> known_kit_from_json(const json::Value& value) {
  const json::Reader reader(value, "kit");
  KnownKit kit;
  TENURE_TRY(kit.id, reader.string("id"));
  TENURE_TRY(kit.person, reader.string("person"));
  TENURE_TRY(kit.vkey, reader.string("vkey"));
  kit.name = value.string_or("name", "");
  kit.maker = value.string_or("maker", "");
  if (const auto* targets = value.find("targets"); targets != nullptr && targets->is_array())
    for (const auto& target : targets->as_array())
      if (target.is_string()) kit.targets.push_back(target.as_string());
  TENURE_TRY(kit.made_at, Time::parse(value.string_or("made_at", "")));
  TENURE_TRY(kit.expires_at, Time::parse(value.string_or("expires_at", "")));
  kit.merged = value.int_or("merged", 0);
  kit.merged_hash = value.string_or("merged_hash", "");
  return kit;
}

store::Write write_of(const KnownKit& kit) {
  return {
      store::Table::kKit,           kit.id, store::kAnyVersion, false, {kit.person, "made", kit.expires_at.to_micros()},
      json::to_string(to_json(kit))};
}

}  // namespace tenure::app
