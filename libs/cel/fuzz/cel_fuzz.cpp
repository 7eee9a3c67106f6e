// libFuzzer: any text is refused or parses, prints to a text that parses to the same tree, checks without crashing, and
// evaluates within its limits. Run: cel_fuzz -max_len=2048 <corpus>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <tenure/cel/program.hpp>

namespace {

using namespace tenure;
using namespace tenure::cel;

Environment environment() {
  Environment env;
  const auto person =
      std::make_shared<const ObjectType>("Identity", std::vector<Field>{{"name", Type::string()},
                                                                        {"level", Type::integer().nullable()},
                                                                        {"groups", Type::list(Type::string())}});
  env.add_variable("identity", Type::object(person));
  env.add_variable("n", Type::integer());
  env.add_variable("any", Type::dyn());
  return env;
}

Activation activation(const Environment& env) {
  Activation values;
  values.set(0, Value::object(std::make_shared<const Record>(
                    env.variables()[0].type.object_type(),
                    std::vector<Value>{Value::string("Zoë"), Value::unknown(),
                                       Value::list({Value::string("a"), Value::unknown()})})));
  values.set(1, Value::integer(3));
  values.set(2, Value::unknown());
  return values;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Environment env = environment();
  static const Activation values = activation(env);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Diagnostics diagnostics;
  const auto ast = parse(Source{text, {}, 0}, diagnostics);
  if (!ast) return 0;
  ParseLimits roomy;  // the canonical text may be longer than what was written
  roomy.bytes_max = 1 << 20;
  roomy.depth_max = 400;
  const std::string printed = print(*ast);
  const auto again = parse(Source{printed, {}, 0}, diagnostics, roomy);
  if (!again || !same_expression(*ast, *again) || print(*again) != printed) std::abort();
  Limits limits;
  limits.cost_max = 10'000;
  for (const bool check : {true, false}) {
    CompileOptions options;
    options.check = check;
    if (const auto program = compile(env, text, options)) static_cast<void>(program->evaluate(values, limits));
  }
  return 0;
}
