#include "checker.hpp"
#include "evaluator.hpp"
#include "program_parts.hpp"

#include <utility>

#include <tenure/cel/program.hpp>

namespace tenure::cel {

namespace {

// Patterns that are literals are compiled once.
std::map<ExprId, Regex> literal_patterns(const Checked& checked) {
  std::map<ExprId, Regex> regexes;
  for (ExprId id = 0; id < checked.ast.nodes.size(); ++id) {
    const Expr& e = checked.ast[id];
    if (e.kind != Expr::Kind::kCall || e.name != "matches" || e.args.size() != 2) continue;
    const Expr& pattern = checked.ast[e.args[1]];
    if (pattern.kind != Expr::Kind::kLiteral || !pattern.literal.is(Value::Kind::kString)) continue;
    if (auto regex = Regex::compile(pattern.literal.as_string())) regexes.emplace(id, std::move(*regex));
  }
  return regexes;
}

}  // namespace

Result<Value> Program::evaluate(const Activation& activation, const Limits& limits) const {
  Evaluator evaluator(parts_->checked, parts_->regexes, activation, limits);
  Value value;
  const auto place = [&](ExprId id) {
    const Expr& e = parts_->checked.ast[id];
    return Source{{}, parts_->begin, parts_->indent}.at(e.line, e.column).to_string();
  };
  if (!evaluator.run(value)) {
    const Failure& failure = evaluator.failure();
    return fail(Error(failure.reason, failure.message).add_context(place(failure.at)));
  }
  if (!holds(parts_->result, value)) {
    const std::string what = value.is_null() ? "null" : value.type_name();
    return fail(Error(Reason::kCelEval, "the result is " + what + ", not " + parts_->result.to_string())
                    .add_context(place(parts_->checked.ast.root)));
  }
  return value;
}

const std::vector<std::string>& Program::references() const {
  return parts_->references;
}
const std::string& Program::canonical() const {
  return parts_->canonical;
}
const Type& Program::result_type() const {
  return parts_->result;
}
const Checked& Program::checked() const {
  return parts_->checked;
}

std::optional<Program> compile(const Environment& environment, const Source& source, const CompileOptions& options,
                               Diagnostics& diagnostics) {
  auto ast = parse(source, diagnostics, options.limits);
  if (!ast) return std::nullopt;
  auto parts = std::make_shared<Program::Parts>();
  parts->canonical = print(*ast);
  const std::size_t errors = diagnostics.error_count();
  parts->checked = check(std::move(*ast), environment, source, options.expected, options.check, diagnostics);
  if (diagnostics.error_count() != errors) return std::nullopt;
  parts->references = referenced_paths(parts->checked);
  parts->regexes = literal_patterns(parts->checked);
  const Type& type = parts->checked.types[parts->checked.ast.root];
  parts->result = options.expected.is_open() && options.check ? type : options.expected;
  parts->begin = source.begin;
  parts->indent = source.indent;
  return Program(std::move(parts));
}

Result<Program> compile(const Environment& environment, std::string_view text, const CompileOptions& options) {
  Diagnostics diagnostics;
  auto program = compile(environment, Source{text, {"expression", 1, 1}, 0}, options, diagnostics);
  if (!program) return fail(diagnostics.to_error());
  return std::move(*program);
}

}  // namespace tenure::cel
