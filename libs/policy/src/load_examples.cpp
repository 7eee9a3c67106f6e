// Documents of the kind Examples: what an author expects of the whole policy.
#include "loader.hpp"

#include <algorithm>

namespace tenure::policy {
namespace {

std::optional<Time> read_time(MapReader& reader, const YamlNode& from, std::string_view key) {
  const std::string text = reader.text_or(key);
  if (text.empty()) return std::nullopt;
  if (const auto time = Time::parse(text)) return *time;
  reader.wrong(*from.find(key), key, "a date, or an instant such as 2026-11-20T08:00:00Z");
  return std::nullopt;
}

void read_engagements(MapReader& reader, Example& example) {
  auto* items = reader.items("engagements");
  if (items == nullptr) return;
  for (YamlNode& item : *items) {
    MapReader one(item, "an engagement of " + reader.what(), reader.diagnostics());
    if (!one.ok()) continue;
    model::Engagement engagement;
    engagement.source = model::SourceName("example");
    engagement.key = std::to_string(example.engagements.size());
    engagement.start = read_time(one, item, "start").value_or(Time());
    engagement.end = read_time(one, item, "end").value_or(Time::never());
    engagement.status = one.text_or("status", "active");
    one.finish();
    example.engagements.push_back(std::move(engagement));
  }
}

void read_requested(Loading& loading, MapReader& reader, Example& example) {
  auto* items = reader.items("requested");
  if (items == nullptr) return;
  for (const YamlNode& item : *items) {
    const auto name = to_text(item);
    const RoleDoc* role = name ? loading.set.role(model::RoleName(*name)) : nullptr;
    if (role != nullptr && role->request)
      example.requested.push_back(role->name);
    else
      loading.diagnostics.error(Reason::kPolicyReference, item.place,
                                "\"" + name.value_or("") + "\" in " + reader.what() + " cannot be asked for",
                                "a role with request, or TARGET:ENTITLEMENT that is requestable");
  }
}

void read_example(Loading& loading, const std::string& suite, YamlNode& node) {
  MapReader reader(node, "an example of \"" + suite + "\"", loading.diagnostics);
  if (!reader.ok()) return;
  Example example;
  example.suite = suite;
  example.place = node.place;
  example.name = reader.text("name", "whom it is about: Ana in Sales");
  reader.required("identity", "{ kind: person, department: Sales }");
  json::Object identity;
  if (auto* entries = reader.entries("identity"); entries != nullptr)
    for (auto& [key, value] : *entries) {
      check_attribute(loading, key);
      identity.emplace(key.text, to_json(value));
    }
  example.identity = std::move(identity);
  example.at = read_time(reader, node, "at");
  read_engagements(reader, example);
  if (!example.engagements.empty() && !example.at)
    loading.diagnostics.error(Reason::kPolicySchema, node.place, reader.what() + " has engagements and no time",
                              "at: the day that it is about");
  if (YamlNode* state = reader.optional("state"))
    example.state =
        reader.read_name<model::LifecycleState>(*state, "state", model::lifecycle_state, lifecycle_state_names());
  read_requested(loading, reader, example);
  example.holds = read_holds(loading, reader, "holds");
  example.lacks = read_holds(loading, reader, "lacks");
  example.undecided = read_holds(loading, reader, "undecided");
  if (auto* entries = reader.entries("because"); entries != nullptr)
    for (auto& [key, value] : *entries) {
      const auto right = read_right(loading, key);
      if (right && value.is_scalar()) example.because.emplace(key.text, value.text);
      if (right && !value.is_scalar()) reader.wrong(value, key.text, "the name of a role");
    }
  if (reader.optional("conflicts") != nullptr) example.conflicts = reader.texts_or("conflicts");
  if (example.holds.empty() && example.lacks.empty() && example.undecided.empty() && example.because.empty() &&
      !example.state && !example.conflicts)
    loading.diagnostics.error(Reason::kPolicySchema, node.place, reader.what() + " expects nothing",
                              "holds: { target: [entitlements] }, lacks, undecided, because, state or conflicts");
  reader.finish();
  loading.set.examples.push_back(std::move(example));
}

}  // namespace

void load_examples(Loading& loading, const Headed& head) {
  MapReader reader(*head.node, "examples \"" + head.name + "\"", loading.diagnostics);
  for (const char* known : {"apiVersion", "kind", "metadata"}) reader.optional(known);
  reader.required("examples", "[{ name: ..., identity: { ... }, holds: { ... } }]");
  if (auto* items = reader.items("examples"); items != nullptr)
    for (YamlNode& item : *items) read_example(loading, head.name, item);
  reader.finish();
}

}  // namespace tenure::policy
