#include <algorithm>

#include <tenure/base/text.hpp>
#include <tenure/connector/verify.hpp>

namespace tenure::connector {

std::vector<std::string> attribute_texts(const json::Value& value) {
  std::vector<std::string> out;
  if (value.is_null()) return out;
  if (value.is_array()) {
    for (const auto& element : value.as_array())
      for (auto& text : attribute_texts(element)) out.push_back(std::move(text));
    std::sort(out.begin(), out.end());
    return out;
  }
  std::string text = value.is_string() ? value.as_string() : json::to_string(value);
  if (!text.empty()) out.push_back(std::move(text));
  return out;
}

std::optional<json::Value> attribute_value(std::vector<std::string> texts) {
  if (texts.empty()) return std::nullopt;
  if (texts.size() == 1) return json::Value(std::move(texts.front()));
  std::sort(texts.begin(), texts.end());
  json::Array array;
  for (auto& text : texts) array.emplace_back(std::move(text));
  return json::Value(std::move(array));
}

std::optional<std::string> difference(const model::AccountImage& image, const model::AttributeMap& attributes) {
  for (const auto& [name, wanted] : attributes) {
    const auto found = image.account.attributes.find(name);
    const json::Value held = found == image.account.attributes.end() ? json::Value() : found->second;
    // Values may be personal: the name of the attribute is enough to find it.
    if (attribute_texts(held) != attribute_texts(wanted)) return "the attribute " + name + " is not as asked";
  }
  return std::nullopt;
}

std::optional<std::string> difference(const model::AccountImage& image, const AccountDraft& draft) {
  if (ascii_lower(image.account.name) != ascii_lower(draft.name)) return "the account has another name";
  if (image.account.account_class != draft.account_class)
    return "the account is of class " + image.account.account_class + ", not " + draft.account_class;
  if (image.account.enabled != draft.enabled)
    return std::string("the account is ") + (image.account.enabled ? "enabled" : "not enabled");
  return difference(image, draft.attributes);
}

bool holds(const model::AccountImage& image, const model::EntitlementId& entitlement,
           const model::Parameters& parameters) {
  return std::any_of(image.grants.begin(), image.grants.end(), [&](const model::Grant& grant) {
    return grant.entitlement == entitlement && grant.parameters == parameters;
  });
}

std::unexpected<Error> unverified(std::string what) {
  return fail(Reason::kTargetUnverified, std::move(what), Effect::kUnknown, Retry::kAfterReadBack);
}

}  // namespace tenure::connector
