// What stands where in 64 bytes of CSV, as bits. Private to libs/csv.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace tenure::csv {

// What has been found of a stretch of text, and what the next block has to know of the one before it. Positions count
// from the same byte.
struct Scan {
  // Carried from block to block.
  std::uint64_t quoted = 0;        // all ones within quotation marks
  std::uint64_t may_open = 1;      // a quotation mark may stand here: a field begins, or one has just closed
  std::uint64_t after_close = 0;   // the byte before closed quotation marks
  std::uint64_t after_return = 0;  // the byte before is a carriage return outside of quotation marks
  std::uint64_t bad = 0;           // not 0: this is no CSV

  std::uint32_t* ends = nullptr;              // where the next field end goes; room for 64 beyond every block
  std::uint32_t* newlines = nullptr;          // the same for line ends outside of quotation marks
  std::vector<std::uint32_t> odd;             // bytes beyond ASCII, and NUL
  std::vector<std::uint32_t> doubled;         // the second of two quotation marks within a field
  std::vector<std::uint32_t> inner_newlines;  // line ends within quotation marks
};

// Looks at `blocks` times 64 bytes, which stand `at` bytes from where positions are counted.
using ScanBlocks = void (*)(const char* bytes, std::size_t blocks, std::uint32_t at, char separator, Scan& scan);
// How many quotation marks and line feeds there are.
struct Counts {
  std::uint64_t quotes = 0;
  std::uint64_t newlines = 0;
};
using CountBlocks = void (*)(const char* bytes, std::size_t blocks, Counts& counts);

struct Kernel {
  const char* name;
  ScanBlocks scan;
  CountBlocks count;
};
// What this processor can do, the fastest first. The last one is plain code and always there.
const std::vector<Kernel>& kernels();

}  // namespace tenure::csv
