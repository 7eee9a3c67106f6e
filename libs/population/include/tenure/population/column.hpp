// One attribute of everyone, dictionary-encoded: a code per row, and a bitmap per value while the values are few.
// One thread writes; const members are safe from any thread, except that index() must have been called after the last
// write before where() is asked from several.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <tenure/base/json.hpp>
#include <tenure/population/bitmap.hpp>
#include <tenure/population/dictionary.hpp>

namespace tenure::population {

class Column {
 public:
  using Code = std::uint32_t;
  static constexpr Code kAbsent = 0;  // no such fact
  static constexpr Code kNull = 1;    // a proven blank
  static constexpr Code kFirstValue = 2;
  // Up to so many values have bitmaps (2,048 values x 1,000,000 rows = 256 MB at the very most, of which only those
  // that are asked for are made).
  static constexpr std::size_t kIndexedValuesMax = 2'048;

  explicit Column(std::size_t rows = 0);

  std::size_t rows() const { return rows_; }
  void resize(std::size_t rows);  // new rows are kAbsent

  // The value that was last known. `unknown`: its source is silent, so nothing may rest on it.
  void put(std::size_t row, const json::Value& value, bool unknown);
  void put_code(std::size_t row, Code code, bool unknown);  // REQUIRES: code < codes()
  void erase(std::size_t row);                              // kAbsent, known
  // All rows at once. REQUIRES: as many codes as rows, each < codes(); `unknown` empty (none is) or of rows() bits.
  void assign(std::span<const Code> codes, Bitmap unknown);
  // Of json types string, int, bool, double, array, object; null = kNull. A code stands for one value, type included:
  // 1, 1.0 and "1" are three. Codes follow the order in which values came and are never given again.
  Code intern(const json::Value& value);
  Code intern_text(std::string_view text);  // the same as a json string
  // codes[i] belongs to texts[i]; much faster than one by one where there are many.
  void intern_texts(std::span<const std::string_view> texts, std::span<Code> codes);

  Code code(std::size_t row) const { return wide_ ? codes32_[row] : codes16_[row]; }
  bool unknown(std::size_t row) const { return unknown_.test(row); }
  const Bitmap& unknown() const { return unknown_; }
  // Made from its text: keep it while you need it. REQUIRES: kFirstValue <= code < codes().
  json::Value value(Code code) const;
  // The text of a json string without copying it; nullopt: the value is of another type. REQUIRES: as value().
  std::optional<std::string_view> text(Code code) const;
  Code codes() const { return static_cast<Code>(values_.size()) + kFirstValue; }  // one more than the greatest code
  Code find(const json::Value& value) const;  // kAbsent: no row ever had it; null: kNull

  // Rows with that code that are not unknown. Kept current by writes once made; made by the first question or index().
  // REQUIRES: indexed(), code < codes().
  const Bitmap& where(Code code) const;
  bool indexed() const { return values_.size() <= kIndexedValuesMax; }  // few enough values for where()
  void index() const;  // makes all bitmaps that are missing, in one pass; nothing when not indexed()

  // All codes, for scans: as 16-bit numbers while they fit, else as 32-bit ones; exactly one span is not empty (when
  // there are rows at all).
  std::span<const std::uint16_t> codes16() const { return codes16_; }
  std::span<const std::uint32_t> codes32() const { return codes32_; }
  void shrink() { values_.shrink(); }  // gives back what was reserved for more values
  std::size_t bytes() const;

 private:
  Code intern_key(std::string_view key);
  void know_codes();  // after values_ grew: wider codes, room for bitmaps
  template <class Number>
  void make(const std::vector<Number>& codes, std::span<std::uint64_t* const> words) const;
  template <class Number>
  void make_one(const std::vector<Number>& codes, Number code, Bitmap& bitmap) const;

  std::size_t rows_ = 0;
  bool wide_ = false;  // more values than 16 bits tell apart: codes are in codes32_
  std::vector<std::uint16_t> codes16_;
  std::vector<std::uint32_t> codes32_;
  Bitmap unknown_;
  Dictionary values_;                               // key of a value (type and content) -> its code - kFirstValue
  std::unordered_map<Code, json::Value> composed_;  // doubles, arrays, objects: not made from their key

  struct Index {
    std::vector<std::unique_ptr<Bitmap>> bitmaps;  // by code; nullptr: nobody asked yet
    bool complete = false;                         // all are there, and new codes get theirs at once
  };
  mutable Index index_;
};

}  // namespace tenure::population
