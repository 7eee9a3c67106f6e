#include "time_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tenure/base/json.hpp>
#include <tenure/cel/json.hpp>
#include <tenure/cel/program.hpp>

namespace tenure::cel {
namespace {

using testing::HasSubstr;

Result<Value> evaluated(std::string_view text) {
  CompileOptions options;
  options.check = false;
  TENURE_TRY(const Program program, compile(Environment(), text, options));
  return program.evaluate(Activation());
}

TEST(Evaluate, TimesAndDurations) {
  const std::pair<const char*, bool> kTrue[] = {
      {"timestamp('2009-02-13T23:31:30Z') == timestamp(1234567890)", true},
      {"int(timestamp('1969-12-31T23:59:58.5Z')) == -2", true},
      {"timestamp('2009-02-13T23:31:30.5+01:00') == timestamp('2009-02-13T22:31:30.500Z')", true},
      {"string(timestamp('2009-02-13T23:31:30.120Z')) == '2009-02-13T23:31:30.12Z'", true},
      {"timestamp('2009-02-13T23:31:30Z') + duration('1h') > timestamp('2009-02-14T00:31:29Z')", true},
      {"duration('1h') + timestamp('2009-02-13T23:31:30Z') - duration('60m') == timestamp('2009-02-13T23:31:30Z')",
       true},
      {"timestamp('2009-02-14T00:00:00Z') - timestamp('2009-02-13T23:59:30Z') == duration('30s')", true},
      {"duration('1h30m1.5s') == duration('5401500ms') && duration('-1us') < duration('0')", true},
      {"string(duration('-1.5s')) == '-1.5s' && string(duration('1000000us')) == '1s'", true},
      {"timestamp('2009-02-13T23:31:30Z').getFullYear() == 2009", true},
      {"timestamp('2009-02-13T23:31:30Z').getMonth() == 1", true},
      {"timestamp('2009-02-13T23:31:30Z').getDate() == 13", true},
      {"timestamp('2009-02-13T23:31:30Z').getDayOfMonth() == 12", true},
      {"timestamp('2009-02-13T23:31:30Z').getDayOfWeek() == 5", true},
      {"timestamp('2009-02-13T23:31:30Z').getDayOfYear() == 43", true},
      {"timestamp('2009-02-13T23:31:20.123Z').getMilliseconds() == 123", true},
      {"timestamp('2009-02-13T23:31:30Z').getHours('+02:00') == 1", true},
      {"timestamp('2009-02-13T23:31:30Z').getDate('-23:59') == 12", true},
      {"timestamp('0001-01-01T00:00:00Z').getFullYear('-00:01') == 0", true},
      {"timestamp('2009-02-13T23:31:30Z').getMinutes('UTC') == 31", true},
      {"duration('3730s').getHours() == 1 && duration('3730s').getMinutes() == 62", true},
      {"duration('1.234s').getMilliseconds() == 234 && duration('3730s').getSeconds() == 3730", true},
      {"type(timestamp(0)) == google.protobuf.Timestamp", true},
  };
  for (const auto& [text, wanted] : kTrue) EXPECT_EQ(evaluated(text), Value::boolean(wanted)) << text;

  for (const char* text : {
           "timestamp('2009-02-13')",
           "timestamp('2009-02-13 23:31:30Z')",
           "timestamp('2009-02-13T23:31:30')",
           "timestamp('2009-02-13T23:59:60Z')",
           "timestamp('2009-02-13T23:31:30.1234567Z')",
           "timestamp(253402300800)",
           "timestamp('9999-12-31T23:59:59Z') + duration('1s')",
           "timestamp('0001-01-01T00:00:00Z') - duration('1us')",
           "duration('')",
           "duration('1')",
           "duration('1d')",
           "duration('1ns')",
           "duration('.s')",
           "duration('1h-1m')",
           "duration('315576000001s')",
           "duration('315576000000s') + duration('1s')",
           "timestamp(0).getHours('Europe/Berlin')",
           "timestamp(0).getHours('+1:00')",
           "timestamp(0).getHours('+24:00')",
           "timestamp(0) + timestamp(0)",
           "duration('1s') - timestamp(0)",
           "duration('1s') * 2",
       })
    EXPECT_EQ(evaluated(text).error().reason(), Reason::kCelEval) << text;
}

TEST(Evaluate, Conversions) {
  for (const char* text : {
           "int('-12') == -12 && int('+12') == 12 && int(1.9) == 1 && int(-1.9) == -1 && int(7u) == 7",
           "uint('12') == 12u && uint(1.9) == 1u && uint(0) == 0u",
           "double('1e-400') == 0.0 && double('.5') == 0.5 && double('-Infinity') < 0.0 && double(7) == 7.0",
           "string(1.0) == '1' && string(1.5) == '1.5' && string(1e100) == '1e+100' && string(-7) == '-7' && "
           "string(true) == 'true'",
           "string(b'\\xc3\\xa9') == 'é' && bytes('é') == b'\\xc3\\xa9' && size(bytes('é')) == 2 && size('é') == 1",
           "bool('true') && !bool('0')",
           "type(type(1)) == type && type([]) == list && type(null) == null_type && string(dyn('x')) == 'x'",
       })
    EXPECT_EQ(evaluated(text), Value::boolean(true)) << text;
  for (const char* text : {"int('1.5')", "int('')", "int('99999999999999999999')", "int(1e19)", "int(double('NaN'))",
                           "int(18446744073709551615u)", "uint(-1)", "uint('-1')", "uint(1.9e19)", "double('x')",
                           "double('1e999')", "string(b'\\xff')", "bool('yes')", "int(true)", "string([])", "bytes(1)"})
    EXPECT_EQ(evaluated(text).error().reason(), Reason::kCelEval) << text;
}

TEST(Evaluate, StringsExtensionAtItsEdges) {
  for (const char* text : {
           "'abc'.replace('', '-') == '-a-b-c-'",
           "'éa'.replace('', '-', 2) == '-é-a'",
           "'aaa'.replace('a', 'b', 0) == 'aaa'",
           "'abc'.split('') == ['a', 'b', 'c'] && ''.split('') == [] && ''.split(',') == ['']",
           "'a,b,c'.split(',', 2) == ['a', 'b,c'] && 'é€'.split('') == ['é', '€']",
           "'tacocat'.indexOf('', 7) == 7 && 'tacocat'.indexOf('c', 7) == -1",
           "'abc'.lastIndexOf('') == 3 && 'abc'.lastIndexOf('c', 3) == 2",
           "'  '.trim() == '' && ''.reverse() == '' && ''.lowerAscii() == ''",
           "'%s|%d|%x'.format([1.5, 7u, -255]) == '1.5|7|-ff'",
           "'%s'.format([b'a\\xff\\xfeb']) == 'a\\ufffdb'",
           "'%.0f %.2e'.format([0.5, 12345]) == '0 1.23e+04'",
           "['a', 'b'].join('') == 'ab' && strings.quote('a\"b') == '\"a\\\\\"b\"'",
           "matches('abc', 'b') && 'abc'.matches('^abc$') && !'abc'.matches('^b')",
       })
    EXPECT_EQ(evaluated(text), Value::boolean(true)) << text;
  for (const char* text : {"'%'.format([])", "'%.3d'.format([1])", "'%.999f'.format([1.0])", "'%s'.format([])",
                           "[1].join()", "'a'.matches('(')", "'abc'.substring(2, 1)", "''.charAt(1)", "'a'.charAt(-1)"})
    EXPECT_EQ(evaluated(text).error().reason(), Reason::kCelEval) << text;
}

TEST(Evaluate, ErrorsSayWhereAndNothingOfTheData) {
  Environment env;
  const VariableIndex x = env.add_variable("x", Type::string());
  Activation values;
  values.set(x, Value::string("s3cret"));
  Diagnostics diagnostics;
  const auto program = compile(env, Source{"true &&\n  int(x) > 1", {"roles/r.yaml", 7, 11}, 4}, {}, diagnostics);
  ASSERT_TRUE(program);
  const auto result = program->evaluate(values);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().to_string(), HasSubstr("roles/r.yaml:8:7: int(): the text is not a number in range"));
  for (const char* text :
       {"int(x)", "uint(x)", "double(x)", "bool(x)", "timestamp(x)", "duration(x)", "{'a': 1}[x]", "x.charAt(99)"})
    EXPECT_EQ(compile(env, text)->evaluate(values).error().to_string().find("s3cret"), std::string::npos) << text;
}

TEST(Evaluate, TheResultIsWhatWasAskedFor) {
  Environment env;
  const VariableIndex any = env.add_variable("any", Type::dyn());
  CompileOptions options;
  options.expected = Type::boolean();
  const auto program = compile(env, "any", options);
  ASSERT_TRUE(program);
  Activation values;
  EXPECT_EQ(program->evaluate(values).error().reason(), Reason::kCelEval);  // no value
  values.set(any, Value::integer(1));
  EXPECT_EQ(program->evaluate(values).error().reason(), Reason::kCelEval);
  values.set(any, Value());
  EXPECT_EQ(program->evaluate(values).error().reason(), Reason::kCelEval);
  values.set(any, Value::boolean(true));
  EXPECT_EQ(program->evaluate(values), Value::boolean(true));
  values.set(any, Value::unknown());
  EXPECT_EQ(program->evaluate(values), Value::unknown());
}

// Counts what is read.
class Watched final : public Object {
 public:
  explicit Watched(std::shared_ptr<const ObjectType> type) : type_(std::move(type)) {}
  const ObjectType& type() const override { return *type_; }
  Value field(std::size_t index) const override {
    ++reads[index];
    return index == 0 ? Value::string("Sales") : Value::integer(4);
  }
  mutable std::array<int, 2> reads{};

 private:
  std::shared_ptr<const ObjectType> type_;
};

TEST(Evaluate, ReadsOnlyTheFieldsItNeeds) {
  const auto type = std::make_shared<const ObjectType>(
      "Identity", std::vector<Field>{{"department", Type::string()}, {"level", Type::integer()}});
  Environment env;
  const VariableIndex identity = env.add_variable("identity", Type::object(type));
  const auto row = std::make_shared<const Watched>(type);
  Activation values;
  values.set(identity, Value::object(row));
  EXPECT_EQ(compile(env, "identity.department == 'IT' && identity.level > 3")->evaluate(values), Value::boolean(false));
  EXPECT_EQ(row->reads, (std::array<int, 2>{1, 0}));
}

TEST(Evaluate, JsonByType) {
  const auto type = std::make_shared<const ObjectType>(
      "Identity", std::vector<Field>{{"kind", Type::string()},
                                     {"level", Type::integer().nullable()},
                                     {"start", Type::timestamp().nullable()},
                                     {"groups", Type::list(Type::string()).nullable()},
                                     {"any", Type::dyn()}});
  const Type object = Type::object(type);
  const auto read = [&](const char* text) { return from_json(*json::parse(text), object, "identity"); };
  const auto value = read(R"({"kind":"person","level":4,"start":"2026-11-20","any":{"a":[1,2.5,null]}})");
  ASSERT_TRUE(value);
  EXPECT_EQ(
      json::to_string(*to_json(*value)),
      R"({"any":{"a":[1,2.5,null]},"groups":null,"kind":"person","level":4,"start":"2026-11-20T00:00:00.000000Z"})");
  EXPECT_EQ(read(R"({"level":4})").error().message(), "identity lacks the attribute \"kind\"");
  EXPECT_EQ(read(R"({"kind":null})").error().message(), "identity.kind must be string, not null");
  EXPECT_EQ(read(R"({"kind":"x","levl":4})").error().message(),
            "identity has no attribute \"levl\"; did you mean \"level\"?");
  EXPECT_EQ(read(R"({"kind":"x","groups":["a",1]})").error().message(), "identity.groups[1] must be of type string");
  EXPECT_EQ(to_json(Value::unknown()).error().reason(), Reason::kJsonShape);
  EXPECT_EQ(to_json(*evaluated("{1: 2}")).error().reason(), Reason::kJsonShape);
}

TEST(Evaluate, MapsHaveOneOrderAndOneKeyPerNumber) {
  EXPECT_EQ(evaluated("{'b': 1, true: 2, 3: 4, 2u: 5, 'a': 6}.map(k, string(k))"),
            *evaluated("['true', '2', '3', 'a', 'b']"));
  EXPECT_FALSE(evaluated("{1: 1, 1u: 2}"));
  EXPECT_FALSE(evaluated("{'a': 1, 'a': 2}"));
  EXPECT_FALSE(evaluated("{1.5: 1}"));
}

}  // namespace
}  // namespace tenure::cel
