#include "blocks.hpp"

#include <bit>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#define TENURE_CSV_X86 1
#endif

namespace tenure::csv {
namespace {

// One bit for each of 64 bytes.
struct Masks {
  std::uint64_t quotes = 0;
  std::uint64_t separators = 0;
  std::uint64_t newlines = 0;
  std::uint64_t returns = 0;
  std::uint64_t odd = 0;  // NUL, or not ASCII
};

// The exclusive or of each bit with all below it: a bit of `quotes` that opens turns on all that follow up to the one
// that closes.
[[gnu::always_inline]] inline std::uint64_t running_parity(std::uint64_t bits) {
  bits ^= bits << 1;
  bits ^= bits << 2;
  bits ^= bits << 4;
  bits ^= bits << 8;
  bits ^= bits << 16;
  bits ^= bits << 32;
  return bits;
}

[[gnu::always_inline]] inline std::uint32_t* flatten(std::uint64_t bits, std::uint32_t at, std::uint32_t* out) {
  // Always the first eight, whether they are there or not: a branch that is always taken costs less than a loop.
  const int count = std::popcount(bits);
  for (int i = 0; i < 8; ++i) {
    out[i] = at + static_cast<std::uint32_t>(std::countr_zero(bits | std::uint64_t{1} << 63));
    bits &= bits - 1;
  }
  if (count > 8) [[unlikely]]
    for (int i = 8; i < count; ++i) {
      out[i] = at + static_cast<std::uint32_t>(std::countr_zero(bits));
      bits &= bits - 1;
    }
  return out + count;
}

[[gnu::noinline]] void note(std::uint64_t bits, std::uint32_t at, std::vector<std::uint32_t>& out) {
  for (; bits != 0; bits &= bits - 1) out.push_back(at + static_cast<std::uint32_t>(std::countr_zero(bits)));
}

// `parity` is running_parity(quotes).
[[gnu::always_inline]] inline void step(const Masks& m, std::uint64_t parity, std::uint32_t at, Scan& s) {
  const std::uint64_t quoted = parity ^ s.quoted;  // from an opening mark up to, but not including, the closing one
  s.quoted = 0 - (quoted >> 63);
  const std::uint64_t opening = m.quotes & quoted, closing = m.quotes & ~quoted;
  const std::uint64_t newlines = m.newlines & ~quoted, returns = m.returns & ~quoted;
  const std::uint64_t ends = (m.separators & ~quoted) | newlines;
  // Quotation marks open where a field begins, or right behind the one that closed: then both are one of the text.
  s.bad |= opening & ~((ends | closing) << 1 | s.may_open);
  const std::uint64_t after_close = closing << 1 | s.after_close;
  s.bad |= after_close & ~(ends | opening | returns);
  s.bad |= (returns << 1 | s.after_return) & ~newlines;
  const std::uint64_t doubled = after_close & opening;
  s.may_open = (ends | closing) >> 63;
  s.after_close = closing >> 63;
  s.after_return = returns >> 63;
  s.ends = flatten(ends, at, s.ends);
  if (newlines != 0) {
    *s.newlines++ = at + static_cast<std::uint32_t>(std::countr_zero(newlines));
    for (std::uint64_t rest = newlines & (newlines - 1); rest != 0; rest &= rest - 1)
      *s.newlines++ = at + static_cast<std::uint32_t>(std::countr_zero(rest));
  }
  const std::uint64_t inner = m.newlines & quoted;
  if ((m.odd | doubled | inner) != 0) [[unlikely]] {
    if (m.odd != 0) note(m.odd, at, s.odd);
    if (doubled != 0) note(doubled, at, s.doubled);
    if (inner != 0) note(inner, at, s.inner_newlines);
  }
}

Masks plain_masks(const char* bytes, char separator) {
  Masks m;
  for (unsigned i = 0; i < 64; ++i) {
    const char c = bytes[i];
    const auto bit = [i](bool is) { return static_cast<std::uint64_t>(is) << i; };
    m.quotes |= bit(c == '"');
    m.separators |= bit(c == separator);
    m.newlines |= bit(c == '\n');
    m.returns |= bit(c == '\r');
    m.odd |= bit(static_cast<signed char>(c) <= 0);
  }
  return m;
}

void plain_scan(const char* bytes, std::size_t blocks, std::uint32_t at, char separator, Scan& scan) {
  for (std::size_t b = 0; b < blocks; ++b, bytes += 64, at += 64) {
    const Masks m = plain_masks(bytes, separator);
    step(m, running_parity(m.quotes), at, scan);
  }
}

void plain_count(const char* bytes, std::size_t blocks, Counts& counts) {
  for (std::size_t i = 0; i < blocks * 64; ++i) {
    counts.quotes += bytes[i] == '"';
    counts.newlines += bytes[i] == '\n';
  }
}

#ifdef TENURE_CSV_X86

#define TENURE_CSV_AVX2 [[gnu::target("avx2,pclmul,bmi,popcnt,lzcnt")]]
#define TENURE_CSV_AVX512 [[gnu::target("avx512f,avx512bw,avx512vl,avx2,pclmul,bmi,bmi2,popcnt,lzcnt")]]

// The same as running_parity(): a carry-less product with all ones.
TENURE_CSV_AVX2 inline std::uint64_t carryless_parity(std::uint64_t bits) {
  const __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(bits)), _mm_set1_epi8(-1), 0);
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
}

TENURE_CSV_AVX2 inline std::uint64_t equal_32(__m256i low, __m256i high, __m256i wanted) {
  const auto a = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(low, wanted)));
  const auto b = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(high, wanted)));
  return a | std::uint64_t{b} << 32;
}

TENURE_CSV_AVX2 void avx2_scan(const char* bytes, std::size_t blocks, std::uint32_t at, char separator, Scan& scan) {
  const __m256i quote = _mm256_set1_epi8('"'), comma = _mm256_set1_epi8(separator), newline = _mm256_set1_epi8('\n'),
                cr = _mm256_set1_epi8('\r'), one = _mm256_set1_epi8(1);
  for (std::size_t b = 0; b < blocks; ++b, bytes += 64, at += 64) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + 32));
    Masks m;
    m.quotes = equal_32(low, high, quote);
    m.separators = equal_32(low, high, comma);
    m.newlines = equal_32(low, high, newline);
    m.returns = equal_32(low, high, cr);
    m.odd = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpgt_epi8(one, low))) |
            std::uint64_t{static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpgt_epi8(one, high)))} << 32;
    step(m, m.quotes == 0 ? 0 : carryless_parity(m.quotes), at, scan);
  }
}

TENURE_CSV_AVX2 void avx2_count(const char* bytes, std::size_t blocks, Counts& counts) {
  const __m256i quote = _mm256_set1_epi8('"'), newline = _mm256_set1_epi8('\n');
  for (std::size_t b = 0; b < blocks; ++b, bytes += 64) {
    const __m256i low = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes));
    const __m256i high = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(bytes + 32));
    counts.quotes += static_cast<std::uint64_t>(std::popcount(equal_32(low, high, quote)));
    counts.newlines += static_cast<std::uint64_t>(std::popcount(equal_32(low, high, newline)));
  }
}

TENURE_CSV_AVX512 void avx512_scan(const char* bytes, std::size_t blocks, std::uint32_t at, char separator,
                                   Scan& scan) {
  const __m512i quote = _mm512_set1_epi8('"'), comma = _mm512_set1_epi8(separator), newline = _mm512_set1_epi8('\n'),
                cr = _mm512_set1_epi8('\r'), one = _mm512_set1_epi8(1);
  for (std::size_t b = 0; b < blocks; ++b, bytes += 64, at += 64) {
    const __m512i text = _mm512_loadu_si512(bytes);
    Masks m;
    m.quotes = _mm512_cmpeq_epi8_mask(text, quote);
    m.separators = _mm512_cmpeq_epi8_mask(text, comma);
    m.newlines = _mm512_cmpeq_epi8_mask(text, newline);
    m.returns = _mm512_cmpeq_epi8_mask(text, cr);
    m.odd = _mm512_cmplt_epi8_mask(text, one);
    step(m, m.quotes == 0 ? 0 : carryless_parity(m.quotes), at, scan);
  }
}

TENURE_CSV_AVX512 void avx512_count(const char* bytes, std::size_t blocks, Counts& counts) {
  const __m512i quote = _mm512_set1_epi8('"'), newline = _mm512_set1_epi8('\n');
  for (std::size_t b = 0; b < blocks; ++b, bytes += 64) {
    const __m512i text = _mm512_loadu_si512(bytes);
    counts.quotes += static_cast<std::uint64_t>(std::popcount(_mm512_cmpeq_epi8_mask(text, quote)));
    counts.newlines += static_cast<std::uint64_t>(std::popcount(_mm512_cmpeq_epi8_mask(text, newline)));
  }
}

#endif

std::vector<Kernel> available() {
  std::vector<Kernel> out;
#ifdef TENURE_CSV_X86
  __builtin_cpu_init();
  const bool bits = __builtin_cpu_supports("pclmul") && __builtin_cpu_supports("bmi") &&
                    __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("avx2");
  if (bits && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
      __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi2"))
    out.push_back({"avx512", avx512_scan, avx512_count});
  if (bits) out.push_back({"avx2", avx2_scan, avx2_count});
#endif
  out.push_back({"plain", plain_scan, plain_count});
  return out;
}

}  // namespace

const std::vector<Kernel>& kernels() {
  static const std::vector<Kernel> all = available();
  return all;
}

}  // namespace tenure::csv
