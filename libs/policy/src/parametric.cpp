#include <algorithm>
#include <utility>

#include <tenure/policy/parametric.hpp>

namespace tenure::policy {
namespace {

std::string placeholder_of(const ForEach& for_each) {
  return "{" + for_each.variable + "}";
}

std::string filled(std::string text, const std::string& placeholder, std::string_view value) {
  for (std::size_t at = text.find(placeholder); at != std::string::npos; at = text.find(placeholder, at + value.size()))
    text.replace(at, placeholder.size(), value);
  return text;
}

model::Parameters parameters_of(const RoleGrant::Pattern& pattern, const std::string& placeholder,
                                std::string_view value) {
  if (pattern.parameters.empty()) return {};
  json::Object object;
  for (const auto& [name, text] : pattern.parameters) object.emplace(name, filled(text, placeholder, value));
  return json::to_string(json::Value(std::move(object)));
}

// What stands at the first placeholder, when the whole is the pattern with it filled in; "" when it is not.
std::string value_in(const std::string& pattern, const std::string& placeholder, const std::string& text) {
  const std::size_t at = pattern.find(placeholder);
  if (at == std::string::npos || text.size() < at) return {};
  // The length of the value follows from the lengths of the texts: every placeholder stands for the same.
  std::size_t count = 0;
  for (std::size_t from = at; from != std::string::npos; from = pattern.find(placeholder, from + placeholder.size()))
    ++count;
  const std::size_t fixed = pattern.size() - count * placeholder.size();
  if (text.size() <= fixed || (text.size() - fixed) % count != 0) return {};
  std::string value = text.substr(at, (text.size() - fixed) / count);
  if (!is_parameter_value(value) || filled(pattern, placeholder, value) != text) return {};
  return value;
}

}  // namespace

bool is_parameter_value(std::string_view value) {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  if (value.empty() || value.size() > 128 || value.front() == '.' || value.front() == '-') return false;
  return std::all_of(value.begin(), value.end(), [&](char c) { return plain(c) || c == '.' || c == '_' || c == '-'; });
}

Expanded expand(const PolicySet& set, const GrantLine& line, std::string_view value) {
  Expanded out;
  const std::string placeholder = placeholder_of(*line.for_each);
  const TargetDoc& target = set.targets.at(line.grant->target);
  for (const RoleGrant::Pattern& pattern : line.grant->patterns) {
    RoleGrant::Entitled one{model::EntitlementId(filled(pattern.id, placeholder, value)),
                            parameters_of(pattern, placeholder, value)};
    const EntitlementDoc* found = target.entitlement(one.id);
    if (found == nullptr) {
      out.troubles.push_back(target.name.str() + " has no entitlement " + one.id.str());
      out.kept.push_back(std::move(one));
      continue;
    }
    for (const auto& [name, text] : pattern.parameters) {
      const auto order = found->order.find(name);
      if (order == found->order.end()) continue;
      const std::string wanted = filled(text, placeholder, value);
      if (std::find(order->second.begin(), order->second.end(), wanted) != order->second.end()) continue;
      out.troubles.push_back(target.name.str() + " " + one.id.str() + ": " + name + " has no value " + wanted);
    }
    out.kept.push_back(std::move(one));
  }
  if (!out.troubles.empty()) return out;
  out.given = std::exchange(out.kept, {});
  out.given.insert(out.given.begin(), line.grant->entitlements.begin(), line.grant->entitlements.end());
  return out;
}

std::vector<const EntitlementDoc*> catalogued(const TargetDoc& target, const ForEach& for_each,
                                              const RoleGrant::Pattern& pattern) {
  const std::string placeholder = placeholder_of(for_each);
  const bool fixed = pattern.id.find(placeholder) == std::string::npos;
  std::vector<const EntitlementDoc*> found;
  for (const EntitlementDoc& one : target.entitlements)
    if (fixed ? one.id.str() == pattern.id : !value_in(pattern.id, placeholder, one.id.str()).empty())
      found.push_back(&one);
  return found;
}

std::set<std::string> catalogued_values(const PolicySet& set, const GrantLine& line) {
  std::set<std::string> values;
  if (line.for_each == nullptr) return values;
  const std::string placeholder = placeholder_of(*line.for_each);
  for (const RoleGrant::Pattern& pattern : line.grant->patterns)
    for (const EntitlementDoc& one : set.targets.at(line.grant->target).entitlements)
      if (std::string value = value_in(pattern.id, placeholder, one.id.str()); !value.empty())
        values.insert(std::move(value));
  return values;
}

std::vector<Possible> possible(const PolicySet& set, const GrantLine& line) {
  std::vector<Possible> out;
  for (const RoleGrant::Entitled& one : line.grant->entitlements) out.push_back({one.id, one.parameters, false});
  if (line.for_each == nullptr) return out;
  const TargetDoc& target = set.targets.at(line.grant->target);
  const std::string placeholder = placeholder_of(*line.for_each);
  for (const RoleGrant::Pattern& pattern : line.grant->patterns) {
    const bool open = std::any_of(pattern.parameters.begin(), pattern.parameters.end(),
                                  [&](const auto& one) { return one.second.find(placeholder) != std::string::npos; });
    for (const EntitlementDoc* found : catalogued(target, *line.for_each, pattern))
      out.push_back({found->id, open ? "" : parameters_of(pattern, placeholder, ""), open});
  }
  return out;
}

}  // namespace tenure::policy
