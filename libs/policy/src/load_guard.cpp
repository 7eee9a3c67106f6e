// Limits on what may change before a person looks: one document for everything, others for a scope.
#include "loader.hpp"

#include <algorithm>

namespace tenure::policy {
namespace {

constexpr int kMany = 1'000'000'000;
const std::vector<std::string> kEffects = {"additions", "removals", "overwrites"};

void check_names(MapReader& reader, std::string_view key, const std::vector<std::string>& globs,
                 const std::vector<std::string>& known) {
  for (const std::string& glob : globs) {
    if (std::any_of(known.begin(), known.end(), [&](const std::string& name) { return matches_glob(glob, name); }))
      continue;
    reader.diagnostics().error(Reason::kPolicyReference, reader.place(),
                               "\"" + glob + "\" in " + std::string(key) + " of " + reader.what() + " is nothing known",
                               known.empty() ? "" : "one of " + join(known, ", "), suggest(glob, known));
  }
}

GuardScope read_scope(const PolicySet& set, YamlNode& node, const std::string& guard, Diagnostics& diagnostics) {
  MapReader reader(node, "the scope of " + guard, diagnostics);
  GuardScope scope;
  scope.targets = reader.texts_or("targets");
  scope.sources = reader.texts_or("sources");
  scope.classes = reader.texts_or("classes");
  scope.entitlements = reader.texts_or("entitlements");
  scope.effects = reader.texts_or("effects");
  std::vector<std::string> targets, sources, classes;
  for (const auto& [name, target] : set.targets) {
    targets.push_back(name.str());
    for (const AccountClassDoc& type : target.classes) classes.push_back(type.name);
  }
  for (const auto& [name, source] : set.sources) sources.push_back(name.str());
  check_names(reader, "targets", scope.targets, targets);
  check_names(reader, "sources", scope.sources, sources);
  check_names(reader, "classes", scope.classes, classes);
  check_names(reader, "effects", scope.effects, kEffects);
  reader.finish();
  if (scope.whole())
    diagnostics.error(Reason::kPolicySchema, node.place, "the scope of " + guard + " is everything",
                      "targets, sources, classes, entitlements or effects", "leave scope out for the general guard");
  return scope;
}

std::vector<Duration> read_windows(MapReader& reader, std::vector<Duration> fallback) {
  auto* items = reader.items("windows");
  if (items == nullptr) return fallback;
  std::vector<Duration> windows;
  for (const YamlNode& item : *items) {
    const auto window = Duration::parse(item.text);
    if (item.is_scalar() && window && *window > Duration() && *window <= Duration::days(366))
      windows.push_back(*window);
    else
      reader.wrong(item, "windows", "durations such as 24h and 30d, up to 366d");
  }
  std::sort(windows.begin(), windows.end());
  windows.erase(std::unique(windows.begin(), windows.end()), windows.end());
  return windows.empty() ? fallback : windows;
}

}  // namespace

void load_guard(Loading& loading, const Headed& head) {
  MapReader reader(*head.node, "guard \"" + head.name + "\"", loading.diagnostics);
  for (const char* known : {"apiVersion", "kind", "metadata"}) reader.optional(known);
  GuardDoc guard;
  guard.share_percent_max = static_cast<int>(reader.integer_or("share_percent_max", guard.share_percent_max, 0, 100));
  guard.count_max_small = static_cast<int>(reader.integer_or("count_max_small", guard.count_max_small, 0, kMany));
  guard.population_min = static_cast<int>(reader.integer_or("population_min", guard.population_min, 0, kMany));
  guard.privileged_weight = static_cast<int>(reader.integer_or("privileged_weight", guard.privileged_weight, 1, 1000));
  guard.collapse_percent_max =
      static_cast<int>(reader.integer_or("collapse_percent_max", guard.collapse_percent_max, 0, 100));
  guard.collapse_min = static_cast<int>(reader.integer_or("collapse_min", guard.collapse_min, 1, kMany));
  guard.windows = read_windows(reader, std::move(guard.windows));
  YamlNode* scope = reader.optional("scope");
  if (scope != nullptr) guard.scope = read_scope(loading.set, *scope, reader.what(), loading.diagnostics);
  guard.instead = reader.boolean_or("instead", false);
  if (guard.instead && scope == nullptr)
    reader.wrong(*head.node->find("instead"), "instead", "a scope: the general guard stands in place of nothing");
  reader.finish();
  if (scope != nullptr) {
    guard.name = head.name;
    loading.set.guards.push_back(std::move(guard));
  } else if (loading.general_guard) {
    loading.diagnostics.error(Reason::kPolicyDuplicate, head.name_place, "a second Guard document without a scope",
                              "one; the first is at " + loading.general_guard->to_string());
  } else {
    loading.general_guard = head.name_place;
    loading.set.guard = std::move(guard);
  }
}

}  // namespace tenure::policy
