// The JSON Schemas that editors use say the same as the loader: every document of the example repository is valid under
// them, and their members are those that the loader knows.
#include "yaml.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include <tenure/base/file.hpp>
#include <tenure/base/text.hpp>
#include <tenure/policy/load.hpp>
#include <tenure/policy/testing/repository.hpp>

namespace tenure::policy {
namespace {

const std::string kSource = TENURE_SOURCE_DIR;
const char* const kKinds[] = {"Settings", "Source", "Target",     "Role",    "SeparationOfDuties",
                              "Approval", "Guard",  "BreakGlass", "Examples"};

json::Value schema_of(const std::string& kind) {
  auto text = read_file(kSource + "/docs/formats/policy/" + ascii_lower(kind) + ".schema.json");
  if (!text) ADD_FAILURE() << text.error().to_string();
  auto schema = json::parse(text.value_or("{}"));
  if (!schema) ADD_FAILURE() << kind << ": " << schema.error().to_string();
  return schema.value_or(json::Value());
}

// The part of JSON Schema 2020-12 that our schemas use, but for patterns and bounds. The first fault, or "".
class Validator {
 public:
  explicit Validator(const json::Value& root) : root_(root) {}

  std::string check(const json::Value& value, const json::Value& schema, const std::string& path) const {
    if (const auto* reference = schema.find("$ref")) {
      const json::Value* defs = root_.find("$defs");
      const json::Value* target = defs->find(reference->as_string().substr(std::string("#/$defs/").size()));
      return target == nullptr ? path + ": dangling reference" : check(value, *target, path);
    }
    if (const auto* any = schema.find("anyOf")) {
      std::string last;
      for (const json::Value& one : any->as_array())
        if ((last = check(value, one, path)).empty()) return {};
      return last;
    }
    if (const auto* constant = schema.find("const"); constant != nullptr && *constant != value) return path + ": const";
    if (const auto* names = schema.find("enum")) {
      const auto& list = names->as_array();
      if (std::find(list.begin(), list.end(), value) == list.end()) return path + ": enum";
    }
    if (const auto* type = schema.find("type"); type != nullptr && !has_type(value, *type)) return path + ": type";
    if (value.is_object()) return check_object(value, schema, path);
    if (const auto* items = schema.find("items"); items != nullptr && value.is_array())
      for (std::size_t i = 0; i < value.as_array().size(); ++i)
        if (auto fault = check(value.as_array()[i], *items, path + "[" + std::to_string(i) + "]"); !fault.empty())
          return fault;
    return {};
  }

 private:
  static bool has_type(const json::Value& value, const json::Value& type) {
    if (type.is_array())
      return std::any_of(type.as_array().begin(), type.as_array().end(),
                         [&](const json::Value& one) { return has_type(value, one); });
    const std::string& name = type.as_string();
    if (name == "object") return value.is_object();
    if (name == "array") return value.is_array();
    if (name == "string") return value.is_string();
    if (name == "integer") return value.is_int();
    if (name == "boolean") return value.is_bool();
    return name == "null" && value.is_null();
  }

  std::string check_object(const json::Value& value, const json::Value& schema, const std::string& path) const {
    const json::Value* properties = schema.find("properties");
    const json::Value* others = schema.find("additionalProperties");
    if (const auto* required = schema.find("required"))
      for (const json::Value& name : required->as_array())
        if (value.find(name.as_string()) == nullptr) return path + ": lacks " + name.as_string();
    for (const auto& [name, member] : value.as_object()) {
      const json::Value* known = properties == nullptr ? nullptr : properties->find(name);
      const json::Value* rule = known != nullptr ? known : others;
      if (rule == nullptr) continue;
      if (rule->is_bool()) {
        if (!rule->as_bool()) return path + ": unknown member " + name;
      } else if (auto fault = check(member, *rule, path + "." + name); !fault.empty()) {
        return fault;
      }
    }
    return {};
  }

  const json::Value& root_;
};

std::string check_document(const YamlNode& document) {
  const YamlNode* kind = document.find("kind");
  const json::Value schema = schema_of(kind->text);
  return Validator(schema).check(to_json(document), schema, kind->text);
}

TEST(Schemas, EveryDocumentOfTheExamplesIsValid) {
  for (const std::string repository : {"nordhaven", "shipyard"})
    for (const Document& file : testing::read_repository(kSource + "/examples/" + repository)) {
      Diagnostics diagnostics;
      for (const YamlNode& document : parse_yaml(file.path, file.text, diagnostics))
        EXPECT_EQ(check_document(document), "") << file.path;
    }
}

TEST(Schemas, NoticeWhatIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {"kind: Guard\napiVersion: tenure/v1\nmetadata: { name: a }\nshare: 3\n", "Guard: unknown member share"},
      {"kind: Guard\napiVersion: tenure/v1\nmetadata: { name: a }\nshare_percent_max: many\n",
       "Guard.share_percent_max: type"},
      {"kind: Role\napiVersion: tenure/v1\nassign: 'true'\ngrants: []\n", "Role: lacks metadata"},
      {"kind: Role\napiVersion: tenure/v1\nmetadata: { name: a, owner: b }\nassign: 'true'\ngrants: [{ target: x, "
       "terms: 1d }]\n",
       "Role.grants[0]: unknown member terms"}};
  for (const auto& [text, fault] : cases) {
    Diagnostics diagnostics;
    EXPECT_EQ(check_document(parse_yaml("a.yaml", text, diagnostics).front()), fault);
  }
}

// The loader lists the members it knows when it meets one that it does not.
TEST(Schemas, HaveTheMembersThatTheLoaderKnows) {
  for (const std::string kind : kKinds) {
    std::vector<std::string> names;
    const json::Value schema = schema_of(kind);
    for (const auto& [name, rule] : schema.find("properties")->as_object()) names.push_back(name);
    std::string text = "apiVersion: tenure/v1\nkind: " + kind + "\nmetadata: { name: x, owner: y }\nzzzzzzzz: 1\n";
    if (kind != "Settings")
      text += "---\napiVersion: tenure/v1\nkind: Settings\nmetadata: { name: s }\nattributes: {}\n";
    Diagnostics diagnostics;
    load({{"a.yaml", text}}, diagnostics);
    bool found = false;
    for (const Diagnostic& one : diagnostics.sorted()) {
      if (one.place != Place{"a.yaml", 4, 1}) continue;
      found = true;
      EXPECT_EQ(one.expected, "one of " + join(names, ", ")) << kind;
    }
    EXPECT_TRUE(found) << kind;
  }
}

}  // namespace
}  // namespace tenure::policy
