// Texts <-> dense codes from 0, in the order in which they came. Codes are never given again. Lookups of many texts at
// once hide the misses of the cache behind each other (batches with prefetch): that is what makes a shuffled export of
// 20,000,000 grants a matter of a second.
//
// One thread writes; const members are safe from any thread. Texts stay where they are until the dictionary goes.
// 15 to 20 bytes per text beside its own bytes. At most 2^32 - 2 texts and 4 GiB of them: std::length_error beyond.
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
  void shrink();  // gives back what was reserved for more texts

 private:
  struct Slot {
    std::uint32_t tag;  // upper half of the hash: its upper bits are the place, all of it is compared
    Code code;
  };
  std::size_t home(std::uint32_t tag) const { return std::uint64_t{tag} * slots_.size() >> 32; }
  std::size_t after(std::size_t slot) const { return slot + 1 == slots_.size() ? 0 : slot + 1; }
  Code find_hashed(std::string_view text, std::uint32_t tag) const;
  Code insert_new(std::string_view text, std::uint32_t tag);
  void rehash(std::size_t slots);
  // Where a text begins: 12 bits chunk, 20 bits offset in it. It ends where the next one begins, or the chunk's texts
  // do.
  std::uint32_t store(std::string_view text);

  struct Chunk {
    char* bytes;
    std::size_t used;  // of a text longer than a chunk: all of it, and the numbers of the chunks it covers are taken
  };
  std::vector<Slot> slots_;  // open addressing, linear, ordered by tag but for collisions; at most 3/4 full
  std::vector<std::uint32_t> places_;
  std::vector<Chunk> chunks_;
  std::vector<std::unique_ptr<char[]>> blocks_;                     // what chunks_ points into
  std::size_t chunk_size_ = 0, chunk_first_ = 0, block_bytes_ = 0;  // of the last; number of the last; of all
};

}  // namespace tenure::population
