// Records of a source as it gave them, before any mapping. Values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/json.hpp>

namespace tenure::source {

struct Record {
  std::string key;                                 // value of the source's key column
  std::vector<std::optional<std::string>> fields;  // in the order of the columns; nullopt = blank
  std::uint32_t line = 0;                          // where it begins in the file, for messages
};

// One feed as a connector read it. Keys are not set yet.
struct Reading {
  std::string file;    // for messages
  std::string digest;  // of its bytes, "sha256:..."
  std::vector<std::string> columns;
  std::vector<Record> records;
  bool complete = false;    // a full export, read to its proper end
  bool open_ended = false;  // no line break after the last record: it may have been cut off there
};

// The accepted records of one source: what stands until the next feed is accepted. Ordered by key; the columns are
// those that the source document declared when the feed was accepted.
struct Records {
  std::string file;
  std::string digest;
  std::vector<std::string> columns;
  std::vector<std::string> feed_columns;  // all columns of the feed, in byte order: to notice when they change
  std::vector<Record> records;

  const Record* find(std::string_view key) const;
};

// For the store.
json::Value to_json(const Records& records);
Result<Records> records_from_json(const json::Value& value);

}  // namespace tenure::source
