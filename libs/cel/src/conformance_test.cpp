// The conformance suite of the CEL specification (testdata/cel-spec), test by test. What fails must be outside Tenure's
// subset for a stated reason and is listed in docs/formats/cel.md; the list is compared, so that it cannot go stale.
// UPDATE_GOLDEN=1 rewrites it.
#include "textproto.hpp"

#include <array>
#include <cmath>
#include <cstdlib>
#include <map>

#include <gtest/gtest.h>

#include <tenure/base/file.hpp>
#include <tenure/base/text.hpp>
#include <tenure/cel/program.hpp>

namespace tenure::cel {
namespace {

using textproto::Node;

constexpr std::array<std::string_view, 14> kFiles = {"basic", "comparisons", "fields", "fp_math",   "integer_math",
                                                     "lists", "logic",       "macros", "macros2",   "namespace",
                                                     "parse", "plumbing",    "string", "string_ext"};

double real(const std::string& text) {
  if (text == "inf" || text == "infinity" || text == "Infinity") return HUGE_VAL;
  if (text == "-inf" || text == "-infinity" || text == "-Infinity") return -HUGE_VAL;
  if (text == "nan" || text == "NaN") return NAN;
  return std::strtod(text.c_str(), nullptr);
}

// nullopt: a value that Tenure does not have (a message, an enum).
std::optional<Value> value_of(const Node& node) {
  if (node.fields.size() != 1) return std::nullopt;
  const auto& [kind, v] = node.fields[0];
  if (kind == "null_value") return Value();
  if (kind == "bool_value") return Value::boolean(v.scalar == "true");
  if (kind == "int64_value") return Value::integer(std::strtoll(v.scalar.c_str(), nullptr, 0));
  if (kind == "uint64_value") return Value::unsigned_integer(std::strtoull(v.scalar.c_str(), nullptr, 0));
  if (kind == "double_value") return Value::real(real(v.scalar));
  if (kind == "string_value") return Value::string(v.scalar);
  if (kind == "bytes_value") return Value::bytes(v.scalar);
  if (kind == "type_value") return Value::type(v.scalar);
  if (kind == "list_value") {
    std::vector<Value> list;
    for (const auto& [name, element] : v.fields) {
      auto one = value_of(element);
      if (!one) return std::nullopt;
      list.push_back(std::move(*one));
    }
    return Value::list(std::move(list));
  }
  if (kind == "map_value") {
    std::vector<Map::Entry> entries;
    for (const auto& [name, entry] : v.fields) {
      auto key = value_of(*entry.find("key")), value = value_of(*entry.find("value"));
      if (!key || !value) return std::nullopt;
      entries.emplace_back(std::move(*key), std::move(*value));
    }
    auto map = Map::from(std::move(entries));
    return map ? std::optional(Value::map(std::move(*map))) : std::nullopt;
  }
  return std::nullopt;
}

std::optional<Type> type_of(const Node& node) {
  if (node.fields.size() != 1) return std::nullopt;
  const auto& [kind, v] = node.fields[0];
  static const std::map<std::string, Type> kPrimitive = {
      {"BOOL", Type::boolean()}, {"INT64", Type::integer()}, {"UINT64", Type::unsigned_integer()},
      {"DOUBLE", Type::real()},  {"STRING", Type::string()}, {"BYTES", Type::bytes()}};
  if (kind == "primitive") return kPrimitive.at(v.scalar);
  if (kind == "dyn") return Type::dyn();
  if (kind == "null") return Type(Type::Kind::kNull);
  if (kind == "list_type") {
    const auto element = type_of(*v.find("elem_type"));
    return element ? std::optional(Type::list(*element)) : std::nullopt;
  }
  if (kind == "map_type") {
    const auto key = type_of(*v.find("key_type")), value = type_of(*v.find("value_type"));
    return key && value ? std::optional(Type::map(*key, *value)) : std::nullopt;
  }
  return std::nullopt;
}

bool mentions(const Node& node, std::string_view field) {
  for (const auto& [name, child] : node.fields)
    if (name == field || mentions(child, field)) return true;
  return false;
}

// Why Tenure does not implement what the test asks for; "" when it should.
std::string reason_outside(const Node& test) {
  const std::string expr = test.text("expr");
  const bool message = expr.find("TestAllTypes") != std::string::npos || mentions(test, "object_value") ||
                       mentions(test, "message_type");
  const bool well_known = expr.find("google.protobuf.") != std::string::npos && expr.find('{') != std::string::npos;
  return message || well_known ? "protocol buffer messages" : "";
}

// "" when the test passes, else what went wrong.
std::string run(const Node& test) {
  Environment environment;
  Activation activation;
  std::optional<Value> wanted = Value::boolean(true);
  bool wants_error = false;
  if (const std::string container = test.text("container"); !container.empty()) environment.set_container(container);
  for (const auto& [name, field] : test.fields) {
    if (name == "type_env") {
      const Node* ident = field.find("ident");
      const auto type = ident == nullptr ? std::nullopt : type_of(*ident->find("type"));
      if (!type) return "a declaration of a kind that does not exist here";
      environment.add_variable(field.text("name"), *type);
    } else if (name == "value") {
      wanted = value_of(field);
    } else if (name == "eval_error") {
      wants_error = true;
    }
  }
  if (!wanted) return "a result of a kind that does not exist here";
  for (const auto& [name, field] : test.fields) {
    if (name != "bindings") continue;
    const auto value = value_of(*field.find("value")->find("value"));
    if (!value) return "a binding of a kind that does not exist here";
    if (!environment.find_variable(field.text("key"))) environment.add_variable(field.text("key"), Type::dyn());
    if (!activation.set(environment, field.text("key"), *value)) return "binding";
  }
  CompileOptions options;
  options.check = test.text("disable_check") != "true";
  const std::string expr = test.text("expr");
  const auto program = compile(environment, expr, options);
  if (!program) return program.error().to_string();
  const auto result = program->evaluate(activation);
  if (wants_error) return result ? "a value where an error was expected" : "";
  if (!result) return result.error().to_string();
  return *result == *wanted ? "" : "another value, of type " + result->type_name();
}

struct Outcome {
  std::size_t all = 0, passed = 0;
  std::vector<std::string> outside;  // "file / section / test: reason"
};

std::string report(const std::map<std::string, Outcome>& outcomes) {
  std::string out = "| file | tests | pass | not implemented |\n|---|---|---|---|\n";
  Outcome total;
  for (const auto& [file, o] : outcomes) {
    out += "| " + file + " | " + std::to_string(o.all) + " | " + std::to_string(o.passed) + " | " +
           std::to_string(o.outside.size()) + " |\n";
    total.all += o.all;
    total.passed += o.passed;
    total.outside.insert(total.outside.end(), o.outside.begin(), o.outside.end());
  }
  out += "| **all** | " + std::to_string(total.all) + " | " + std::to_string(total.passed) + " | " +
         std::to_string(total.outside.size()) + " |\n";
  out += "\n| test that is not implemented | it needs |\n|---|---|\n";
  for (const std::string& line : total.outside) out += line + "\n";
  return out;
}

TEST(Conformance, EveryTestPassesOrIsListed) {
  const std::string folder = std::string(TENURE_SOURCE_DIR) + "/libs/cel/testdata/cel-spec/";
  std::map<std::string, Outcome> outcomes;
  for (const std::string_view file : kFiles) {
    const auto text = read_file(folder + std::string(file) + ".textproto");
    ASSERT_TRUE(text) << file;
    const auto root = textproto::parse(*text);
    ASSERT_TRUE(root) << file << ": " << root.error().to_string();
    Outcome& outcome = outcomes[std::string(file)];
    for (const auto& [section_name, section] : root->fields) {
      if (section_name != "section") continue;
      for (const auto& [test_name, test] : section.fields) {
        if (test_name != "test") continue;
        ++outcome.all;
        const std::string name = std::string(file) + " / " + section.text("name") + " / " + test.text("name");
        const std::string problem = run(test), reason = reason_outside(test);
        if (problem.empty())
          ++outcome.passed;
        else if (!reason.empty())
          outcome.outside.push_back("| " + name + " | " + reason + " |");
        else
          ADD_FAILURE() << name << ": " << test.text("expr") << "\n  " << problem;
      }
    }
    EXPECT_GT(outcome.all, 0U) << file;
  }

  const std::string page_path = std::string(TENURE_SOURCE_DIR) + "/docs/formats/cel.md";
  const auto page = read_file(page_path);
  ASSERT_TRUE(page);
  const std::string begin = "<!-- conformance: written by cel_test -->\n", end = "<!-- end of conformance -->";
  const std::size_t from = page->find(begin), to = page->find(end);
  ASSERT_NE(from, std::string::npos);
  ASSERT_NE(to, std::string::npos);
  const std::string listed = page->substr(from + begin.size(), to - from - begin.size()), now = report(outcomes);
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    ASSERT_TRUE(write_file_atomic(page_path, page->substr(0, from + begin.size()) + now + page->substr(to)));
  } else {
    EXPECT_EQ(listed, now) << "run with UPDATE_GOLDEN=1 and review the difference";
  }
}

// The suite can tell: a planted wrong expectation is found.
TEST(Conformance, FindsAPlantedDifference) {
  const auto root =
      textproto::parse("test { name: 'x' expr: '1 + 1' value: { int64_value: 3 } } test { expr: '1' eval_error: {} }");
  ASSERT_TRUE(root);
  for (const auto& [name, test] : root->fields) EXPECT_NE(run(test), "");
}

}  // namespace
}  // namespace tenure::cel
