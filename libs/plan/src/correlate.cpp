#include "correlate.hpp"

#include <tenure/base/text.hpp>

namespace tenure::plan {
namespace {

std::string attribute_text(const model::Account& account, const std::string& attribute) {
  if (attribute == "name") return account.name;
  const auto it = account.attributes.find(attribute);
  if (it == account.attributes.end()) return "";
  if (it->second.is_string()) return it->second.as_string();
  return it->second.is_int() ? std::to_string(it->second.as_int()) : "";
}

}  // namespace

Correlator::Correlator(const Picture& picture, const policy::AccountClassDoc& type, const NamesOf& names) {
  for (const auto& doc : type.correlate) rules_.push_back({&doc, {}});
  for (const auto& [id, identity] : picture.world().identities) {
    if (identity.kind != type.kind || identity.alias_of.valid()) continue;
    const policy::Subject subject(picture.policy(), identity, names.of(id));
    for (Rule& rule : rules_) {
      const policy::Computed computed = subject.value(rule.doc->identity_value);
      // Unknown and blank correlate with nothing.
      if (computed.unknown || !computed.value.is_string() || computed.value.as_string().empty()) continue;
      rule.by_value[ascii_lower(computed.value.as_string())].push_back(id);
    }
  }
}

Match Correlator::match(const model::Account& account) const {
  Match result;
  for (const Rule& rule : rules_) {
    const std::string value = attribute_text(account, rule.doc->account_attribute);
    if (value.empty()) continue;
    const auto it = rule.by_value.find(ascii_lower(value));
    if (it == rule.by_value.end()) continue;
    if (it->second.size() == 1) return {it->second.front(), rule.doc, value, 1};
    if (result.candidates == 0) result = {{}, rule.doc, value, it->second.size()};
  }
  return result;
}

}  // namespace tenure::plan
