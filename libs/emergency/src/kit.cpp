#include <algorithm>

#include <openssl/crypto.h>

#include <tenure/base/hash.hpp>
#include <tenure/base/json.hpp>
#include <tenure/emergency/kit.hpp>

namespace tenure::emergency {
namespace {

constexpr std::string_view kFormat = "tenure-kit/v1";

std::unexpected<Error> invalid(std::string what) {
  return fail(Reason::kKitInvalid, std::move(what));
}

std::string_view view(const std::array<std::uint8_t, 32>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<std::array<std::uint8_t, 32>> bytes32(const json::Value& value, std::string_view key) {
  TENURE_TRY(std::string raw, from_base64(value.string_or(key, "")));
  if (raw.size() != 32) return invalid(std::string(key) + " is not 32 bytes");
  std::array<std::uint8_t, 32> out{};
  std::copy(raw.begin(), raw.end(), out.begin());
  wipe(raw);
  return out;
}

json::Value texts(const std::map<std::string, std::string>& map) {
  json::Object object;
  for (const auto& [key, value] : map) object.emplace(key, to_base64(value));
  return object;
}

Result<std::map<std::string, std::string>> texts_from(const json::Value& value, std::string_view key) {
  std::map<std::string, std::string> map;
  const json::Value* object = value.find(key);
  if (object == nullptr || !object->is_object()) return invalid(std::string(key) + " is missing");
  for (const auto& [name, text] : object->as_object()) {
    TENURE_TRY(map[name], from_base64(text.is_string() ? text.as_string() : "?"));
  }
  return map;
}

json::Value to_json(const KitTarget& target) {
  json::Array classes, ignored;
  for (const auto& one : target.settings.classes) {
    json::Array attributes;
    for (const auto& name : one.attributes) attributes.emplace_back(name);
    classes.push_back(json::Object{{"name", one.name},
                                   {"purpose", model::name_of(one.purpose)},
                                   {"scope", model::name_of(one.scope)},
                                   {"config", one.config},
                                   {"attributes", std::move(attributes)}});
  }
  for (const auto& one : target.settings.ignored) ignored.emplace_back(one.str());
  return json::Object{{"target", target.settings.target.str()},
                      {"connector", target.connector},
                      {"config", target.settings.config},
                      {"classes", std::move(classes)},
                      {"ignored", std::move(ignored)},
                      {"secrets", texts(target.secrets)},
                      {"files", texts(target.files)}};
}

const json::Array& list(const json::Value& value, std::string_view key) {
  static const json::Array kNone;
  const json::Value* found = value.find(key);
  return found != nullptr && found->is_array() ? found->as_array() : kNone;
}

Result<KitTarget> target_from_json(const json::Value& value) {
  KitTarget target;
  target.connector = value.string_or("connector", "");
  target.settings.target = model::TargetName(value.string_or("target", ""));
  if (target.connector.empty() || target.settings.target.empty()) return invalid("a target has no name or connector");
  if (const json::Value* config = value.find("config")) target.settings.config = *config;
  for (const json::Value& one : list(value, "classes")) {
    connector::AccountClass declared;
    declared.name = one.string_or("name", "");
    declared.purpose = model::purpose_from(one.string_or("purpose", "")).value_or(model::Purpose::kNormal);
    declared.scope = model::scope_from(one.string_or("scope", "")).value_or(model::Scope::kObserved);
    if (const json::Value* config = one.find("config")) declared.config = *config;
    for (const json::Value& name : list(one, "attributes"))
      if (name.is_string()) declared.attributes.push_back(name.as_string());
    target.settings.classes.push_back(std::move(declared));
  }
  for (const json::Value& one : list(value, "ignored"))
    if (one.is_string()) target.settings.ignored.emplace_back(one.as_string());
  TENURE_TRY(target.secrets, texts_from(value, "secrets"));
  TENURE_TRY(target.files, texts_from(value, "files"));
  return target;
}

// What is said in the open, and bound to what is sealed.
json::Object header_of(const Kit& kit) {
  json::Array targets;
  for (const KitTarget& target : kit.targets) targets.emplace_back(target.settings.target.str());
  return {{"format", kFormat},
          {"kit", kit.id},
          {"person", kit.name},
          {"made_at", kit.made_at.to_rfc3339()},
          {"expires_at", kit.expires_at.to_rfc3339()},
          {"targets", std::move(targets)}};
}

Status read_inside(const json::Value& inside, Kit& kit) {
  kit.person = inside.string_or("person_id", "");
  kit.origin = inside.string_or("origin", "");
  TENURE_TRY(kit.signing_seed, bytes32(inside, "signing_seed"));
  for (const json::Value& one : list(inside, "targets")) {
    TENURE_TRY(auto target, target_from_json(one));
    kit.targets.push_back(std::move(target));
  }
  return {};
}

}  // namespace

Kit::~Kit() {
  OPENSSL_cleanse(signing_seed.data(), signing_seed.size());
  for (KitTarget& target : targets)
    for (auto& [reference, value] : target.secrets) wipe(value);
}

const KitTarget* Kit::find(const model::TargetName& target) const {
  const auto it =
      std::find_if(targets.begin(), targets.end(), [&](const KitTarget& one) { return one.settings.target == target; });
  return it == targets.end() ? nullptr : &*it;
}

Result<evidence::SigningKey> Kit::signing_key() const {
  return evidence::SigningKey::create("tenure-kit/" + id, signing_seed);
}

Result<std::string> write_kit(const Kit& kit, const Recipient& recipient, Entropy& entropy) {
  json::Array targets;
  for (const KitTarget& target : kit.targets) targets.push_back(to_json(target));
  const json::Value inside = json::Object{{"person_id", kit.person},
                                          {"origin", kit.origin},
                                          {"signing_seed", to_base64(view(kit.signing_seed))},
                                          {"targets", std::move(targets)}};
  json::Object file = header_of(kit);
  TENURE_TRY(const std::string header, json::canonical(file));
  std::string secret = json::to_string(inside);
  auto sealed = seal(recipient, secret, header, entropy);
  wipe(secret);
  TENURE_CHECK_OK(sealed);
  file.emplace("ephemeral", to_base64(view(sealed->ephemeral)));
  file.emplace("sealed", to_base64(sealed->bytes));
  TENURE_TRY(std::string bytes, json::canonical(file));
  bytes += "\n";
  if (bytes.size() > kKitBytesMax) return fail(Reason::kJsonShape, "the kit would be too large");
  return bytes;
}

Result<Kit> read_kit(std::string_view file, const OperatorKey& key) {
  if (file.size() > kKitBytesMax) return invalid("it is larger than any kit");
  while (!file.empty() && (file.back() == '\n' || file.back() == '\r')) file.remove_suffix(1);
  auto parsed = json::parse(file);
  if (!parsed || !parsed->is_object() || parsed->string_or("format", "") != kFormat)
    return invalid("it is no " + std::string(kFormat) + " document");
  json::Object header = parsed->as_object();
  header.erase("ephemeral");
  header.erase("sealed");
  TENURE_TRY(const std::string open_text, json::canonical(header));
  Sealed sealed;
  TENURE_TRY(sealed.ephemeral, bytes32(*parsed, "ephemeral"));
  TENURE_TRY(sealed.bytes, from_base64(parsed->string_or("sealed", "")));
  TENURE_TRY(std::string secret, unseal(key, sealed, open_text));
  auto inside = json::parse(secret);
  wipe(secret);
  if (!inside) return invalid("what is inside is no JSON");
  Kit kit;
  kit.id = parsed->string_or("kit", "");
  kit.name = parsed->string_or("person", "");
  TENURE_TRY(kit.made_at, Time::parse(parsed->string_or("made_at", "")));
  TENURE_TRY(kit.expires_at, Time::parse(parsed->string_or("expires_at", "")));
  TENURE_CHECK_OK(read_inside(*inside, kit));
  return kit;
}

}  // namespace tenure::emergency
