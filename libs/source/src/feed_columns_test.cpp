#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <tenure/source/feed_columns.hpp>

namespace tenure::source {
namespace {

std::string value_of(const FeedColumns& columns, std::size_t column, std::size_t row) {
  const population::Column::Code code = columns.coded[column].code(row);
  return code == population::Column::kNull ? "" : std::string(*columns.coded[column].text(code));
}

TEST(FeedColumns, EveryValueStandsInItsRowWhateverTheWorkers) {
  std::string text = "id,department,note\n";
  constexpr int kRows = 30'000;
  const auto department = [](int i) { return i % 7 == 0 ? std::string() : "D" + std::to_string(i * i % 53); };
  for (int i = 0; i < kRows; ++i)
    text += std::to_string(i) + "," + department(i) + (i % 5 == 0 ? ",\"a \"\"b\"\", c\"\n" : ",\n");
  const csv::Reader reader(text, "f.csv");
  for (const unsigned threads : {1U, 3U}) {
    const auto workers = make_workers(threads);
    const FeedColumns columns = read_columns(reader, {true, false, false}, *workers);
    ASSERT_TRUE(columns.summary.faults.empty());
    ASSERT_EQ(columns.texts[0].size(), std::size_t{kRows});
    ASSERT_EQ(columns.coded[1].rows(), std::size_t{kRows});
    EXPECT_EQ(columns.coded[2].codes(), population::Column::kFirstValue + 1) << "blanks are no value";
    for (std::size_t i = 0; i < kRows; ++i) {
      const int number = static_cast<int>(i);
      ASSERT_EQ(columns.texts[0][i], std::to_string(i));
      ASSERT_EQ(value_of(columns, 1, i), department(number));
      ASSERT_EQ(value_of(columns, 2, i), number % 5 == 0 ? "a \"b\", c" : "");
    }
    EXPECT_EQ(columns.coded[1].code(1), population::Column::kFirstValue) << "in the order of the feed";
  }
}

TEST(FeedColumns, AFeedWithAFaultHasNone) {
  const csv::Reader reader("a,b\n1,2\n3\n", "f.csv");
  const FeedColumns columns = read_columns(reader, {false, false}, own_thread());
  EXPECT_EQ(columns.summary.faults.size(), 1U);
  EXPECT_EQ(columns.coded[0].rows(), 0U);
}

}  // namespace
}  // namespace tenure::source
