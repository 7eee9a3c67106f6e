// Kleene's logic on words of rows. A pair of words tells three truths: `t` are the rows where it is true, and t | q
// those where it is not false; q alone may or may not contain t. Bits of rows that do not exist may be anything.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tenure::cel {

struct WordView {
  const std::uint64_t* t = nullptr;
  const std::uint64_t* q = nullptr;
};
struct WordPair {
  std::uint64_t* t = nullptr;
  std::uint64_t* q = nullptr;
  operator WordView() const { return {t, q}; }  // NOLINT(google-explicit-constructor): a pair is read as a view
};

// One implementation for one set of instructions; all give the same words. An output may be one of the inputs.
struct WordKernels {
  void (*both)(WordPair out, WordView a, WordView b, std::size_t words);    // a && b
  void (*either)(WordPair out, WordView a, WordView b, std::size_t words);  // a || b
  void (*negated)(WordPair out, WordView a, std::size_t words);
  void (*chosen)(WordPair out, WordView c, WordView a, WordView b, std::size_t words);  // c ? a : b
  // t and u = q without t, both within mask (nullptr: everywhere). Returns whether any bit is set.
  bool (*finish)(WordPair out, WordView a, const std::uint64_t* mask, std::size_t words);
  void (*unite)(std::uint64_t* out, const std::uint64_t* more, std::size_t words);  // out |= more
  void (*invert)(std::uint64_t* out, std::size_t words);
};

enum class WordLevel : std::uint8_t { kPlain, kAvx2, kAvx512 };
bool supported(WordLevel level);  // by this processor
const WordKernels& word_kernels(WordLevel level);
const WordKernels& word_kernels();  // the widest that is supported

}  // namespace tenure::cel
