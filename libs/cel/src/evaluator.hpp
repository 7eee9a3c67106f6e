// One walk over the tree for one row.
//
// Where an operand is an error, a strict operation is that error; else, where one is unknown, it is unknown. && and ||
// look at all operands: the deciding value wins over unknown, unknown over an error, an error over the other value.
// What is *made* from an unknown (a list, a map, a mapped or filtered list) is unknown as a whole, because what the
// unknown turns out to be could have made it fail; unknown elements that come with the data stay where they are.
#pragma once

#include "regex.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <tenure/cel/ast.hpp>
#include <tenure/cel/environment.hpp>

namespace tenure::cel {

struct Failure {
  Reason reason = Reason::kCelEval;
  ExprId at = 0;
  std::string message;
};

// One evaluation, one thread.
class Evaluator {
 public:
  // `regexes`: compiled literal patterns, by the id of the call.
  Evaluator(const Checked& checked, const std::map<ExprId, Regex>& regexes, const Activation& activation,
            const Limits& limits)
      : c_(checked), regexes_(regexes), activation_(activation), budget_(limits), locals_(checked.locals) {}

  // False: failure() says why. kCelLimit is never absorbed.
  bool run(Value& out) { return run(c_.ast.root, out); }
  // The part of the expression under `root`, which must not use a variable of a macro around it.
  bool run(ExprId root, Value& out);
  std::uint64_t spent() const { return budget_.spent(); }
  const Failure& failure() const { return failure_; }

 private:
  // Running result of && (decided by false) or || (by true), over operands or elements.
  struct Fold;

  bool eval(ExprId id, Value& out);
  bool eval_known(ExprId id, const Expr& e, Value& out);
  bool ident(ExprId id, const Expr& e, Value& out);
  bool select(ExprId id, const Expr& e, Value& out);
  bool has(ExprId id, const Expr& e, Value& out);
  bool index(ExprId id, const Expr& e, Value& out);
  bool call(ExprId id, const Expr& e, Value& out);
  bool unary(ExprId id, const Expr& e, Value& out);
  bool binary(ExprId id, const Expr& e, Value& out);
  bool logical(ExprId id, const Expr& e, Value& out);
  bool conditional(ExprId id, const Expr& e, Value& out);
  bool list(ExprId id, const Expr& e, Value& out);
  bool map(ExprId id, const Expr& e, Value& out);
  bool comprehension(ExprId id, const Expr& e, Value& out);
  bool quantified(ExprId id, const Expr& e, const Value& range, Value& out);
  bool exactly_one(ExprId id, const Expr& e, const Value& range, Value& out);
  bool transformed(ExprId id, const Expr& e, const Value& range, Value& out);
  // Evaluates all; `unknown` when one is. False at the first error.
  bool operands(const Expr& e, std::vector<Value>& out, bool& unknown);
  void bind(ExprId id, const Expr& e, const Value& range, std::size_t i);
  std::optional<std::size_t> field_of(ExprId id, const Expr& e, const Value& operand) const;

  bool fail_at(ExprId id, std::string message);
  bool take(ExprId id, Result<Value> result, Value& out);
  bool limited() const { return failure_.reason == Reason::kCelLimit || budget_.exhausted(); }

  const Checked& c_;
  const std::map<ExprId, Regex>& regexes_;
  const Activation& activation_;
  Budget budget_;
  std::vector<Value> locals_;
  Failure failure_;
};

}  // namespace tenure::cel
