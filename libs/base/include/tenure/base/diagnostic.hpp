// Problems in documents that people write (policy, feeds): collected, so that the first does not hide the tenth.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tenure/base/error.hpp>

namespace tenure {

enum class Severity : std::uint8_t { kError, kWarning };

// Where in a file. line and column count from 1; 0 = not known. Columns count characters (code points), not bytes.
struct Place {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  // "roles/sales.yaml:12:8", as far as known
  std::string to_string() const;
  friend auto operator<=>(const Place&, const Place&) = default;
};

struct Diagnostic {
  Severity severity = Severity::kError;
  Reason reason;
  Place place;
  std::string summary;   // what is wrong, with the particulars
  std::string expected;  // what would have been right; may be empty
  std::string remedy;    // what to do; empty = the reason's own remedy
};

// Collects; never stops the reader. Not thread-safe.
class Diagnostics {
 public:
  void add(Diagnostic diagnostic);
  void error(Reason reason, Place place, std::string summary, std::string expected = {}, std::string remedy = {});
  void warning(Reason reason, Place place, std::string summary, std::string expected = {}, std::string remedy = {});
  void append(const Diagnostics& other);

  bool has_errors() const { return errors_ > 0; }
  std::size_t error_count() const { return errors_; }
  // In order of place.
  std::vector<Diagnostic> sorted() const;
  // The first error in order of place as an Error, saying how many more there are. REQUIRES: has_errors().
  Error to_error() const;

 private:
  std::vector<Diagnostic> all_;
  std::size_t errors_ = 0;
};

// One or more lines: "place: summary [E-2002]\n  expected: ...\n  remedy: ..."
std::string render(const Diagnostic& diagnostic);

}  // namespace tenure
