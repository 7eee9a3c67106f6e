// The same CSV one character after the other: slower, but it finds every fault and its place. It reads the header of
// every text, the whole of a text in which the index met something that is not CSV, and, in tests, everything, to
// compare. Private to libs/csv.
#pragma once

#include <tenure/csv/csv.hpp>

namespace tenure::csv {

struct WalkedRecord {
  std::vector<std::string> fields;
  std::uint32_t line = 0;
};

struct Walked : Summary {
  std::vector<WalkedRecord> kept;  // none if there is a fault
};

enum class Keep : bool { kNo, kYes };

// `keep`: whether the records are wanted, or only the faults.
Walked walk(std::string_view bytes, const std::string& file, char separator, Keep keep);

struct Header {
  std::vector<std::string> columns;
  bool sound = false;       // no fault up to here
  std::size_t end = 0;      // behind its line end
  std::uint32_t line = 1;   // there
  bool open_ended = false;  // the text ends with it
};
Header walk_header(std::string_view bytes, const std::string& file, char separator);

}  // namespace tenure::csv
