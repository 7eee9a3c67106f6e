// The law of the evaluation by column: bit for bit what Program::evaluate says row by row, whatever the expression, the
// form of the columns and what is unknown.
#include "column_blocks.hpp"
#include "column_forms.hpp"

#include <functional>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <tenure/base/workers.hpp>
#include <tenure/cel/columns.hpp>
#include <tenure/cel/testing/table.hpp>

namespace tenure::cel {
namespace {

using population::Bitmap;
using testing::Table;
using Form = Table::Form;

enum Field : std::size_t {
  kKey,
  kKind,
  kDept,
  kSite,
  kLevel,
  kGrade,
  kBadge,
  kTemp,
  kStart,
  kEnd,
  kGroups,
  kTags,
  kWide,
  kGone,
  kNone
};

std::vector<Table::FieldSpec> fields() {
  const Type texts = Type::list(Type::string());
  return {{"key", Type::string(), Form::kRows},
          {"kind", Type::string(), Form::kSets},
          {"dept", Type::string()},
          {"site", Type::string().nullable()},
          {"level", Type::integer()},
          {"grade", Type::integer().nullable()},
          {"badge", Type::boolean()},
          {"temp", Type::boolean().nullable(), Form::kSets},
          {"start", Type::timestamp()},
          {"end", Type::timestamp().nullable()},
          {"groups", texts},
          {"tags", texts.nullable(), Form::kWideColumn},
          {"wide", Type::string(), Form::kWideColumn},
          {"gone", Type::string(), Form::kSets},
          {"none", Type::string().nullable(), Form::kSets}};
}

// Values that come about, some of them of a wrong type.
std::vector<json::Value> pool(std::size_t field) {
  const auto list = [](std::initializer_list<const char*> texts) {
    json::Array array;
    for (const char* text : texts) array.emplace_back(text);
    return json::Value(std::move(array));
  };
  switch (field) {
    case kKey:
      return {"k1", "k2", "k17", "A"};
    case kKind:
      return {"person", "service", "agent"};
    case kDept:
    case kSite:
      return {"A", "B", "C", "1", "", 3, json::Value()};
    case kLevel:
    case kGrade:
      return {0, 1, 2, 3, -1, 2.5, "2", json::Value()};
    case kBadge:
    case kTemp:
      return {true, false, "true", json::Value()};
    case kStart:
    case kEnd:
      return {"2024-01-31", "2024-02-29T12:00:00Z", "2026-11-20", "never", json::Value()};
    case kGroups:
    case kTags:
      return {list({}), list({"a"}), list({"b", "a"}), list({"ab"}), "a", json::Value()};
    default:
      return {"w1", "w2", "w17", "A", json::Value()};
  }
}

// `upto(n)` gives numbers in [0, n).
using Upto = std::function<int(int)>;

Table random_table(std::size_t rows, const Upto& upto, bool absent_rows = true) {
  Table table(fields(), rows);
  for (std::size_t field = 0; field < kGone; ++field) {  // nobody has what comes after
    const std::vector<json::Value> values = pool(field);
    for (std::size_t row = 0; row < rows; ++row) {
      Table::Cell cell;
      if (upto(8) != 0) cell.value = values[static_cast<std::size_t>(upto(static_cast<int>(values.size())))];
      cell.unknown = upto(10) == 0;
      table.put(row, field, std::move(cell));
    }
  }
  if (absent_rows) {
    Bitmap present(rows, true);
    for (std::size_t row = 0; row < rows; row += static_cast<std::size_t>(1 + upto(20))) present.reset(row);
    table.set_present(std::move(present));
  }
  table.finish();
  return table;
}

const std::vector<std::string> kAtoms = {
    "identity.dept == 'A'",
    "identity.dept != 'B'",
    "'C' == identity.dept",
    "identity.dept in ['A', 'C']",
    "identity.dept in []",
    "identity.dept < 'B'",
    "identity.dept.startsWith('A')",
    "identity.dept.matches('^[AB]')",
    "int(identity.dept) > 0",
    "identity.site == null",
    "identity.site != null",
    "has(identity.site)",
    "identity.site == 'A'",
    "identity.site in ['A', 'B', '']",
    "identity.site != 'B'",
    "identity.site > 'A'",
    "identity.level >= 2",
    "identity.level < 2.5",
    "identity.level == 2",
    "identity.level != 3",
    "identity.level in [1, 2]",
    "identity.level in [1, 2.0]",
    "identity.level == 2u",
    "10 / identity.level > 3",
    "identity.grade == 1",
    "identity.grade == null",
    "identity.grade > 1",
    "identity.badge",
    "identity.badge == true",
    "identity.temp",
    "identity.temp != false",
    "has(identity.temp)",
    "identity.start > timestamp('2024-02-01T00:00:00Z')",
    "identity.start.getFullYear() == 2024",
    "identity.end == null",
    "identity.end < timestamp('2025-01-01T00:00:00Z')",
    "identity.start < identity.end",
    "identity.start + duration('24h') > identity.end",
    "'a' in identity.groups",
    "identity.groups == ['a']",
    "identity.groups[0] == 'b'",
    "size(identity.groups) > 1",
    "identity.groups.exists(g, g.startsWith('a'))",
    "identity.groups.all(g, g == identity.dept)",
    "identity.groups.exists_one(g, g == 'a' || g == identity.site)",
    "has(identity.tags)",
    "identity.tags == null",
    "'b' in identity.tags",
    "identity.tags.exists(t, t in identity.groups)",
    "identity.wide == 'w1'",
    "identity.wide in ['w2', 'w17', 'A']",
    "identity.wide != 'w1'",
    "identity.wide.endsWith('7')",
    "identity.wide == identity.dept",
    "identity.wide < identity.key",
    "identity.key == 'k1'",
    "identity.key.startsWith('k')",
    "identity.kind == 'person'",
    "identity.kind in ['agent', 'service']",
    "identity.kind != 'agent'",
    "identity.kind + identity.dept == 'personA'",
    "identity == identity",
    "identity.dept == identity.site",
    "identity.level > identity.grade && identity.badge == identity.temp",
    "(identity.badge ? identity.dept : identity.wide) == 'A'",
    "((identity.level > 1) == identity.badge)",
    "[identity.dept, identity.site].exists(x, x == 'A')",
    "identity.gone == 'x'",
    "identity.gone != 'x'",
    "has(identity.none)",
    "identity.none == 'x'",
    "identity.none != 'x'",
    "identity.none == identity.gone",
    "identity.none == identity.site",
    "true",
    "false",
    "1 / 0 > 0",
    "dyn('no bool')",
    "identity.dept",
};

std::string expression(const Upto& upto, int depth) {
  const auto part = [&] { return "(" + expression(upto, depth - 1) + ")"; };
  switch (depth <= 0 ? 0 : upto(7)) {
    case 1:
      return part() + " && " + part();
    case 2:
      return part() + " || " + part();
    case 3:
      return "!" + part();
    case 4:
      return part() + " ? " + part() + " : " + part();
    case 5:
      return part() + " && " + part() + " && " + part();
    case 6:
      return part() + " || " + part() + " || " + part();
    default:
      return kAtoms[static_cast<std::size_t>(upto(static_cast<int>(kAtoms.size())))];
  }
}

// Checked where the checker agrees; else (nulls without a guard, operands of wrong types) with the check off.
Program compiled(const Environment& env, const std::string& text) {
  CompileOptions options;
  options.expected = Type::boolean();
  auto program = compile(env, text, options);
  if (program) return *program;
  options.check = false;
  program = compile(env, text, options);
  if (!program) throw std::runtime_error(program.error().to_string() + "\n" + text);
  return *program;
}

ColumnVerdicts by_row(const Program& program, const Table& table, const Limits& limits = {}) {
  ColumnVerdicts verdicts{Bitmap(table.rows()), Bitmap(table.rows())};
  for (std::size_t row = 0; row < table.rows(); ++row) {
    if (table.present() != nullptr && !table.present()->test(row)) continue;
    const auto value = program.evaluate(table.activation(row), limits);
    verdicts.truth.assign(row, value && value->is_true());
    verdicts.unknown.assign(row, !value || !value->is(Value::Kind::kBool));
  }
  return verdicts;
}

bool same(const ColumnVerdicts& a, const ColumnVerdicts& b) {
  return a.truth == b.truth && a.unknown == b.unknown;
}

ColumnVerdicts with_kernels(const Program& program, const Table& table, const WordKernels& kernels) {
  const auto leaves = std::make_shared<const ColumnLeaves>(std::vector<Program>{program});
  const auto prepared = prepare_columns(leaves, table, {});
  ColumnBlocks blocks(*prepared, kernels);
  ColumnVerdicts verdicts{Bitmap(table.rows()), Bitmap(table.rows())};
  for (std::size_t first = 0; first < table.rows(); first += ColumnRun::kBlockRows) {
    blocks.begin(first / ColumnRun::kBlockRows);
    blocks.verdicts(0, {verdicts.truth.words().data() + blocks.first_word(),
                        verdicts.unknown.words().data() + blocks.first_word()});
  }
  return verdicts;
}

int drawn(int n) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, n));
}

RC_GTEST_PROP(Columns, SayWhatRowsSay, ()) {
  const Table table = random_table(100, drawn);
  const Environment env = table.environment();
  for (int i = 0; i < 6; ++i) {
    const std::string text = expression(drawn, 3);
    const Program program = compiled(env, text);
    if (!same(evaluate_columns(program, table), by_row(program, table))) RC_FAIL(text);
  }
}

// Every atom for itself, so that none depends on luck.
TEST(Columns, EveryPartSaysWhatRowsSay) {
  unsigned state = 7;
  const Upto upto = [&](int n) {
    state = state * 1'103'515'245U + 12'345U;
    return static_cast<int>((state >> 16) % static_cast<unsigned>(n));
  };
  const Table table = random_table(500, upto);
  for (const std::string& atom : kAtoms) {
    const Program program = compiled(table.environment(), atom);
    EXPECT_TRUE(same(evaluate_columns(program, table), by_row(program, table))) << atom;
  }
}

// Several blocks, many conditions at once, blocks in any order, visited or written: all the same.
TEST(Columns, BatchesAndBlocksDoNotMatter) {
  unsigned state = 11;
  const Upto upto = [&](int n) {
    state = state * 1'103'515'245U + 12'345U;
    return static_cast<int>((state >> 16) % static_cast<unsigned>(n));
  };
  const Table table = random_table(ColumnRun::kBlockRows + 1'000, upto);
  const Environment env = table.environment();
  std::vector<Program> programs;
  for (int i = 0; i < 3; ++i) programs.push_back(compiled(env, expression(upto, 2)));
  programs.push_back(programs.front());
  programs.push_back(compiled(env, "identity.kind == 'nothing'"));
  const ColumnBatch batch(programs);
  std::vector<ColumnVerdicts> all;
  const auto workers = make_workers(2);
  batch.evaluate(table, all, *workers);
  for (std::size_t i = 0; i < programs.size(); ++i)
    EXPECT_TRUE(same(all[i], by_row(programs[i], table))) << programs[i].canonical();

  const ColumnRun run = batch.over(table);
  ASSERT_EQ(run.blocks(), 2U);
  std::vector<ColumnVerdicts> halves(programs.size(), {Bitmap(table.rows()), Bitmap(table.rows())}), visited = halves;
  run.evaluate(1, 2, halves);
  run.evaluate(0, 1, halves);
  bool visited_nothing = false;
  run.visit(0, 2, [&](std::size_t i, std::size_t first, auto truth, auto unknown) {
    visited_nothing = visited_nothing || i + 1 == programs.size();
    std::ranges::copy(truth, visited[i].truth.words().begin() + static_cast<std::ptrdiff_t>(first));
    std::ranges::copy(unknown, visited[i].unknown.words().begin() + static_cast<std::ptrdiff_t>(first));
  });
  EXPECT_FALSE(all.back().unknown.none() && visited_nothing);
  for (std::size_t i = 0; i < programs.size(); ++i) {
    EXPECT_TRUE(same(all[i], halves[i])) << i;
    EXPECT_TRUE(same(all[i], visited[i])) << i;
  }
}

// The limits of cost and size hold as by row: a row that passes one is unknown, whatever stands beside it.
TEST(Columns, LimitsAreThoseOfRows) {
  Table table({{"text", Type::string()}, {"name", Type::string()}, {"key", Type::string(), Form::kRows}}, 100);
  for (std::size_t row = 0; row < 100; ++row) {
    table.put(row, 0, {json::Value(std::string(row * 40, 'x')), false});
    table.put(row, 1, {json::Value(row % 3 == 0 ? "a" : "b"), row % 7 == 0});
    table.put(row, 2, {json::Value("k" + std::to_string(row)), false});
  }
  table.finish();
  const Environment env = table.environment();
  const std::vector<std::string> texts = {
      "(identity.text + identity.text).contains('y') || identity.name == 'a'",
      "identity.name == 'b' && identity.text != 'x'",
      "identity.name == 'a' || identity.text + identity.text + identity.key == 'x'",
      "!(identity.text.contains('xy') || identity.text.endsWith(identity.name))",
      "identity.text == 'y' || identity.text in ['z', 'xx'] || identity.name == 'a'"};
  std::size_t limited = 0;
  for (const std::string& text : texts) {
    const Program program = compiled(env, text);
    for (const std::uint64_t cost : {5U, 12U, 40U, 100U, 300U, 700U, 2'000U, 20'000U, 1'000'000U}) {
      Limits limits;
      limits.cost_max = cost;
      limits.string_bytes_max = 4'000;
      const ColumnVerdicts rows = by_row(program, table, limits);
      EXPECT_TRUE(same(evaluate_columns(program, table, limits), rows)) << text << " within " << cost;
      limited += rows.unknown.count();
    }
  }
  EXPECT_GT(limited, 1'000U);
}

TEST(Columns, NobodyIsNothing) {
  Table empty(fields(), 0);
  empty.finish();
  const ColumnVerdicts none = evaluate_columns(compiled(empty.environment(), "true"), empty);
  EXPECT_EQ(none.truth.size(), 0U);

  Table nobody(fields(), 70);
  nobody.set_present(Bitmap(70));
  nobody.finish();
  for (const char* text : {"true", "!(identity.dept == 'A')", "identity.site == null", "identity.key == 'a'"}) {
    const ColumnVerdicts verdicts = evaluate_columns(compiled(nobody.environment(), text), nobody);
    EXPECT_TRUE(verdicts.truth.none() && verdicts.unknown.none()) << text;
  }
}

TEST(Columns, EverySetOfInstructionsGivesTheSame) {
  unsigned state = 5;
  const Upto upto = [&](int n) {
    state = state * 1'103'515'245U + 12'345U;
    return static_cast<int>((state >> 16) % static_cast<unsigned>(n));
  };
  const Table table = random_table(1'111, upto);
  for (int i = 0; i < 30; ++i) {
    const Program program = compiled(table.environment(), expression(upto, 3));
    const ColumnVerdicts plain = with_kernels(program, table, word_kernels(WordLevel::kPlain));
    for (const WordLevel level : {WordLevel::kAvx2, WordLevel::kAvx512}) {
      if (!supported(level)) continue;
      EXPECT_TRUE(same(plain, with_kernels(program, table, word_kernels(level)))) << program.canonical();
    }
  }
}

// The oracle can tell: combiners that take unknown for false (in ||, in &&, under !) or choose a branch of an unknown
// condition are found out by the property.
TEST(Columns, ThePlantedMistakeIsFound) {
  const auto found = [](const WordKernels& wrong) {
    unsigned state = 3;
    const Upto upto = [&](int n) {
      state = state * 1'103'515'245U + 12'345U;
      return static_cast<int>((state >> 16) % static_cast<unsigned>(n));
    };
    for (int i = 0; i < 80; ++i) {
      const Table table = random_table(60, upto);
      const Program program = compiled(table.environment(), expression(upto, 3));
      if (!same(with_kernels(program, table, wrong), by_row(program, table))) return true;
    }
    return false;
  };
  const WordKernels& right = word_kernels();
  EXPECT_FALSE(found(right));
  WordKernels wrong = right;
  wrong.either = [](WordPair out, WordView a, WordView b, std::size_t words) {
    for (std::size_t i = 0; i < words; ++i) out.q[i] = out.t[i] = a.t[i] | b.t[i];
  };
  EXPECT_TRUE(found(wrong));
  wrong = right;
  wrong.both = [](WordPair out, WordView a, WordView b, std::size_t words) {
    for (std::size_t i = 0; i < words; ++i) out.q[i] = out.t[i] = a.t[i] & b.t[i];
  };
  EXPECT_TRUE(found(wrong));
  wrong = right;
  wrong.negated = [](WordPair out, WordView a, std::size_t words) {
    for (std::size_t i = 0; i < words; ++i) out.q[i] = out.t[i] = ~a.t[i];
  };
  EXPECT_TRUE(found(wrong));
  wrong = right;
  wrong.chosen = [](WordPair out, WordView c, WordView a, WordView b, std::size_t words) {
    for (std::size_t i = 0; i < words; ++i) {
      const std::uint64_t t = (c.t[i] & a.t[i]) | (~c.t[i] & b.t[i]);
      const std::uint64_t q = (c.t[i] & a.q[i]) | (~c.t[i] & b.q[i]);
      out.t[i] = t;
      out.q[i] = q;
    }
  };
  EXPECT_TRUE(found(wrong));
}

}  // namespace
}  // namespace tenure::cel
