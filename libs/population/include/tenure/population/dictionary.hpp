// Texts <-> dense codes from 0, in the order in which they came. Codes are never given again. Lookups of many texts at
// once hide the misses of the cache behind each other (batches with prefetch): that is what makes a shuffled export of
// 20,000,000 grants a matter of a second.
//
// One thread writes; const members are safe from any thread. Texts stay where they are until the dictionary goes.
// About 8 + 8 / 0.5 bytes per text beside its own bytes. At most 2^31 texts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace tenure::population {

class Dictionary {
 public:
  using Code = std::uint32_t;
  static constexpr Code kNone = 0xFFFFFFFF;

  Dictionary() = default;
  ~Dictionary() = default;
  Dictionary(Dictionary&&) noexcept = default;
  Dictionary& operator=(Dictionary&&) noexcept = default;
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;

  Code intern(std::string_view text);
  Code find(std::string_view text) const;  // kNone: not there
  // codes[i] belongs to texts[i]. REQUIRES: equal sizes.
  void intern(std::span<const std::string_view> texts, std::span<Code> codes);
  void find(std::span<const std::string_view> texts, std::span<Code> codes) const;

  // REQUIRES: code < size().
  std::string_view text(Code code) const;
  std::size_t size() const { return places_.size(); }
  std::size_t bytes() const;  // of memory
  void reserve(std::size_t texts);

 private:
  struct Slot {
    std::uint32_t tag;  // upper half of the hash: its upper bits are the place, all of it is compared
    Code code;
  };
  std::size_t home(std::uint32_t tag) const { return tag >> shift_; }
  Code find_hashed(std::string_view text, std::uint32_t tag) const;
  Code insert_new(std::string_view text, std::uint32_t tag);
  void rehash(unsigned bits);
  // Where a text lies: 28 bits chunk, 20 bits offset in it, 16 bits length (0xFFFF: 8 bytes before the text hold it).
  std::uint64_t store(std::string_view text);
  std::string_view at(std::uint64_t place) const;

  std::vector<Slot> slots_;  // open addressing, linear; at most 5/8 full
  unsigned shift_ = 32;      // 32 - log2(slots_.size())
  std::vector<std::uint64_t> places_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t chunk_size_ = 0, chunk_used_ = 0, chunk_bytes_ = 0;  // of the last; of all
};

}  // namespace tenure::population
