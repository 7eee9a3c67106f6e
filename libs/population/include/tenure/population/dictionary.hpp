// Texts <-> dense codes from 0, in the order in which they came. Codes are never given again. Lookups of many texts at
// once hide the misses of the cache behind each other (batches with prefetch): that is what makes a shuffled export of
// 20,000,000 grants a matter of a second.
//
// One thread writes; const members are safe from any thread. texts stay where they are until the dictionary goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace tenure::population {

class Dictionary {
 public:
  using Code = std::uint32_t;
  static constexpr Code kNone = 0xFFFFFFFF;

  Dictionary();
  ~Dictionary();
  Dictionary(Dictionary&&) noexcept;
  Dictionary& operator=(Dictionary&&) noexcept;

  Code intern(std::string_view text);
  Code find(std::string_view text) const;  // kNone: not there
  // codes[i] belongs to texts[i]. REQUIRES: equal sizes.
  void intern(std::span<const std::string_view> texts, std::span<Code> codes);
  void find(std::span<const std::string_view> texts, std::span<Code> codes) const;

  std::string_view text(Code code) const;
  std::size_t size() const;
  std::size_t bytes() const;  // of memory
  void reserve(std::size_t texts);
};

}  // namespace tenure::population
