#include <cstdlib>
#include <utility>

#include <tenure/cel/testing/conditions.hpp>

namespace tenure::cel::testing {
namespace {

using population::Bitmap;
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

}  // namespace

std::vector<Table::FieldSpec> identity_fields() {
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

Table random_table(std::size_t rows, const Upto& upto, bool absent_rows) {
  Table table(identity_fields(), rows);
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

const std::vector<std::string>& condition_parts() {
  return kAtoms;
}

std::string random_condition(const Upto& upto, int depth) {
  const auto part = [&] { return "(" + random_condition(upto, depth - 1) + ")"; };
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

Program compiled(const Environment& env, const std::string& text) {
  CompileOptions options;
  options.expected = Type::boolean();
  auto program = compile(env, text, options);
  if (program) return *program;
  options.check = false;
  program = compile(env, text, options);
  if (!program) std::abort();
  return *program;
}

ColumnVerdicts by_row(const Program& program, const Table& table, const Limits& limits) {
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

}  // namespace tenure::cel::testing
