// Reading canonical JSON that Tenure wrote itself (rows of the store, blocks), in one pass and without values in
// between: what loading a million rows needs. No document of strangers is read with it; those go through json::parse,
// which checks everything. What does not fit is noticed all the same, and nothing is read past the end.
//
// Use: walk the document in the order in which the canonical writer put it; failed() is asked at the end (after the
// first fault every answer is empty, 0 or false).
//
// Refers to a text that must outlive it; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tenure::json {

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool failed() const { return failed_; }
  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  // Objects and arrays: `for (bool more = s.open('{'); more; more = s.next('}'))`: open() and next() say whether an
  // element follows. In objects the key is read first.
  bool open(char bracket);
  bool next(char closing);
  // The key of a member, with its colon. Keys of ours have no escapes.
  std::string_view key();
  // Valid as long as the scanner and its document.
  std::string_view text();
  std::int64_t integer();
  bool boolean();
  bool null();               // true and past it if it is null
  std::string_view value();  // any value, as it is written
  void fail() {
    failed_ = true;
    at_ = text_.size();
  }

 private:
  bool take(char expected);
  void skip_text();

  std::string_view text_;
  std::size_t at_ = 0;
  bool failed_ = false;
  std::vector<std::unique_ptr<std::string>> unescaped_;  // texts with escapes: rare
};

}  // namespace tenure::json
