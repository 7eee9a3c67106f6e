// Cases in the manner of the parts of the specification's suite whose files are not in testdata (timestamps,
// conversions, type deduction, dynamic values): what policies can use of them, and that the rest is refused and not
// misread.
#include <gtest/gtest.h>

#include <tenure/cel/program.hpp>

namespace tenure::cel {
namespace {

Result<Value> evaluated(std::string_view text) {
  CompileOptions options;
  options.check = false;
  TENURE_TRY(const Program program, compile(Environment(), text, options));
  return program.evaluate(Activation());
}

void expect_true(std::initializer_list<const char*> texts) {
  for (const char* text : texts) EXPECT_EQ(evaluated(text), Value::boolean(true)) << text;
}
void expect_failing(std::initializer_list<const char*> texts) {
  for (const char* text : texts) {
    const auto value = evaluated(text);
    ASSERT_FALSE(value) << text;
    EXPECT_EQ(value.error().reason(), Reason::kCelEval) << text;
  }
}

TEST(Specification, TimestampsAndTheirConversions) {
  expect_true({
      "int(timestamp('2009-02-13T23:31:30Z')) == 1234567890",
      "string(timestamp('2009-02-13T23:31:30Z')) == '2009-02-13T23:31:30Z'",
      "string(timestamp('9999-12-31T23:59:59.999999Z')) == '9999-12-31T23:59:59.999999Z'",
      "timestamp(timestamp(1000000000)) == timestamp('2001-09-09T01:46:40Z')",
      "type(timestamp('2009-02-13T23:31:30Z')) == google.protobuf.Timestamp",
      "int(timestamp('0001-01-01T00:00:00Z')) == -62135596800",
      "int(timestamp('9999-12-31T23:59:59Z')) == 253402300799",
      "timestamp('2024-02-29T23:59:59+00:00') == timestamp('2024-03-01T05:29:59+05:30')",
      "type(duration('1000000s')) == google.protobuf.Duration",
      "string(duration('1000000s')) == '1000000s' && string(duration('2m')) == '120s'",
      "duration(duration('1s')) == duration('1000ms')",
  });
  expect_failing({"timestamp('0000-01-01T00:00:00Z')", "timestamp('10000-01-01T00:00:00Z')",
                  "timestamp('2023-02-29T00:00:00Z')", "timestamp('')", "timestamp('now')",
                  "duration('-320000000000s')", "duration('320000000000s')", "timestamp(1.5)", "duration(1)",
                  "int(duration('1s'))"});
}

TEST(Specification, PartsOfTimestamps) {
  expect_true({
      "timestamp('2009-02-13T23:31:30Z').getDate() == 13",
      "timestamp('2009-02-13T23:31:30Z').getDayOfMonth() == 12",
      "timestamp('2009-02-13T23:31:30Z').getDayOfWeek() == 5",
      "timestamp('2009-02-15T00:00:00Z').getDayOfWeek() == 0",
      "timestamp('2009-02-13T23:31:30Z').getDayOfYear() == 43",
      "timestamp('2024-12-31T00:00:00Z').getDayOfYear() == 365",
      "timestamp('2009-02-13T23:31:30Z').getFullYear() == 2009",
      "timestamp('2009-02-13T23:31:30Z').getMonth() == 1",
      "timestamp('2009-02-13T23:31:30Z').getHours() == 23",
      "timestamp('2009-02-13T23:31:30Z').getMinutes() == 31",
      "timestamp('2009-02-13T23:31:30Z').getSeconds() == 30",
      "timestamp('2009-02-13T23:31:20.123456Z').getMilliseconds() == 123",
      "timestamp('1969-12-31T23:59:59.5Z').getMilliseconds() == 500",
      "timestamp('1969-12-31T23:59:59.5Z').getSeconds() == 59",
      "timestamp('2009-02-13T23:31:30Z').getDayOfMonth('+11:00') == 13",
      "timestamp('2009-02-13T02:00:00Z').getDayOfMonth('-02:30') == 11",
      "timestamp('2009-02-13T23:31:30Z').getDayOfWeek('UTC') == 5",
      "timestamp('2009-02-13T23:31:30Z').getFullYear('-09:30') == 2009",
      "timestamp('2009-01-01T00:30:00Z').getFullYear('-01:00') == 2008",
      "timestamp('2009-02-13T23:31:30Z').getHours('02:00') == 1",
      "timestamp('2009-02-13T23:31:30Z').getMinutes('+05:45') == 16",
      "timestamp('2009-02-13T23:31:30Z').getSeconds('-00:00') == 30",
      "duration('10000s').getHours() == 2 && duration('-10000s').getHours() == -2",
      "duration('3730s').getMinutes() == 62 && duration('3730s').getSeconds() == 3730",
      "duration('123.321456s').getMilliseconds() == 321",
  });
  expect_failing({"timestamp('2009-02-13T23:31:30Z').getDate('Australia/Sydney')",
                  "timestamp('2009-02-13T23:31:30Z').getDate('2:00')",
                  "timestamp('2009-02-13T23:31:30Z').getDate('25:00')", "timestamp('2009-02-13T23:31:30Z').getDate('')",
                  "duration('1s').getFullYear()", "duration('1s').getHours('UTC')"});
}

TEST(Specification, ArithmeticOfTimes) {
  expect_true({
      "timestamp('2009-02-13T23:00:00Z') + duration('240s') == timestamp('2009-02-13T23:04:00Z')",
      "duration('120s') + timestamp('2009-02-13T23:01:00Z') == timestamp('2009-02-13T23:03:00Z')",
      "duration('600s') + duration('50s') == duration('650s')",
      "timestamp('2009-02-13T23:10:00Z') - duration('600s') == timestamp('2009-02-13T23:00:00Z')",
      "timestamp('2009-02-13T23:31:00Z') - timestamp('2009-02-13T23:29:00Z') == duration('120s')",
      "duration('900s') - duration('42s') == duration('858s')",
      "timestamp('2009-02-13T00:00:00Z') < timestamp('2009-03-13T00:00:00Z')",
      "timestamp('2009-02-13T00:00:00Z') <= timestamp('2009-02-13T00:00:00Z')",
      "timestamp('2009-02-13T00:00:00Z') >= timestamp('2009-02-13T00:00:00Z')",
      "timestamp('2009-02-13T00:00:00Z') != timestamp('2009-02-12T00:00:00Z')",
      "duration('200s') > duration('100s') && duration('-2s') < duration('-1s')",
      "timestamp('9999-12-31T23:59:59Z') - timestamp('0001-01-01T00:00:00Z') == duration('315537897599s')",
      "timestamp(0) in [timestamp('1970-01-01T00:00:00Z')] && duration('60s') in {'a': 1}.map(k, duration('1m'))",
      "dyn(timestamp(0)) != dyn(0) && dyn(duration('0s')) != dyn('0s')",
  });
  expect_failing(
      {"timestamp('0001-01-01T00:00:00Z') + duration('-1s')", "timestamp('9999-12-31T23:59:59Z') + duration('1s')",
       "timestamp('9999-12-31T23:59:59Z') - duration('-1s')", "timestamp('0001-01-01T00:00:00Z') - duration('1s')",
       "duration('200000000000s') + duration('200000000000s')",
       "duration('-200000000000s') - duration('200000000000s')", "timestamp(0) < duration('0s')", "-duration('1s')",
       "timestamp(0) + 1"});
}

TEST(Specification, Conversions) {
  expect_true({
      "bool('t') && bool('true') && bool('True') && bool('TRUE') && bool('1') && bool(true)",
      "!bool('f') && !bool('false') && !bool('False') && !bool('FALSE') && !bool('0')",
      "bytes('') == b'' && bytes('abc') == b'abc' && bytes('ÿ') == b'\\303\\277'",
      "bytes('\\000\\xff') == b'\\000\\303\\277' && bytes(b'\\xff') == b'\\xff'",
      "double(1000000000000) == 1e12 && double(0) == 0.0 && double(123u) == 123.0 && double(1.5) == 1.5",
      "double(-9223372036854775808) == -9.223372036854775808e18 && double(18446744073709551615u) == "
      "1.84467440737095e19 "
      "+ 51616.0",
      "double('101.0') == 101.0 && double('-987.654') == -987.654 && double('6.02214e23') == 6.02214e23",
      "double('-0.0') == -0.0 && double('1.38e-23') == 1.38e-23",
      "int(42u) == 42 && int(1e5) == 100000 && int(-123.456) == -123 && int(1.9) == 1 && int(-7.9) == -7",
      "int(11.5) == 11 && int(-3.5) == -3 && int(double(36028797018963968)) == 36028797018963968",
      "int('987') == 987 && int('-9223372036854775808') == -9223372036854775808",
      "uint(1729) == 1729u && uint(3.14159265) == 3u && uint(25.5) == 25u && uint('300') == 300u && uint(0.5) == 0u",
      "string(true) == 'true' && string(false) == 'false' && string('x') == 'x'",
      "string(b'\\303\\277') == 'ÿ' && string(b'abc') == 'abc' && string(b'') == ''",
      "string(123) == '123' && string(-456) == '-456' && string(9876u) == '9876'",
      "string(3.14) == '3.14' && string(6.02214e23) == '6.02214e+23' && string(-0.5) == '-0.5'",
      "string(1e3) == '1000' && string(double('NaN')) == 'NaN'",
      "string(-9223372036854775808) == '-9223372036854775808'",
      "type(bool) == type && type(1) == int && type(1u) == uint && type(1.0) == double && type('') == string",
      "type(b'') == bytes && type({}) == map && type(null) == null_type && type(type(1)) == type",
      "type(int) != int && type(1) != uint",
  });
  expect_failing({"bool('TrUe')",
                  "bool('FaLsE')",
                  "bool('')",
                  "int(18446744073709551615u)",
                  "int(1e99)",
                  "int(-1e99)",
                  "int(9223372036854775807.0)",
                  "int(-9223372036854775808.0)",
                  "int('0x10')",
                  "int(' 1')",
                  "int('1e3')",
                  "int('9223372036854775808')",
                  "uint(-321)",
                  "uint(6.022e23)",
                  "uint(18446744073709551615.0)",
                  "uint('-1')",
                  "uint(-0.5 - 0.5)",
                  "uint('18446744073709551616')",
                  "double('')",
                  "double('1.5x')",
                  "string(b'\\000\\xff')",
                  "string({})",
                  "string(null)",
                  "bool(1)",
                  "bytes(null)"});
}

TEST(Specification, TypesAreDeduced) {
  struct Case {
    const char* text;
    const char* type;
  };
  for (const auto& [text, type] : {
           Case{"1 + 2", "int"},
           Case{"1u * 2u", "uint"},
           Case{"'a' + 'b'", "string"},
           Case{"[1, 2] + [3]", "list(int)"},
           Case{"[1, 'foo']", "list(dyn)"},
           Case{"[[1], [2]]", "list(list(int))"},
           Case{"[[], [1]]", "list(list(int))"},
           Case{"[dyn(1), 2]", "list(dyn)"},
           Case{"{'a': 1}", "map(string, int)"},
           Case{"{'a': 1, 'b': 'x'}", "map(string, dyn)"},
           Case{"{1: [true]}", "map(int, list(bool))"},
           Case{"[1, 2].map(x, string(x))", "list(string)"},
           Case{"[1, 2].filter(x, x > 1)", "list(int)"},
           Case{"{'a': 1}.map(k, k)", "list(string)"},
           Case{"[1].exists(x, x == 1)", "bool"},
           Case{"[1, 2][0]", "int"},
           Case{"{'a': 1u}['a']", "uint"},
           Case{"[{'a': [1.5]}][0].a[0]", "double"},
           Case{"true ? 1 : 2", "int"},
           Case{"true ? [] : [1]", "list(int)"},
           Case{"true ? {} : {'a': 1}", "map(string, int)"},
           Case{"true ? null : 'x'", "string?"},
           Case{"timestamp(0) - timestamp(0)", "duration"},
           Case{"timestamp(0) - duration('1s')", "timestamp"},
           Case{"duration('1s') + timestamp(0)", "timestamp"},
           Case{"duration('1s') + duration('1s')", "duration"},
           Case{"'a,b'.split(',')", "list(string)"},
           Case{"size([1])", "int"},
           Case{"dyn([1])", "dyn"},
           Case{"dyn([1])[0]", "dyn"},
           Case{"b'a' + b'b'", "bytes"},
       }) {
    const auto program = compile(Environment(), text);
    ASSERT_TRUE(program) << text << ": " << program.error().to_string();
    EXPECT_EQ(program->result_type().to_string(), type) << text;
  }
  for (const char* text : {"1 + 1u", "1 + 1.0", "'a' + 1", "[1] + ['a']", "true + true", "timestamp(0) + timestamp(0)",
                           "1 == '1'", "1 in ['a']", "{'a': 1}[1]", "[1]['a']", "!1", "-'a'", "1 && true", "1 ? 2 : 3",
                           "'a'.getHours()", "size(1)", "[1].map(x, x.y)", "[1].all(x, x)", "int([])"})
    EXPECT_FALSE(compile(Environment(), text)) << text;
}

// What belongs to extensions that are not implemented is refused when it is read.
TEST(Specification, WhatIsNotThereIsRefused) {
  for (const char* text :
       {"cel.bind(x, 1, x + 1)", "math.greatest(1, 2)", "math.abs(-1)", "base64.encode(b'a')", "base64.decode('YQ==')",
        "{'a': 1}.?a", "[1][?0]", "{?'a': optional.none()}", "optional.of(1)", "google.protobuf.Int32Value{value: 1}",
        "[1].sortBy(x, x)", "lists.range(3)", "[[1]].flatten()", "sets.contains([1], [1])",
        "{'a': 1}.transformMapEntry(k, v, {v: k})"})
    EXPECT_FALSE(compile(Environment(), text)) << text;
}

}  // namespace
}  // namespace tenure::cel
