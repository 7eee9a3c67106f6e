#include <algorithm>

#include <tenure/source/records.hpp>

namespace tenure::source {
namespace {

json::Value names_to_json(const std::vector<std::string>& names) {
  json::Array array;
  for (const std::string& name : names) array.push_back(name);
  return array;
}

Result<std::vector<std::string>> names_from_json(const json::Reader& reader, std::string_view key) {
  TENURE_TRY(const auto elements, reader.array(key));
  std::vector<std::string> names;
  for (const json::Reader& element : elements) {
    if (!element.value().is_string()) return element.wrong("", "a string");
    names.push_back(element.value().as_string());
  }
  return names;
}

}  // namespace

const Record* Records::find(std::string_view key) const {
  const auto found =
      std::lower_bound(records.begin(), records.end(), key,
                       [](const Record& record, std::string_view wanted) { return record.key < wanted; });
  return found != records.end() && found->key == key ? &*found : nullptr;
}

json::Value to_json(const Records& records) {
  json::Array rows;
  for (const Record& record : records.records) {
    json::Array fields;
    for (const auto& field : record.fields) fields.push_back(field ? json::Value(*field) : json::Value());
    rows.push_back(json::Object{{"key", record.key}, {"fields", std::move(fields)}, {"line", record.line}});
  }
  return json::Object{{"file", records.file},
                      {"digest", records.digest},
                      {"columns", names_to_json(records.columns)},
                      {"feed_columns", names_to_json(records.feed_columns)},
                      {"records", std::move(rows)}};
}

Result<Records> records_from_json(const json::Value& value) {
  const json::Reader reader(value, "records");
  Records records;
  TENURE_TRY(records.file, reader.string("file"));
  TENURE_TRY(records.digest, reader.string("digest"));
  TENURE_TRY(records.columns, names_from_json(reader, "columns"));
  TENURE_TRY(records.feed_columns, names_from_json(reader, "feed_columns"));
  TENURE_TRY(const auto rows, reader.array("records"));
  for (const json::Reader& row : rows) {
    Record record;
    TENURE_TRY(record.key, row.string("key"));
    TENURE_TRY(const std::int64_t line, row.integer("line"));
    record.line = static_cast<std::uint32_t>(line);
    TENURE_TRY(const auto fields, row.array("fields"));
    for (const json::Reader& field : fields) {
      if (field.value().is_null())
        record.fields.emplace_back();
      else if (field.value().is_string())
        record.fields.emplace_back(field.value().as_string());
      else
        return field.wrong("", "a string or null");
    }
    if (record.fields.size() != records.columns.size()) return row.wrong("fields", "one field for every column");
    records.records.push_back(std::move(record));
  }
  return records;
}

}  // namespace tenure::source
