#include <tenure/model/feed_rows.hpp>

namespace tenure::model {
namespace {

class Held final : public FeedRows {
 public:
  explicit Held(std::vector<FeedRecord> records) : records_(std::move(records)) {}
  std::size_t size() const override { return records_.size(); }
  std::uint32_t line(std::size_t row) const override { return records_[row].line; }
  void fields(std::size_t row, std::vector<std::string_view>& out) const override {
    out.clear();
    for (const auto& field : records_[row].fields) out.push_back(field ? std::string_view(*field) : std::string_view());
  }

 private:
  std::vector<FeedRecord> records_;
};

}  // namespace

std::shared_ptr<const FeedRows> feed_rows(std::vector<FeedRecord> records) {
  return std::make_shared<Held>(std::move(records));
}

std::vector<FeedRecord> feed_records(const FeedRows& rows) {
  std::vector<FeedRecord> out;
  std::vector<std::string_view> fields;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    rows.fields(r, fields);
    FeedRecord& record = out.emplace_back();
    record.line = rows.line(r);
    for (const std::string_view field : fields)
      field.data() == nullptr ? record.fields.emplace_back(std::nullopt) : record.fields.emplace_back(field);
  }
  return out;
}

}  // namespace tenure::model
