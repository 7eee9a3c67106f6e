// Writing and reading what blocks have in common: numbers for texts that repeat, lists of texts.
#pragma once

#include <charconv>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/json.hpp>
#include <tenure/base/json_scanner.hpp>

namespace tenure::runtime {

// Numbers of texts in the order in which they come.
class TextNumbers {
 public:
  std::uint32_t of(const std::string& text) {
    const auto [it, fresh] = numbers_.try_emplace(text, static_cast<std::uint32_t>(texts_.size()));
    if (fresh) texts_.push_back(text);
    return it->second;
  }
  void write(std::string& out) const {
    out += '[';
    for (std::size_t i = 0; i < texts_.size(); ++i) {
      if (i > 0) out += ',';
      json::append_quoted(out, texts_[i]);
    }
    out += ']';
  }

 private:
  std::map<std::string, std::uint32_t, std::less<>> numbers_;
  std::vector<std::string> texts_;
};

inline void append_number(std::string& out, std::int64_t number) {
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, number);
  out.append(digits, end);
}

inline void read_texts(json::Scanner& scan, std::vector<std::string>& texts) {
  texts.clear();
  for (bool more = scan.open('['); more; more = scan.next(']')) texts.emplace_back(scan.text());
}

// Walks the members of a block: member(key) reads the one that is next, or says that there is no such member. The text
// lists of a block are the same in all kinds. False when anything is not as the writer puts it.
template <class Block, class Member>
bool read_block(std::string_view body, Block& block, Member member) {
  block.accounts.clear();
  block.rights.clear();
  block.entitlements.clear();
  block.parameters.clear();
  json::Scanner scan(body);
  for (bool more = scan.open('{'); more; more = scan.next('}')) {
    const std::string_view key = scan.key();
    if (key == "entitlements")
      read_texts(scan, block.entitlements);
    else if (key == "parameters")
      read_texts(scan, block.parameters);
    else if (!member(scan, key))
      scan.fail();
  }
  return !scan.failed() && scan.at_end();
}

// Each element of the array that is next.
template <class Element>
bool read_each(json::Scanner& scan, Element element) {
  for (bool more = scan.open('['); more; more = scan.next(']')) element();
  return true;
}

inline std::uint32_t read_number(json::Scanner& scan) {
  const std::int64_t number = scan.integer();
  if (number < 0 || number > UINT32_MAX) scan.fail();
  return static_cast<std::uint32_t>(number);
}

}  // namespace tenure::runtime
