#include <tenure/base/json.hpp>
#include <tenure/base/json_scanner.hpp>
#include <tenure/source/kept.hpp>

namespace tenure::source {

Record Kept::record(Code code) const {
  return {std::string(key(code)), fields_of(texts_[code]), lines_[code]};
}

Kept::Code Kept::intern(std::string_view key) {
  const Code code = keys_.intern(key);
  if (code == texts_.size()) {
    texts_.emplace_back();
    lines_.push_back(0);
  }
  return code;
}

void Kept::put(Code code, std::string text, std::uint32_t line) {
  if (!present(code)) ++size_;
  texts_[code] = std::move(text);
  lines_[code] = line;
}

void Kept::erase(Code code) {
  if (present(code)) --size_;
  texts_[code] = {};
  lines_[code] = 0;
}

void Kept::reserve(std::size_t records) {
  keys_.reserve(records);
  texts_.reserve(records);
  lines_.reserve(records);
}

void append_record(std::string& out, std::span<const std::string_view> fields) {
  out += '[';
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i != 0) out += ',';
    fields[i].data() == nullptr ? void(out += "null") : json::append_quoted(out, fields[i]);
  }
  out += ']';
}

std::vector<std::optional<std::string>> fields_of(std::string_view text) {
  json::Scanner scanner(text);
  std::vector<std::optional<std::string>> out;
  for (bool more = scanner.open('['); more; more = scanner.next(']'))
    scanner.null() ? out.emplace_back(std::nullopt) : out.emplace_back(scanner.text());
  return out;
}

}  // namespace tenure::source
