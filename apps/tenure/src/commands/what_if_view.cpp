#include "commands/what_if_view.hpp"

#include "cli/output.hpp"
#include "commands/words.hpp"

#include <algorithm>
#include <map>

#include <tenure/base/text.hpp>

namespace tenure::cli {
namespace {

using plan::Effect;
using Count = plan::Impact::Count;
constexpr std::size_t kTopMax = 8;  // identities, and rights

std::string_view name_of(Effect effect) {
  switch (effect) {
    case Effect::kGains:
      return "gains";
    case Effect::kLoses:
      return "loses";
    case Effect::kMayGain:
      return "may_gain";
    case Effect::kMayLose:
      return "may_lose";
  }
  return "";
}

char symbol_of(Effect effect) {
  return effect == Effect::kGains ? '+' : effect == Effect::kLoses ? '-' : '?';
}

void count(Count& count, Effect effect) {
  switch (effect) {
    case Effect::kGains:
      ++count.gains;
      break;
    case Effect::kLoses:
      ++count.loses;
      break;
    case Effect::kMayGain:
      ++count.may_gain;
      break;
    case Effect::kMayLose:
      ++count.may_lose;
      break;
  }
}

std::int64_t total(const Count& count) {
  return count.gains + count.loses + count.may_gain + count.may_lose;
}

// "+ 12  - 3  ? 1"
std::string text_of(const Count& count) {
  std::vector<std::string> parts;
  if (count.gains > 0) parts.push_back("+ " + thousands(count.gains));
  if (count.loses > 0) parts.push_back("- " + thousands(count.loses));
  if (const std::int64_t open = count.may_gain + count.may_lose; open > 0) parts.push_back("? " + thousands(open));
  return parts.empty() ? "no changes" : join(parts, "  ");
}

json::Value to_json(const Count& count) {
  return json::Object{
      {"gains", count.gains}, {"loses", count.loses}, {"may_gain", count.may_gain}, {"may_lose", count.may_lose}};
}

std::string right_text(const plan::Right& right) {
  if (right.entitlement.empty()) return right.target.str() + ": an account (" + right.account_class + ")";
  return right.target.str() + ":" + right.entitlement.str() + (right.parameters.empty() ? "" : " " + right.parameters);
}

Count count_of_all(const plan::Impact& impact) {
  Count all;
  for (const auto& line : impact.lines) count(all, line.effect);
  return all;
}

using Counted = std::vector<std::pair<std::string, Count>>;

// Most first, then by name; the rest in one line.
void add_top(std::vector<std::string>& lines, const std::string& title, Counted counted) {
  if (counted.empty()) return;
  std::sort(counted.begin(), counted.end(), [](const auto& a, const auto& b) {
    return total(a.second) != total(b.second) ? total(a.second) > total(b.second) : a.first < b.first;
  });
  const std::size_t shown = counted.size() > kTopMax ? kTopMax - 1 : counted.size();
  std::vector<std::pair<std::string, std::string>> pairs;
  for (std::size_t i = 0; i < shown; ++i) pairs.emplace_back(counted[i].first, text_of(counted[i].second));
  lines.push_back(title);
  std::string text = aligned(pairs);
  if (!text.empty()) text.pop_back();
  lines.push_back(std::move(text));
  if (shown < counted.size())
    lines.push_back("  ... " + thousands(static_cast<std::int64_t>(counted.size() - shown)) + " more");
}

std::string key_of(const app::WhatIf& found, model::IdentityId identity) {
  const auto key = found.keys.find(identity);
  return key == found.keys.end() ? "identity:" + std::to_string(identity.value()) : key->second;
}

}  // namespace

std::string what_if_text(const app::WhatIf& found, bool full) {
  const plan::Impact& impact = found.impact;
  std::vector<std::string> lines;
  Counted targets, risks;
  for (const auto& [target, one] : impact.by_target) targets.emplace_back(target.str(), one);
  for (const auto& [risk, one] : impact.by_risk) risks.emplace_back(std::string(model::name_of(risk)), one);
  add_top(lines, "By target:", std::move(targets));
  add_top(lines, "By risk:", std::move(risks));
  std::map<std::uint32_t, Count> by_right;
  std::map<model::IdentityId, Count> by_identity;
  for (const auto& line : impact.lines) {
    count(by_right[line.right], line.effect);
    count(by_identity[line.identity], line.effect);
  }
  Counted rights, identities;
  for (const auto& [right, one] : by_right) rights.emplace_back(right_text(impact.rights.at(right)), one);
  for (const auto& [identity, one] : by_identity) identities.emplace_back(key_of(found, identity), one);
  add_top(lines, "Rights:", std::move(rights));
  add_top(lines, "Identities:", std::move(identities));
  if (full)
    for (const auto& line : impact.lines)
      lines.push_back(printable("  " + std::string(1, symbol_of(line.effect)) + " " + key_of(found, line.identity) +
                                "  " + right_text(impact.rights.at(line.right))));
  if (impact.lines.empty()) return "Nobody would gain or lose anything.\n";
  lines.push_back(text_of(count_of_all(impact)) + " for " + count_of(impact.identities, "identity", "identities") +
                  "; nothing was touched.");
  return join(lines, "\n") + "\n";
}

json::Object what_if_fields(const app::WhatIf& found) {
  json::Object by_target, by_risk;
  for (const auto& [target, one] : found.impact.by_target) by_target.emplace(target.str(), to_json(one));
  for (const auto& [risk, one] : found.impact.by_risk) by_risk.emplace(std::string(model::name_of(risk)), to_json(one));
  return {{"policy_before", found.before.str()},
          {"policy_after", found.after.str()},
          {"identities", found.impact.identities},
          {"changes", found.impact.lines.size()},
          {"counts", to_json(count_of_all(found.impact))},
          {"by_target", std::move(by_target)},
          {"by_risk", std::move(by_risk)}};
}

std::vector<json::Value> what_if_rows(const app::WhatIf& found) {
  std::vector<json::Value> rows;
  rows.reserve(found.impact.lines.size());
  for (const auto& line : found.impact.lines) {
    const plan::Right& right = found.impact.rights.at(line.right);
    json::Object row{{"identity", key_of(found, line.identity)},
                     {"effect", name_of(line.effect)},
                     {"target", right.target.str()},
                     {"class", right.account_class},
                     {"entitlement", right.entitlement.str()},
                     {"risk", model::name_of(right.risk)}};
    if (!right.parameters.empty()) row.emplace("parameters", right.parameters);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace tenure::cli
