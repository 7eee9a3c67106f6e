#include "resource.hpp"

#include <algorithm>
#include <array>

#include <tenure/base/text.hpp>
#include <tenure/connector/verify.hpp>

namespace tenure::connector_scim {
namespace {

constexpr std::array<std::string_view, 7> kMultiValued = {"emails",    "phonenumbers",     "ims",         "photos",
                                                          "addresses", "x509certificates", "entitlements"};

const json::Value* member(const json::Value& object, const std::string& name) {
  if (!object.is_object()) return nullptr;
  if (const auto* exact = object.find(name)) return exact;
  const std::string lower = ascii_lower(name);
  for (const auto& [key, value] : object.as_object())
    if (ascii_lower(key) == lower) return &value;
  return nullptr;
}

// "urn:...:User:department" -> {"urn:...:User", "department"}; "name.givenName" -> {"name", "givenName"}
std::vector<std::string> steps(const std::string& path) {
  if (path.starts_with("urn:")) {
    const std::size_t colon = path.rfind(':');
    std::vector<std::string> all = {path.substr(0, colon)};
    for (auto& part : split(std::string_view(path).substr(colon + 1), '.')) all.push_back(std::move(part));
    return all;
  }
  return split(path, '.');
}

const json::Value* primary_of(const json::Array& values) {
  for (const auto& value : values)
    if (value.bool_or("primary", false)) return &value;
  return values.empty() ? nullptr : &values.front();
}

}  // namespace

bool is_multi_valued(const std::string& path) {
  return std::find(kMultiValued.begin(), kMultiValued.end(), ascii_lower(path)) != kMultiValued.end();
}

std::optional<json::Value> get_path(const json::Value& resource, const std::string& path) {
  const json::Value* value = &resource;
  for (const auto& step : steps(path)) {
    value = member(*value, step);
    if (value == nullptr) return std::nullopt;
  }
  if (value->is_array()) {
    const json::Value* primary = primary_of(value->as_array());
    if (primary == nullptr) return std::nullopt;
    if (!primary->is_object()) return *primary;
    const json::Value* inner = member(*primary, "value");
    if (inner == nullptr) return std::nullopt;
    return *inner;
  }
  if (value->is_null() || value->is_object()) return std::nullopt;
  return *value;
}

void set_path(json::Object& resource, const std::string& path, const json::Value& value) {
  const auto parts = steps(path);
  json::Object* object = &resource;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    auto& inner = (*object)[parts[i]];
    if (!inner.is_object()) inner = json::Object{};
    object = &inner.as_object();
  }
  if (is_multi_valued(path))
    (*object)[parts.back()] = json::Array{json::Object{{"value", value}, {"type", "work"}, {"primary", true}}};
  else
    (*object)[parts.back()] = value;
}

model::Account account_of(const json::Value& user, const std::string& account_class, model::Purpose purpose,
                          const std::vector<std::string>& attributes) {
  model::Account account;
  account.id = model::NativeId(user.string_or("id", ""));
  account.name = user.string_or("userName", "");
  account.account_class = account_class;
  account.purpose = purpose;
  // RFC 7643 section 4.1.1 leaves the meaning of an absent `active` open; providers treat it as active.
  const json::Value* active = member(user, "active");
  account.enabled = active == nullptr || !active->is_bool() || active->as_bool();
  if (active != nullptr && active->is_string()) account.enabled = ascii_lower(active->as_string()) != "false";
  if (!account.enabled) account.restriction = "inactive";
  for (const auto& name : attributes) {
    const json::Value value = get_path(user, name).value_or("");
    account.attributes.emplace(name, connector::attribute_value(connector::attribute_texts(value)).value_or(""));
  }
  return account;
}

json::Value patch_body(json::Array operations) {
  return json::Object{{"schemas", json::Array{"urn:ietf:params:scim:api:messages:2.0:PatchOp"}},
                      {"Operations", std::move(operations)}};
}

json::Value replace_operation(const std::string& path, const json::Value& value) {
  const auto texts = connector::attribute_texts(value);
  if (texts.empty()) return json::Object{{"op", "remove"}, {"path", path}};
  json::Value sent = value;
  if (is_multi_valued(path)) sent = json::Array{json::Object{{"value", value}, {"type", "work"}, {"primary", true}}};
  return json::Object{{"op", "replace"}, {"path", path}, {"value", std::move(sent)}};
}

}  // namespace tenure::connector_scim
