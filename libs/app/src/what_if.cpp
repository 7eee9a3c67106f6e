#include "people.hpp"
#include "world.hpp"

#include <algorithm>
#include <charconv>
#include <thread>

#include <tenure/app/population.hpp>
#include <tenure/app/what_if.hpp>
#include <tenure/base/text.hpp>

namespace tenure::app {
namespace {

std::unexpected<Error> unfit(const policy::AttributeDecl& decl, const std::string& text, const char* expected) {
  return fail(Reason::kUsage, decl.name + " = \"" + text + "\" is not " + expected);
}

Result<json::Value> parsed(const policy::AttributeDecl& decl, const std::string& text) {
  using Type = policy::AttributeType;
  if (text.empty()) {
    if (decl.nullable) return json::Value();
    return unfit(decl, text, "known: the attribute is not optional");
  }
  switch (decl.type) {
    case Type::kString:
      return json::Value(text);
    case Type::kInt: {
      std::int64_t number = 0;
      const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (fault != std::errc() || end != text.data() + text.size()) return unfit(decl, text, "a whole number");
      return json::Value(number);
    }
    case Type::kBool:
      if (text != "true" && text != "false") return unfit(decl, text, "true or false");
      return json::Value(text == "true");
    case Type::kDate:
      if (!Time::parse(text)) return unfit(decl, text, "a date such as 2026-11-20");
      return json::Value(text);
    case Type::kStringList: {
      json::Array list;
      for (const std::string& part : split(text, ';'))
        if (const auto trimmed = trim(part); !trimmed.empty()) list.emplace_back(std::string(trimmed));
      return json::Value(std::move(list));
    }
  }
  return unfit(decl, text, "a value");
}

}  // namespace

Result<std::optional<WhatIf>> what_if_policy(Workspace& workspace, const std::string& folder,
                                             Diagnostics& diagnostics) {
  const auto edited = load_policy_folder(folder, diagnostics);
  if (!edited) return std::nullopt;
  const auto workers = make_workers(std::thread::hardware_concurrency());
  TENURE_TRY(const auto everybody, load_population(workspace.store(), workspace.policy(), *workers));
  WhatIf out;
  out.before = workspace.policy().digest;
  out.after = edited->digest;
  out.impact = plan::what_if(workspace.policy(), *edited, everybody, workspace.clock().now(), *workers);
  for (const auto& line : out.impact.lines) {
    const auto row = static_cast<population::IdentityIndex>(line.identity.value() - 1);
    out.keys.try_emplace(line.identity, everybody.people().key(row));
  }
  return out;
}

Result<WhatIf> what_if_facts(Workspace& workspace, const std::string& identity,
                             const std::map<std::string, std::string>& facts) {
  TENURE_TRY(const plan::World world, load_world(workspace));
  TENURE_TRY(const model::Identity* before, must_find_identity(world, identity));
  model::Identity after = *before;
  const auto& declared = workspace.policy().attributes;
  for (const auto& [name, text] : facts) {
    const auto decl = std::find_if(declared.begin(), declared.end(), [&](const auto& one) { return one.name == name; });
    if (decl == declared.end()) {
      std::vector<std::string> names;
      for (const auto& one : declared) names.push_back(one.name);
      const std::string near = nearest(name, names);
      return fail(Reason::kNotFound, "the policy declares no attribute \"" + name + "\"" +
                                         (near.empty() ? "" : "; did you mean " + near + "?"));
    }
    TENURE_TRY(json::Value value, parsed(*decl, text));
    after.facts[name] = {std::move(value), false, model::SourceName("what-if"), world.now};
  }
  WhatIf out;
  out.before = out.after = workspace.policy().digest;
  out.impact = plan::what_if(workspace.policy(), *before, after, world.now);
  out.keys[before->id] = before->key;
  return out;
}

}  // namespace tenure::app
