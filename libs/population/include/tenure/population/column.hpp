// One attribute of everyone, dictionary-encoded: a code per row, and a bitmap per value while the values are few.
// One thread writes; const members are safe from any thread, except that index() must have been called after the last
// write before where() is asked from several.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <tenure/base/json.hpp>
#include <tenure/population/bitmap.hpp>

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

  std::size_t rows() const;
  void resize(std::size_t rows);  // new rows are kAbsent

  // The value that was last known. `unknown`: its source is silent, so nothing may rest on it.
  void put(std::size_t row, const json::Value& value, bool unknown);
  void put_code(std::size_t row, Code code, bool unknown);  // REQUIRES: code < codes()
  void erase(std::size_t row);                              // kAbsent, known
  Code intern(const json::Value& value);  // of json types string, int, bool, double, array; null = kNull

  Code code(std::size_t row) const;
  bool unknown(std::size_t row) const;
  const Bitmap& unknown() const;
  // REQUIRES: kFirstValue <= code < codes().
  const json::Value& value(Code code) const;
  Code codes() const;                         // one more than the greatest code
  Code find(const json::Value& value) const;  // kAbsent: no row ever had it

  // Rows with that code that are not unknown. Kept current by writes once made; made by the first question or index().
  const Bitmap& where(Code code) const;
  bool indexed() const;  // few enough values for where()
  void index() const;    // makes all bitmaps

  // All codes, for scans: as 16-bit numbers while they fit, else as 32-bit ones; exactly one span is not empty.
  std::span<const std::uint16_t> codes16() const;
  std::span<const std::uint32_t> codes32() const;
  std::size_t bytes() const;
};

}  // namespace tenure::population
