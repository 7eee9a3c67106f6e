#include <algorithm>

#include <tenure/population/bitmap.hpp>

namespace tenure::population {
namespace {

std::size_t words_for(std::size_t bits) {
  return (bits + Bitmap::kWordBits - 1) / Bitmap::kWordBits;
}

// Bits of the last word that count; all of them when it is full.
std::uint64_t last_mask(std::size_t bits) {
  const std::size_t used = bits % Bitmap::kWordBits;
  return used == 0 ? ~std::uint64_t{0} : (std::uint64_t{1} << used) - 1;
}

}  // namespace

Bitmap::Bitmap(std::size_t size, bool value) : size_(size), words_(words_for(size), value ? ~std::uint64_t{0} : 0) {
  if (value && !words_.empty()) words_.back() &= last_mask(size_);
}

void Bitmap::fill(bool value) {
  std::fill(words_.begin(), words_.end(), value ? ~std::uint64_t{0} : 0);
  if (value && !words_.empty()) words_.back() &= last_mask(size_);
}

void Bitmap::resize(std::size_t size) {
  const bool shrinks = size < size_;
  size_ = size;
  words_.resize(words_for(size), 0);
  if (shrinks && !words_.empty()) words_.back() &= last_mask(size_);
}

std::size_t Bitmap::count() const {
  std::size_t total = 0;
  for (const std::uint64_t word : words_) total += static_cast<std::size_t>(std::popcount(word));
  return total;
}

bool Bitmap::none() const {
  return std::all_of(words_.begin(), words_.end(), [](std::uint64_t word) { return word == 0; });
}

Bitmap& Bitmap::operator&=(const Bitmap& other) {
  for (std::size_t w = 0; w < words_.size(); ++w) words_[w] &= other.words_[w];
  return *this;
}

Bitmap& Bitmap::operator|=(const Bitmap& other) {
  for (std::size_t w = 0; w < words_.size(); ++w) words_[w] |= other.words_[w];
  return *this;
}

Bitmap& Bitmap::and_not(const Bitmap& other) {
  for (std::size_t w = 0; w < words_.size(); ++w) words_[w] &= ~other.words_[w];
  return *this;
}

Bitmap& Bitmap::invert() {
  for (std::uint64_t& word : words_) word = ~word;
  if (!words_.empty()) words_.back() &= last_mask(size_);
  return *this;
}

}  // namespace tenure::population
