// The accepted records of one source as they are kept from feed to feed: what the next feed is compared with, and what
// stands where a source is silent. A million of them is the size it is made for: a record is one text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/population/dictionary.hpp>
#include <tenure/source/records.hpp>

namespace tenure::source {

// One thread writes; const members are safe from any thread.
class Kept {
 public:
  using Code = population::Dictionary::Code;
  static constexpr Code kNone = population::Dictionary::kNone;

  std::string file;                       // of the feed that was accepted last, for messages
  std::string digest;                     // of its bytes
  std::vector<std::string> columns;       // those that the source document declared then
  std::vector<std::string> feed_columns;  // all columns of the feed, in byte order: to notice when they change

  std::size_t size() const { return size_; }           // records that are there
  std::size_t codes() const { return texts_.size(); }  // and keys that were there once
  Code find(std::string_view key) const { return keys_.find(key); }
  void find(std::span<const std::string_view> keys, std::span<Code> codes) const { keys_.find(keys, codes); }
  bool present(Code code) const { return !texts_[code].empty(); }
  std::string_view key(Code code) const { return keys_.text(code); }
  // Its fields as canonical JSON: an array of texts and nulls in the order of `columns`. Equal texts are equal records.
  const std::string& text(Code code) const { return texts_[code]; }
  std::uint32_t line(Code code) const { return lines_[code]; }  // 0: not known any more
  Record record(Code code) const;                               // REQUIRES: present

  Code intern(std::string_view key);  // known, there or not
  void put(Code code, std::string text, std::uint32_t line);
  void erase(Code code);
  void set_line(Code code, std::uint32_t line) { lines_[code] = line; }
  void reserve(std::size_t records);

 private:
  population::Dictionary keys_;
  std::vector<std::string> texts_;  // by code; "" = gone
  std::vector<std::uint32_t> lines_;
  std::size_t size_ = 0;
};

// Appends the text of a record. A view without data() is a blank.
void append_record(std::string& out, std::span<const std::string_view> fields);
std::vector<std::optional<std::string>> fields_of(std::string_view text);

}  // namespace tenure::source
