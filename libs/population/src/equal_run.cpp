#include "equal_run.hpp"

#include <bit>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tenure::population {
namespace {

std::size_t scalar(const std::uint32_t* left, const std::uint32_t* right, std::size_t size) {
  std::size_t i = 0;
  while (i < size && left[i] == right[i]) ++i;
  return i;
}

#if defined(__x86_64__)

// Four registers a round: one branch per 256 bytes of each side.
__attribute__((target("avx512f"))) std::size_t avx512(const std::uint32_t* left, const std::uint32_t* right,
                                                      std::size_t size) {
  std::size_t i = 0;
  for (; i + 64 <= size; i += 64) {
    std::uint64_t differ = 0;
    for (std::size_t part = 0; part < 4; ++part) {
      const __m512i a = _mm512_loadu_si512(left + i + part * 16), b = _mm512_loadu_si512(right + i + part * 16);
      differ |= std::uint64_t{_mm512_cmpneq_epi32_mask(a, b)} << (part * 16);
    }
    if (differ != 0) return i + static_cast<std::size_t>(std::countr_zero(differ));
  }
  for (; i + 16 <= size; i += 16) {
    const std::uint32_t differ = _mm512_cmpneq_epi32_mask(_mm512_loadu_si512(left + i), _mm512_loadu_si512(right + i));
    if (differ != 0) return i + static_cast<std::size_t>(std::countr_zero(differ));
  }
  return i + scalar(left + i, right + i, size - i);
}

__attribute__((target("avx2"))) inline std::uint32_t equal_lanes(const std::uint32_t* left,
                                                                 const std::uint32_t* right) {
  const __m256i a = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(left));
  const __m256i b = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(right));
  return static_cast<std::uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_cmpeq_epi32(a, b))));
}

__attribute__((target("avx2"))) std::size_t avx2(const std::uint32_t* left, const std::uint32_t* right,
                                                 std::size_t size) {
  std::size_t i = 0;
  for (; i + 32 <= size; i += 32) {
    const std::uint32_t equal = equal_lanes(left + i, right + i) | equal_lanes(left + i + 8, right + i + 8) << 8 |
                                equal_lanes(left + i + 16, right + i + 16) << 16 |
                                equal_lanes(left + i + 24, right + i + 24) << 24;
    if (equal != 0xFFFFFFFF) return i + static_cast<std::size_t>(std::countr_one(equal));
  }
  for (; i + 8 <= size; i += 8) {
    const std::uint32_t equal = equal_lanes(left + i, right + i);
    if (equal != 0xFF) return i + static_cast<std::size_t>(std::countr_one(equal));
  }
  return i + scalar(left + i, right + i, size - i);
}

#endif

}  // namespace

std::vector<EqualRun> equal_runs() {
  std::vector<EqualRun> runs;
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) runs.push_back({"avx512", avx512});
  if (__builtin_cpu_supports("avx2")) runs.push_back({"avx2", avx2});
#endif
  runs.push_back({"scalar", scalar});
  return runs;
}

}  // namespace tenure::population
