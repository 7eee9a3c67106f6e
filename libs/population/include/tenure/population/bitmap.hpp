// A set of dense indices as 64-bit words: members of a rule, holders of a value. Bits beyond size() are always 0.
// Value type; const members are safe from any thread.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace tenure::population {

class Bitmap {
 public:
  static constexpr std::size_t kWordBits = 64;
  Bitmap() = default;
  explicit Bitmap(std::size_t size, bool value = false);

  std::size_t size() const { return size_; }
  bool test(std::size_t index) const { return (words_[index / kWordBits] >> (index % kWordBits) & 1) != 0; }
  void set(std::size_t index) { words_[index / kWordBits] |= std::uint64_t{1} << (index % kWordBits); }
  void reset(std::size_t index) { words_[index / kWordBits] &= ~(std::uint64_t{1} << (index % kWordBits)); }
  void assign(std::size_t index, bool value) { value ? set(index) : reset(index); }
  void fill(bool value);
  // New bits are 0; what is cut off is gone.
  void resize(std::size_t size);

  std::size_t count() const;
  bool none() const;
  // REQUIRES: equal sizes.
  Bitmap& operator&=(const Bitmap& other);
  Bitmap& operator|=(const Bitmap& other);
  Bitmap& and_not(const Bitmap& other);  // this without other
  Bitmap& invert();
  friend bool operator==(const Bitmap&, const Bitmap&) = default;

  std::span<const std::uint64_t> words() const { return words_; }
  // Whoever writes words keeps the bits beyond size() 0.
  std::span<std::uint64_t> words() { return words_; }

  // In ascending order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t w = 0; w < words_.size(); ++w)
      for (std::uint64_t word = words_[w]; word != 0; word &= word - 1)
        visit(w * kWordBits + static_cast<std::size_t>(std::countr_zero(word)));
  }

 private:
  std::size_t size_ = 0;
  std::vector<std::uint64_t> words_;
};

}  // namespace tenure::population
