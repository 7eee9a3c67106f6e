#include "column_words.hpp"

#include <cstring>

namespace tenure::cel {
namespace {

// Eight words at a time; the compiler makes what the target has of them.
using Lane = std::uint64_t __attribute__((vector_size(64)));
constexpr std::size_t kLane = 8;

#define TENURE_INLINE static inline __attribute__((always_inline))

struct Eight {
  using Word = Lane;
};
struct One {
  using Word = std::uint64_t;
};

// step(tag, i) for the word, or the eight words, at i.
template <class Step>
__attribute__((always_inline)) inline void for_words(std::size_t words, const Step& step) {
  std::size_t i = 0;
  for (; i + kLane <= words; i += kLane) step(Eight{}, i);
  for (; i < words; ++i) step(One{}, i);
}

#define TENURE_LOAD(name, from)      \
  typename decltype(tag)::Word name; \
  std::memcpy(&name, (from) + i, sizeof name)
#define TENURE_STORE(to, value)                      \
  do {                                               \
    const typename decltype(tag)::Word made = value; \
    std::memcpy((to) + i, &made, sizeof made);       \
  } while (false)
#define TENURE_STEP [&](auto tag, std::size_t i) __attribute__((always_inline))

TENURE_INLINE void both_words(WordPair out, WordView a, WordView b, std::size_t words) {
  for_words(
      words, TENURE_STEP {
        TENURE_LOAD(at, a.t);
        TENURE_LOAD(aq, a.q);
        TENURE_LOAD(bt, b.t);
        TENURE_LOAD(bq, b.q);
        TENURE_STORE(out.t, at & bt);
        TENURE_STORE(out.q, (at | aq) & (bt | bq));
      });
}

TENURE_INLINE void either_words(WordPair out, WordView a, WordView b, std::size_t words) {
  for_words(
      words, TENURE_STEP {
        TENURE_LOAD(at, a.t);
        TENURE_LOAD(aq, a.q);
        TENURE_LOAD(bt, b.t);
        TENURE_LOAD(bq, b.q);
        TENURE_STORE(out.t, at | bt);
        TENURE_STORE(out.q, aq | bq);
      });
}

TENURE_INLINE void negated_words(WordPair out, WordView a, std::size_t words) {
  for_words(
      words, TENURE_STEP {
        TENURE_LOAD(at, a.t);
        TENURE_LOAD(aq, a.q);
        TENURE_STORE(out.t, ~(at | aq));
        TENURE_STORE(out.q, ~at);
      });
}

TENURE_INLINE void chosen_words(WordPair out, WordView c, WordView a, WordView b, std::size_t words) {
  for_words(
      words, TENURE_STEP {
        TENURE_LOAD(ct, c.t);
        TENURE_LOAD(cq, c.q);
        TENURE_LOAD(at, a.t);
        TENURE_LOAD(aq, a.q);
        TENURE_LOAD(bt, b.t);
        TENURE_LOAD(bq, b.q);
        const auto cf = ~(ct | cq);
        TENURE_STORE(out.t, (ct & at) | (cf & bt));
        TENURE_STORE(out.q, (ct & aq) | (cf & bq) | (cq & ~ct));
      });
}

TENURE_INLINE bool finish_words(WordPair out, WordView a, const std::uint64_t* mask, std::size_t words) {
  Lane any{};
  std::uint64_t rest = 0;
  const auto note = [&](const auto& bits) __attribute__((always_inline)) {
    if constexpr (sizeof bits == sizeof any)
      any |= bits;
    else
      rest |= bits;
  };
  for_words(
      words, TENURE_STEP {
        TENURE_LOAD(t, a.t);
        TENURE_LOAD(q, a.q);
        q |= t;
        if (mask != nullptr) {
          TENURE_LOAD(m, mask);
          t &= m;
          q &= m;
        }
        note(q);
        TENURE_STORE(out.t, t);
        TENURE_STORE(out.q, q & ~t);
      });
  for (std::size_t i = 0; i < kLane; ++i) rest |= any[i];
  return rest != 0;
}

TENURE_INLINE void unite_words(std::uint64_t* out, const std::uint64_t* more, std::size_t words) {
  for_words(
      words, TENURE_STEP {
        TENURE_LOAD(a, out);
        TENURE_LOAD(b, more);
        TENURE_STORE(out, a | b);
      });
}

TENURE_INLINE void invert_words(std::uint64_t* out, std::size_t words) {
  for_words(
      words, TENURE_STEP {
        TENURE_LOAD(a, out);
        TENURE_STORE(out, ~a);
      });
}

// The same bodies, compiled for one set of instructions.
#define TENURE_KERNELS(Name, attributes)                                                              \
  struct Name {                                                                                       \
    attributes static void both(WordPair o, WordView a, WordView b, std::size_t n) {                  \
      both_words(o, a, b, n);                                                                         \
    }                                                                                                 \
    attributes static void either(WordPair o, WordView a, WordView b, std::size_t n) {                \
      either_words(o, a, b, n);                                                                       \
    }                                                                                                 \
    attributes static void negated(WordPair o, WordView a, std::size_t n) {                           \
      negated_words(o, a, n);                                                                         \
    }                                                                                                 \
    attributes static void chosen(WordPair o, WordView c, WordView a, WordView b, std::size_t n) {    \
      chosen_words(o, c, a, b, n);                                                                    \
    }                                                                                                 \
    attributes static bool finish(WordPair o, WordView a, const std::uint64_t* mask, std::size_t n) { \
      return finish_words(o, a, mask, n);                                                             \
    }                                                                                                 \
    attributes static void unite(std::uint64_t* o, const std::uint64_t* m, std::size_t n) {           \
      unite_words(o, m, n);                                                                           \
    }                                                                                                 \
    attributes static void invert(std::uint64_t* o, std::size_t n) {                                  \
      invert_words(o, n);                                                                             \
    }                                                                                                 \
    static constexpr WordKernels kAll{both, either, negated, chosen, finish, unite, invert};          \
  };

TENURE_KERNELS(Plain, )
#if defined(__x86_64__)
TENURE_KERNELS(Avx2, __attribute__((target("avx2"))))
TENURE_KERNELS(Avx512, __attribute__((target("avx512f"))))
#endif

}  // namespace

bool supported(WordLevel level) {
#if defined(__x86_64__)
  if (level == WordLevel::kAvx2) return __builtin_cpu_supports("avx2") != 0;
  if (level == WordLevel::kAvx512) return __builtin_cpu_supports("avx512f") != 0;
#endif
  return level == WordLevel::kPlain;
}

const WordKernels& word_kernels(WordLevel level) {
#if defined(__x86_64__)
  if (level == WordLevel::kAvx2) return Avx2::kAll;
  if (level == WordLevel::kAvx512) return Avx512::kAll;
#endif
  static_cast<void>(level);
  return Plain::kAll;
}

const WordKernels& word_kernels() {
  static const WordKernels& widest = word_kernels(supported(WordLevel::kAvx512) ? WordLevel::kAvx512
                                                  : supported(WordLevel::kAvx2) ? WordLevel::kAvx2
                                                                                : WordLevel::kPlain);
  return widest;
}

}  // namespace tenure::cel
