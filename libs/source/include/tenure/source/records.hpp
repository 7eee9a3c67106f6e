// Records of a source as it gave them, before any mapping. Values.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <tenure/model/feed_rows.hpp>

namespace tenure::source {

struct Record {
  std::string key;                                 // value of the source's key column
  std::vector<std::optional<std::string>> fields;  // in the order of the columns; nullopt = blank
  std::uint32_t line = 0;                          // where it begins in the file, for messages
};

// One feed as a connector read it.
struct Reading {
  std::string file;    // for messages
  std::string digest;  // of its bytes, "sha256:..."
  std::vector<std::string> columns;
  std::shared_ptr<const model::FeedRows> rows;
  bool complete = false;    // a full export, read to its proper end
  bool open_ended = false;  // no line break after the last record: it may have been cut off there
};

// Accepted records of one source, as values: all of them, or those that something is about. Any order.
struct Records {
  std::string file;
  std::vector<std::string> columns;  // those that the source document declared when the feed was accepted
  std::vector<Record> records;
};

}  // namespace tenure::source
