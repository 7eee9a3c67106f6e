// What a command prints: data on stdout in the chosen format, talk on stderr.
//
// A command makes one Document: a JSON object (fields and, for lists, "items") and the columns of its table. Formats:
// table for people (may change), json and jsonl (stable, with "schema" and "outcome"), yaml, csv. An empty list is [].
//
// A field "unknown" (list of texts) says what the items do not cover. It is part of json and yaml; jsonl has one more
// line for it and csv says it on stderr, so that no format shows an unknown as an absence.
#pragma once

#include "cli/exit_code.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/base/json.hpp>

namespace tenure::cli {

enum class Format : std::uint8_t { kTable, kJson, kJsonl, kYaml, kCsv };

struct Column {
  std::string title;   // "TARGET"; also the csv header in lower case
  std::string member;  // of an item; nested members with dots
};

struct Document {
  std::string schema;              // "plan/v1-summary", "drift-list/v1"
  json::Object fields;             // members of the document
  std::vector<json::Value> items;  // printed as "items" when `list` is set
  bool list = false;
  std::vector<Column> columns;  // of the table of items; empty: no table
  std::string text;             // what people see instead of, or above, the table
  std::string after;            // below the table: verdict and next command
};

class Output {
 public:
  Output(Format format, bool color, bool quiet) : format_(format), color_(color), quiet_(quiet) {}

  void print(const Document& document, Exit exit = Exit::kOk) const;
  // Talk: progress, hints. Not printed with --quiet.
  void say(const std::string& line) const;
  // Errors are printed always: what, where, what is still true, what to do next; as JSON on stderr with -o json.
  void error(const Error& error) const;
  void diagnostics(const Diagnostics& diagnostics) const;
  bool people() const { return format_ == Format::kTable; }
  Format format() const { return format_; }
  bool color() const { return color_; }

  std::string bold(const std::string& text) const { return color_ ? "\x1b[1m" + text + "\x1b[0m" : text; }
  std::string red(const std::string& text) const { return color_ ? "\x1b[31m" + text + "\x1b[0m" : text; }
  std::string green(const std::string& text) const { return color_ ? "\x1b[32m" + text + "\x1b[0m" : text; }

 private:
  Format format_;
  bool color_;
  bool quiet_;
};

std::string render_table(const std::vector<Column>& columns, const std::vector<json::Value>& items);
std::string render_csv(const std::vector<Column>& columns, const std::vector<json::Value>& items);
std::string render_yaml(const json::Value& value);
// The text with control characters made visible ("\\x1b"): names come from targets and feeds, and a terminal obeys
// them.
std::string printable(const std::string& text);
// Columns a terminal needs for UTF-8 text: combining marks none, East Asian wide characters two.
std::size_t display_width(const std::string& text);

}  // namespace tenure::cli
