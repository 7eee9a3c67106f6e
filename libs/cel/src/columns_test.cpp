// The law of the evaluation by column: bit for bit what Program::evaluate says row by row, whatever the expression, the
// form of the columns and what is unknown.
#include "column_blocks.hpp"
#include "column_forms.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <tenure/base/workers.hpp>
#include <tenure/cel/columns.hpp>
#include <tenure/cel/testing/conditions.hpp>
#include <tenure/cel/testing/table.hpp>

namespace tenure::cel {
namespace {

using population::Bitmap;
using testing::by_row;
using testing::compiled;
using testing::random_condition;
using testing::random_table;
using testing::same;
using testing::Table;
using testing::Upto;
using Form = Table::Form;

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
    const std::string text = random_condition(drawn, 3);
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
  for (const std::string& atom : testing::condition_parts()) {
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
  for (int i = 0; i < 3; ++i) programs.push_back(compiled(env, random_condition(upto, 2)));
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
  Table empty(testing::identity_fields(), 0);
  empty.finish();
  const ColumnVerdicts none = evaluate_columns(compiled(empty.environment(), "true"), empty);
  EXPECT_EQ(none.truth.size(), 0U);

  Table nobody(testing::identity_fields(), 70);
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
    const Program program = compiled(table.environment(), random_condition(upto, 3));
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
      const Program program = compiled(table.environment(), random_condition(upto, 3));
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
