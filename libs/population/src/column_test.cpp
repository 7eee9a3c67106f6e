#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <tenure/population/column.hpp>

namespace tenure::population {
namespace {

TEST(Column, AbsentNullAndUnknownAreThreeThings) {
  Column column(4);
  column.put(1, nullptr, false);
  column.put(2, "Sales", true);
  column.put(3, "Sales", false);
  EXPECT_EQ(column.code(0), Column::kAbsent);
  EXPECT_EQ(column.code(1), Column::kNull);
  EXPECT_EQ(column.code(2), column.code(3));
  EXPECT_TRUE(column.unknown(2));
  const auto sales = column.find("Sales");
  EXPECT_EQ(column.where(sales).count(), 1U);
  EXPECT_EQ(column.where(Column::kAbsent).count(), 1U);
  EXPECT_EQ(column.where(Column::kNull).count(), 1U);
  column.erase(3);
  EXPECT_EQ(column.where(sales).count(), 0U);
  EXPECT_EQ(column.where(Column::kAbsent).count(), 2U);
}

TEST(Column, AValueIsItsTypeToo) {
  Column column;
  const std::vector<json::Value> values = {"1",
                                           1,
                                           1.0,
                                           true,
                                           "true",
                                           "t",
                                           json::Array{1},
                                           json::Array{1.0},
                                           json::Array{"1"},
                                           json::Array{},
                                           "",
                                           "[]",
                                           json::Array{json::Array{}, "a"},
                                           json::Array{json::Array{"a"}},
                                           json::Object{{"a", 1}},
                                           false,
                                           -7,
                                           json::Array{"ab", "c"},
                                           json::Array{"a", "bc"},
                                           0.1,
                                           "0.1"};
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(column.find(values[i]), Column::kAbsent);
    EXPECT_EQ(column.intern(values[i]), i + Column::kFirstValue);
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto code = static_cast<Column::Code>(i + Column::kFirstValue);
    EXPECT_EQ(column.value(code), values[i]);
    EXPECT_EQ(column.find(values[i]), code);
    EXPECT_EQ(column.text(code).has_value(), values[i].is_string());
  }
  EXPECT_EQ(column.intern_text("1"), Column::kFirstValue);
  EXPECT_EQ(column.find(nullptr), Column::kNull);
}

TEST(Column, ManyValuesWidenTheCodesAndEndTheBitmaps) {
  constexpr std::size_t kRows = 70'000;
  Column column(kRows);
  for (std::size_t row = 0; row < kRows; ++row) {
    column.put(row, std::to_string(row), false);
    if (row == 100) column.index();
    if (row == 1'000) {
      EXPECT_TRUE(column.indexed());
    }
    if (row == 60'000) {
      EXPECT_EQ(column.codes16().size(), kRows);
    }
  }
  EXPECT_FALSE(column.indexed());
  EXPECT_TRUE(column.codes16().empty());
  ASSERT_EQ(column.codes32().size(), kRows);
  for (std::size_t row = 0; row < kRows; row += 977) EXPECT_EQ(column.value(column.code(row)), std::to_string(row));
  Column early;  // values before rows
  for (int i = 0; i < 70'000; ++i) early.intern(i);
  early.resize(3);
  early.put_code(2, 69'000, false);
  EXPECT_EQ(early.value(early.code(2)), 69'000 - 2);
}

TEST(Column, AllAtOnce) {
  Column column(3);
  const std::vector<std::string_view> texts = {"a", "b", "a"};
  std::vector<Column::Code> codes(3);
  column.intern_texts(texts, codes);
  EXPECT_EQ(codes, (std::vector<Column::Code>{2, 3, 2}));
  Bitmap unknown(3);
  unknown.set(2);
  column.assign(codes, unknown);
  EXPECT_EQ(column.where(2).count(), 1U);
  column.assign(codes, {});
  EXPECT_EQ(column.where(2).count(), 2U);
}

struct PlainRow {
  Column::Code code = Column::kAbsent;
  json::Value value;
  bool unknown = false;
};

// Random writes with bitmaps made at random times, against one value per row.
RC_GTEST_PROP(ColumnProperty, BitmapsFollowEveryWrite, ()) {
  Column column(*rc::gen::inRange<std::size_t>(0, 150));
  std::vector<PlainRow> plain(column.rows());
  const int steps = *rc::gen::inRange(1, 120);
  for (int step = 0; step < steps; ++step) {
    const int what = *rc::gen::inRange(0, 10);
    if (what == 0) {
      plain.resize(plain.size() + *rc::gen::inRange<std::size_t>(0, 90));
      column.resize(plain.size());
    } else if (what == 1) {
      column.index();
    } else if (what == 2 && column.codes() > 2) {
      (void)column.where(*rc::gen::inRange<Column::Code>(0, column.codes()));
    } else if (!plain.empty()) {
      const auto row = *rc::gen::inRange<std::size_t>(0, plain.size());
      PlainRow& to = plain[row];
      if (what == 3) {
        column.erase(row);
        to = {};
      } else {
        to.value = *rc::gen::element<json::Value>(nullptr, "a", "b", 7, true, "", json::Array{"x"}, 1.5);
        to.unknown = *rc::gen::inRange(0, 3) == 0;
        column.put(row, to.value, to.unknown);
        to.code = column.code(row);
      }
    }
  }
  for (Column::Code code = 0; code < column.codes(); ++code)
    for (std::size_t row = 0; row < plain.size(); ++row)
      RC_ASSERT(column.where(code).test(row) == (plain[row].code == code && !plain[row].unknown));
  for (std::size_t row = 0; row < plain.size(); ++row) {
    RC_ASSERT(column.unknown(row) == plain[row].unknown);
    RC_ASSERT(column.code(row) == plain[row].code);
    if (column.code(row) >= Column::kFirstValue) RC_ASSERT(column.value(column.code(row)) == plain[row].value);
  }
}

}  // namespace
}  // namespace tenure::population
