// Unknown is neither null nor an error: the tables of the three-valued logic.
#include <gtest/gtest.h>

#include <tenure/cel/program.hpp>

namespace tenure::cel {
namespace {

const char* const kTrue = "true";
const char* const kFalse = "false";
const char* const kUnknown = "unknown";
const char* const kError = "error";

const std::pair<const char*, const char*> kCases[] = {
    {"u && false", kFalse},
    {"false && u", kFalse},
    {"u && true", kUnknown},
    {"true && u", kUnknown},
    {"u || true", kTrue},
    {"true || u", kTrue},
    {"u || false", kUnknown},
    {"u && u", kUnknown},
    {"!u", kUnknown},
    {"e && false", kFalse},
    {"false && e", kFalse},
    {"e && true", kError},
    {"e || true", kTrue},
    {"e || false", kError},
    {"u && e", kUnknown},
    {"e && u", kUnknown},
    {"u || e", kUnknown},
    {"e || u", kUnknown},
    {"u && e && false", kFalse},
    {"e || u || true", kTrue},
    {"'no' && false", kFalse},
    {"'no' && true", kError},
    {"u == 1", kUnknown},
    {"u == u", kUnknown},
    {"u != null", kUnknown},
    {"u < 1", kUnknown},
    {"u + 1 == 2", kUnknown},
    {"u + e == 2", kError},
    {"u.f", kUnknown},
    {"u[0]", kUnknown},
    {"[1][u]", kUnknown},
    {"has(u.f)", kUnknown},
    {"u ? true : true", kUnknown},
    {"true ? u : false", kUnknown},
    {"false ? e : true", kTrue},
    {"e ? 1 : 2", kError},
    {"size(u) == 1", kUnknown},
    {"type(u) == int", kUnknown},
    {"'a'.startsWith(u)", kUnknown},
    {"-u == 1", kUnknown},
    {"u in [1]", kUnknown},
    {"1 in u", kUnknown},
    {"1 in some", kTrue},
    {"2 in some", kUnknown},
    {"size(some) == 3", kTrue},
    {"some == [1, 2, 3]", kUnknown},
    {"some == [1, 2, 4]", kFalse},
    {"some == [1]", kFalse},
    {"some[0] == 1", kTrue},
    {"some[1] == 2", kUnknown},
    {"[u] == [1]", kUnknown},
    {"size([u]) == 1", kUnknown},
    {"{'a': u}.a == 1", kUnknown},
    {"some.exists(x, x == 3)", kTrue},
    {"some.exists(x, x == 4)", kUnknown},
    {"some.all(x, x > 1)", kFalse},
    {"some.all(x, x > 0)", kUnknown},
    {"some.exists_one(x, x == 1)", kUnknown},
    {"u.all(x, true)", kUnknown},
    {"some.map(x, x + 1) == [2, 3, 4]", kUnknown},
    {"size(some.map(x, 10 / x)) == 3", kUnknown},
    {"size(some.filter(x, x > 0)) == 3", kUnknown},
    {"size(some.filter(x, true)) == 3", kTrue},
    {"some.map(x, 1) == [1, 1, 1]", kTrue},
    {"some.exists(x, 1 / 0 > x)", kError},
    {"some.exists(x, x / 0 > 1)", kUnknown},
    {"has(m.k)", kTrue},
    {"m.k == 1", kUnknown},
    {"has(m.j)", kFalse},
    {"m.j == 1", kError},
    {"identity.department == 'Sales'", kUnknown},
    {"has(identity.department)", kUnknown},
    {"has(identity.level)", kFalse},
    {"identity.level == null", kTrue},
    {"identity.department == null", kUnknown},
    {"identity == identity", kUnknown},
    {"'%s'.format([some]) == ''", kUnknown},
    {"some.join(',') == ''", kError},
};

std::string outcome(std::string_view text) {
  Environment env;
  const auto type = std::make_shared<const ObjectType>(
      "Identity", std::vector<Field>{{"department", Type::string().nullable()}, {"level", Type::integer().nullable()}});
  const VariableIndex u = env.add_variable("u", Type::dyn()), some = env.add_variable("some", Type::dyn()),
                      identity = env.add_variable("identity", Type::object(type)),
                      e = env.add_variable("e", Type::dyn()), m = env.add_variable("m", Type::dyn());
  static_cast<void>(e);  // never set: an error when read
  Activation values;
  values.set(u, Value::unknown());
  values.set(some, Value::list({Value::integer(1), Value::unknown(), Value::integer(3)}));
  values.set(identity,
             Value::object(std::make_shared<const Record>(type, std::vector<Value>{Value::unknown(), Value()})));
  values.set(m, Value::map(*Map::from({{Value::string("k"), Value::unknown()}})));
  CompileOptions options;
  options.check = false;
  const auto program = compile(env, text, options);
  if (!program) return program.error().to_string();
  const auto value = program->evaluate(values);
  if (!value) return kError;
  if (value->is_unknown()) return kUnknown;
  return value->is(Value::Kind::kBool) ? value->as_bool() ? kTrue : kFalse : "a " + value->type_name();
}

TEST(Unknown, Tables) {
  for (const auto& [text, wanted] : kCases) EXPECT_EQ(outcome(text), wanted) << text;
}

}  // namespace
}  // namespace tenure::cel
