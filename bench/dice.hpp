// Seeded numbers (splitmix64): the same on every machine, unlike the distributions of the standard library.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tenure::bench {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31U);
  }
  // 0 to n - 1. REQUIRES: 0 < n < 2^32.
  std::uint32_t below(std::size_t n) {
    return static_cast<std::uint32_t>(((next() >> 32U) * static_cast<std::uint64_t>(n)) >> 32U);
  }
  bool percent(double share) { return static_cast<double>(next() >> 11U) * 0x1p-53 * 100 < share; }

 private:
  std::uint64_t state_;
};

// Picks of 0 to n - 1 of which low ones are more frequent: the weight of i is (i + 1)^-exponent.
class Skewed {
 public:
  Skewed(std::size_t n, double exponent) : table_(kSlots) {
    std::vector<double> ends(n);
    double total = 0;
    for (std::size_t i = 0; i < n; ++i) ends[i] = total += std::pow(static_cast<double>(i + 1), -exponent);
    std::size_t value = 0;
    for (std::size_t slot = 0; slot < kSlots; ++slot) {
      const double at = (static_cast<double>(slot) + 0.5) / static_cast<double>(kSlots) * total;
      while (ends[value] < at && value + 1 < n) ++value;
      table_[slot] = static_cast<std::uint32_t>(value);
    }
  }
  std::uint32_t pick(Dice& dice) const { return table_[dice.below(kSlots)]; }

 private:
  static constexpr std::size_t kSlots = 1U << 16U;
  std::vector<std::uint32_t> table_;
};

}  // namespace tenure::bench
