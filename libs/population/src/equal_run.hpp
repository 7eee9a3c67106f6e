// How far two arrays are equal from their beginnings: the inner loop of difference(). One function per instruction set,
// all with the same answer; only those whose instruction set this machine has may be called.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace tenure::population {

struct EqualRun {
  std::string_view name;  // "avx512", "avx2", "scalar"
  std::size_t (*run)(const std::uint32_t* left, const std::uint32_t* right, std::size_t size);
};

// Those that this machine can run, the fastest first; the last is always "scalar".
std::vector<EqualRun> equal_runs();

}  // namespace tenure::population
