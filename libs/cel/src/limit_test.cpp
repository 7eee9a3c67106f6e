// No expression hangs or exhausts memory.
#include <chrono>

#include <gtest/gtest.h>

#include <tenure/cel/program.hpp>

namespace tenure::cel {
namespace {

Result<Value> evaluated(const std::string& text, const Limits& limits = {}) {
  CompileOptions options;
  options.check = false;
  Environment env;
  const VariableIndex big = env.add_variable("big", Type::string());
  const VariableIndex many = env.add_variable("many", Type::dyn());
  Activation values;
  values.set(big, Value::string(std::string(512 * 1024, 'a')));
  values.set(many, Value::list(std::vector<Value>(2000, Value::integer(1))));
  TENURE_TRY(const Program program, compile(env, text, options));
  return program.evaluate(values, limits);
}

TEST(Limit, CostIsCountedAndNotAbsorbed) {
  const std::string loops = "many.all(a, many.all(b, many.all(c, a == b && b == c)))";
  for (const std::string& text : {
           loops,
           loops + " || true",
           "true && (" + loops + ")",
           std::string("many.exists(a, many.exists(b, a + b == 3)) ? 1 : 2"),
           std::string("many.map(a, many)") + " == many.map(a, many)",
           std::string("size(many.map(a, big + 'x')) > 0"),
           std::string("many.map(a, big.contains('aaaaaaaaaaaaaaaaaaaaaaaab'))"),
           std::string("many.map(a, big.matches('a*a*a*a*b'))"),
           std::string("many.map(a, 'x'.matches(big.substring(0, 1000)))"),
       }) {
    const auto result = evaluated(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().reason(), Reason::kCelLimit) << text;
  }
  EXPECT_EQ(evaluated("true || " + loops), Value::boolean(true));
}

TEST(Limit, SizesAreBounded) {
  for (const char* text : {
           "big + big + big == ''",
           "big.replace('a', big) == ''",
           "big.replace('', big) == ''",
           "[big, big, big].join() == ''",
           "'%s%s%s'.format([big, big, big]) == ''",
           "size(big.split('')) == 1",
           "strings.quote(big + big.substring(1)) == ''",
           "'a'.matches(big)",
       }) {
    const auto result = evaluated(text);
    ASSERT_FALSE(result) << text;
    EXPECT_EQ(result.error().reason(), Reason::kCelLimit) << text;
  }
  Limits roomy;
  roomy.cost_max = 100'000'000;
  EXPECT_EQ(evaluated("size(many.map(a, many)[0] + many.map(b, b)) == 4000", roomy), Value::boolean(true));
  EXPECT_EQ(
      evaluated(
          "size(many + many + many + many + many + many + many + many + many + many + many + many + many + many + "
          "many + many + many + many + many + many + many + many + many + many + many + many + many + many + many + "
          "many + many + many + many) > 0",
          roomy)
          .error()
          .reason(),
      Reason::kCelLimit);
}

// Shared parts make a small value with an exponential reading.
TEST(Limit, SharedPartsAreCountedAsOftenAsTheyAreRead) {
  std::string text = "[1]";
  for (int i = 0; i < 40; ++i) text = "[" + text + "].map(x, [x, x])[0]";
  const auto result = evaluated(text + " == " + text);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason(), Reason::kCelLimit);
  const auto shown = evaluated("'%s'.format([" + text + "])");
  ASSERT_FALSE(shown);
  EXPECT_EQ(shown.error().reason(), Reason::kCelLimit);
}

// The dearest unit of cost times the limit stays within a couple of seconds, unoptimised.
TEST(Limit, TheWorstCostsLittleTime) {
  for (const char* text :
       {"many.all(a, big.contains('aaaaaaaaaaaaaaaaaaaaaaaaaaab'))", "many.all(a, !big.matches('(a|aa)+b'))",
        "many.all(a, many.all(b, many.all(c, true)))", "many.all(a, big != '' && ascii(big) != '')"}) {
    const auto start = std::chrono::steady_clock::now();
    static_cast<void>(evaluated(text));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20)) << text;
  }
}

}  // namespace
}  // namespace tenure::cel
