// Compile once, evaluate many times. Pure: no clock, no I/O, no randomness; the same inputs give the same bytes.
//
// Unknown: `unknown && false` is false, `unknown || true` is true, otherwise unknown absorbs, errors beside && and ||
// included. If a result is true or false, no value of the unknown inputs could have made it anything else.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/base/error.hpp>
#include <tenure/cel/ast.hpp>
#include <tenure/cel/environment.hpp>
#include <tenure/cel/parse.hpp>

namespace tenure::cel {

struct ColumnLeaves;

struct CompileOptions {
  // The type the caller needs: Type::boolean() for conditions, Type::string() for mappings; dyn takes any.
  Type expected = Type::dyn();
  // Off: names are resolved, types are left to run time (cel-spec: the check is optional). Policy always checks.
  bool check = true;
  ParseLimits limits = {};
};

// Immutable; copies share; any thread may evaluate.
class Program {
 public:
  // The value, which may be unknown. Errors: kCelEval, with the place of the operation that failed; kCelLimit when the
  // cost or a size passes its limit, whatever stood beside it. A result of another type than was expected (only
  // possible through dyn) is kCelEval.
  Result<Value> evaluate(const Activation& activation, const Limits& limits = {}) const;

  // The attribute paths that are read, sorted: "identity.department". A variable used whole is its bare name.
  const std::vector<std::string>& references() const;
  // print() of the expression as written.
  const std::string& canonical() const;
  const Type& result_type() const;
  const Checked& checked() const;

 private:
  struct Parts;
  explicit Program(std::shared_ptr<const Parts> parts) : parts_(std::move(parts)) {}
  friend struct ColumnLeaves;
  friend std::optional<Program> compile(const Environment&, const Source&, const CompileOptions&, Diagnostics&);
  std::shared_ptr<const Parts> parts_;
};

// nullopt when at least one error was added: kCelSyntax, kCelType (also for null handling), kCelUnknownName, kCelLimit.
// All errors of the expression are added, not only the first. The program does not refer to its arguments afterwards.
std::optional<Program> compile(const Environment& environment, const Source& source, const CompileOptions& options,
                               Diagnostics& diagnostics);
// The same for a text that stands alone; the first error says how many more there are.
Result<Program> compile(const Environment& environment, std::string_view text, const CompileOptions& options = {});

}  // namespace tenure::cel
