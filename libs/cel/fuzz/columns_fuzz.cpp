// libFuzzer: a condition says by column what it says by row. The first byte chooses how the rest is read: as the text
// of a condition, or as the choices by which a condition and its table are made up. Run: columns_fuzz -max_len=512
// <corpus>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include <tenure/cel/testing/conditions.hpp>

namespace {

using namespace tenure::cel;
using namespace tenure::cel::testing;

// Numbers from the input, then zeros.
class Choices {
 public:
  explicit Choices(std::string_view bytes) : bytes_(bytes) {}
  int operator()(int n) {
    if (bytes_.empty()) return 0;
    const auto byte = static_cast<unsigned char>(bytes_.front());
    bytes_.remove_prefix(1);
    return byte % n;
  }

 private:
  std::string_view bytes_;
};

Table fixed_table() {
  std::uint32_t state = 1;
  return random_table(130, [&](int n) {
    state = state * 1'103'515'245U + 12'345U;
    return static_cast<int>((state >> 16) % static_cast<std::uint32_t>(n));
  });
}

void compare(const Program& program, const Table& table, const Limits& limits) {
  if (!same(evaluate_columns(program, table, limits), by_row(program, table, limits))) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Table fixed = fixed_table();
  static const Environment env = fixed.environment();
  if (size == 0) return 0;
  const std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
  Limits limits;
  limits.cost_max = data[0] % 4 == 3 ? 30U * data[0] : 20'000;
  if (data[0] % 2 == 0) {
    Choices choices(rest);
    const auto upto = [&](int n) { return choices(n); };
    const std::string text = random_condition(upto, 4);
    const Program program = compiled(env, text);
    compare(program, fixed, limits);
    compare(program, random_table(9, upto), limits);
    return 0;
  }
  for (const bool check : {true, false}) {
    CompileOptions options;
    options.expected = Type::boolean();
    options.check = check;
    if (const auto program = compile(env, rest, options)) compare(*program, fixed, limits);
  }
  return 0;
}
