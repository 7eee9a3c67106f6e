// The records of a feed as a connector read them, before anything is made of them: views, whatever the format was.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tenure::model {

// Immutable; any thread.
class FeedRows {
 public:
  virtual ~FeedRows() = default;
  virtual std::size_t size() const = 0;
  virtual std::uint32_t line(std::size_t row) const = 0;  // where it begins, for messages
  // The fields of a row in the order of the feed's columns, as many as it has. A view without data() is a blank. They
  // live as long as this object. REQUIRES: row < size().
  virtual void fields(std::size_t row, std::vector<std::string_view>& out) const = 0;

 protected:
  FeedRows() = default;
  FeedRows(const FeedRows&) = default;
  FeedRows& operator=(const FeedRows&) = default;
};

// Rows that somebody has as values; nullopt = blank.
struct FeedRecord {
  std::vector<std::optional<std::string>> fields;
  std::uint32_t line = 0;
};
std::shared_ptr<const FeedRows> feed_rows(std::vector<FeedRecord> records);
// The other way round, for whoever looks at few.
std::vector<FeedRecord> feed_records(const FeedRows& rows);

}  // namespace tenure::model
