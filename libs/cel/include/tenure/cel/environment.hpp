// What an expression may refer to: declared variables and functions. Build it once, then share it: const members are
// safe from any thread. The standard functions, macros and operators, the strings extension and the identity extension
// (docs/formats/cel.md) are always there.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/cel/type.hpp>
#include <tenure/cel/value.hpp>

namespace tenure::cel {

// Bounds of one evaluation. A unit of cost is about one node, list element or 16 bytes of text looked at or made.
struct Limits {
  std::uint64_t cost_max = 1'000'000;
  std::size_t string_bytes_max = std::size_t{1024} * 1024;
  std::size_t list_size_max = 65'536;
};

// Counts the cost of one evaluation. One thread.
class Budget {
 public:
  explicit Budget(const Limits& limits) : limits_(limits) {}
  // False once the limit is passed; it stays passed.
  bool spend(std::uint64_t units) {
    if (units > limits_.cost_max - spent_) {
      spent_ = limits_.cost_max;
      exhausted_ = true;
    } else {
      spent_ += units;
    }
    return !exhausted_;
  }
  bool spend_bytes(std::size_t bytes) { return spend(1 + bytes / 16); }
  bool exhausted() const { return exhausted_; }
  std::uint64_t spent() const { return spent_; }
  const Limits& limits() const { return limits_; }

 private:
  Limits limits_;
  std::uint64_t spent_ = 0;
  bool exhausted_ = false;
};

// Called with arguments that fit the overload: none is unknown or an error, null only where the type allows it. Must
// be a pure function of them; spends what it costs and returns at once when the budget is exhausted. Error kCelEval.
// Never puts a value of the data into the message.
using Body = std::function<Result<Value>(std::span<const Value> args, Budget& budget)>;

struct Overload {
  std::vector<Type> params;  // of a receiver-style function the receiver comes first
  Type result;
  Body body;
};

struct Function {
  std::string name;  // may be qualified: "strings.quote"
  bool receiver = false;
  std::vector<Overload> overloads;  // must not overlap
};

struct Variable {
  std::string name;  // may be qualified
  Type type;
};
using VariableIndex = std::uint32_t;

class Environment {
 public:
  Environment();  // standard functions, no variables

  // The index is what Activation takes. Declaring a name again replaces its type and keeps its index.
  VariableIndex add_variable(std::string name, Type type);
  // Adds overloads to a function of that name and style, or a new function.
  void add_function(Function function);
  // Names are tried in this qualified scope first: in "a.b", `x` is a.b.x, then a.x, then x.
  void set_container(std::string container) { container_ = std::move(container); }

  const std::vector<Variable>& variables() const { return variables_; }
  const std::string& container() const { return container_; }
  std::optional<VariableIndex> find_variable(std::string_view name) const;
  // nullptr when there is none.
  std::shared_ptr<const Function> find_function(std::string_view name, bool receiver) const;
  // For "did you mean".
  std::vector<std::string> function_names(bool receiver) const;

 private:
  std::vector<Variable> variables_;
  std::map<std::string, VariableIndex, std::less<>> by_name_;
  std::map<std::string, std::shared_ptr<const Function>, std::less<>> functions_[2];  // [receiver]
  std::string container_;
};

// The variables' values for one evaluation. One thread writes; then many may read.
class Activation {
 public:
  void set(VariableIndex variable, Value value);
  // kCelUnknownName when the environment has no such variable.
  Status set(const Environment& environment, std::string_view name, Value value);
  // nullptr when not set: an error when it is read.
  const Value* find(VariableIndex variable) const;

 private:
  std::vector<std::optional<Value>> values_;
};

}  // namespace tenure::cel
