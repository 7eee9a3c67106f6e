#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>
#include <utility>

#include <tenure/population/column.hpp>

namespace tenure::population {
namespace {

constexpr std::size_t kCodes16 = 65'536;

template <class Number>
void append_raw(std::string& out, Number number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof number);
}

// What tells two values apart: a letter for the type and the content. Unlike JSON text, 1 and 1.0 differ in it.
void append_key(std::string& out, const json::Value& value, bool inside) {
  if (value.is_null()) {
    out += 'n';
  } else if (value.is_bool()) {
    out += value.as_bool() ? 't' : 'f';
  } else if (value.is_int()) {
    out += 'i';
    append_raw(out, value.as_int());
  } else if (value.is_double()) {
    out += 'd';
    append_raw(out, value.as_double());
  } else if (value.is_string()) {
    out += 's';
    if (inside) append_raw(out, value.as_string().size());
    out += value.as_string();
  } else if (value.is_array()) {
    out += '[';
    for (const auto& element : value.as_array()) append_key(out, element, true);
    out += ']';
  } else {
    out += '{';
    for (const auto& [name, member] : value.as_object()) {
      append_raw(out, name.size());
      out += name;
      append_key(out, member, true);
    }
    out += '}';
  }
}

std::string key_of(const json::Value& value) {
  std::string key;
  append_key(key, value, false);
  return key;
}

std::string key_of_text(std::string_view text) {
  std::string key;
  key.reserve(text.size() + 1);
  key += 's';
  key += text;
  return key;
}

}  // namespace

Column::Column(std::size_t rows) : rows_(rows), codes16_(rows, 0), unknown_(rows) {}

void Column::resize(std::size_t rows) {
  wide_ ? codes32_.resize(rows, 0) : codes16_.resize(rows, 0);
  unknown_.resize(rows);
  for (std::size_t code = 0; code < index_.bitmaps.size(); ++code) {
    if (index_.bitmaps[code] == nullptr) continue;
    index_.bitmaps[code]->resize(rows);
    if (code == kAbsent)
      for (std::size_t row = rows_; row < rows; ++row) index_.bitmaps[code]->set(row);
  }
  rows_ = rows;
}

void Column::know_codes() {
  if (codes() > kCodes16 && !wide_) {
    wide_ = true;
    codes32_.assign(codes16_.begin(), codes16_.end());
    codes16_ = {};
  }
  if (!indexed()) {
    index_ = {};
  } else if (!index_.bitmaps.empty()) {
    index_.bitmaps.resize(codes());
    if (index_.complete)
      for (auto& bitmap : index_.bitmaps)
        if (bitmap == nullptr) bitmap = std::make_unique<Bitmap>(rows_);
  }
}

Column::Code Column::intern_key(std::string_view key) {
  const std::size_t before = values_.size();
  const Code code = values_.intern(key) + kFirstValue;
  if (values_.size() != before) know_codes();
  return code;
}

Column::Code Column::intern(const json::Value& value) {
  if (value.is_null()) return kNull;
  const Code code = intern_key(key_of(value));
  if (value.is_double() || value.is_array() || value.is_object()) composed_.emplace(code, value);
  return code;
}

Column::Code Column::intern_text(std::string_view text) {
  return intern_key(key_of_text(text));
}

void Column::intern_texts(std::span<const std::string_view> texts, std::span<Code> codes) {
  constexpr std::size_t kBatch = 256;
  std::string keys;
  std::vector<std::string_view> views;
  for (std::size_t first = 0; first < texts.size(); first += kBatch) {
    const auto batch = texts.subspan(first, std::min(kBatch, texts.size() - first));
    keys.clear();
    for (const std::string_view text : batch) (keys += 's') += text;
    views.clear();
    for (std::size_t at = 0; const std::string_view text : batch) {
      views.push_back(std::string_view(keys).substr(at, text.size() + 1));
      at += text.size() + 1;
    }
    values_.intern(views, codes.subspan(first, batch.size()));
  }
  for (Code& code : codes.first(texts.size())) code += kFirstValue;
  know_codes();
}

Column::Code Column::find(const json::Value& value) const {
  if (value.is_null()) return kNull;
  const Dictionary::Code code = values_.find(key_of(value));
  return code == Dictionary::kNone ? kAbsent : code + kFirstValue;
}

json::Value Column::value(Code code) const {
  const std::string_view key = values_.text(code - kFirstValue);
  switch (key.front()) {
    case 's':
      return key.substr(1);
    case 't':
      return true;
    case 'f':
      return false;
    case 'i': {
      std::int64_t number = 0;
      std::memcpy(&number, key.data() + 1, sizeof number);
      return number;
    }
    default:
      return composed_.at(code);
  }
}

std::optional<std::string_view> Column::text(Code code) const {
  const std::string_view key = values_.text(code - kFirstValue);
  if (key.front() != 's') return std::nullopt;
  return key.substr(1);
}

void Column::put(std::size_t row, const json::Value& value, bool unknown) {
  put_code(row, intern(value), unknown);
}

void Column::put_code(std::size_t row, Code code, bool unknown) {
  if (!index_.bitmaps.empty()) {
    if (const auto& old = index_.bitmaps[this->code(row)]) old->reset(row);
    if (const auto& now = index_.bitmaps[code]) now->assign(row, !unknown);
  }
  if (wide_)
    codes32_[row] = code;
  else
    codes16_[row] = static_cast<std::uint16_t>(code);
  unknown_.assign(row, unknown);
}

void Column::erase(std::size_t row) {
  put_code(row, kAbsent, false);
}

void Column::assign(std::span<const Code> codes, Bitmap unknown) {
  index_ = {};
  if (wide_)
    std::copy(codes.begin(), codes.end(), codes32_.begin());
  else
    for (std::size_t row = 0; row < rows_; ++row) codes16_[row] = static_cast<std::uint16_t>(codes[row]);
  unknown_ = unknown.size() == rows_ ? std::move(unknown) : Bitmap(rows_);
}

// Row by row, 64 at a time: the words that one block of rows touches, one per value, stay in the nearest cache.
template <class Number>
void Column::make(const std::vector<Number>& codes, std::span<std::uint64_t* const> words) const {
  const auto unknown = unknown_.words();
  for (std::size_t w = 0; w < unknown.size(); ++w) {
    const std::size_t first = w * Bitmap::kWordBits, count = std::min(Bitmap::kWordBits, rows_ - first);
    const std::uint64_t known = ~unknown[w];
    for (std::size_t i = 0; i < count; ++i)
      if (std::uint64_t* const word = words[codes[first + i]]) word[w] |= known & std::uint64_t{1} << i;
  }
}

template <class Number>
void Column::make_one(const std::vector<Number>& codes, Number code, Bitmap& bitmap) const {
  const auto unknown = unknown_.words();
  const auto words = bitmap.words();
  for (std::size_t w = 0; w < words.size(); ++w) {
    const std::size_t first = w * Bitmap::kWordBits, count = std::min(Bitmap::kWordBits, rows_ - first);
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < count; ++i) word |= std::uint64_t{codes[first + i] == code} << i;
    words[w] = word & ~unknown[w];
  }
}

void Column::index() const {
  if (!indexed() || index_.complete) return;
  index_.bitmaps.resize(codes());
  std::vector<std::uint64_t*> words(codes(), nullptr);
  for (Code code = 0; code < codes(); ++code) {
    if (index_.bitmaps[code] != nullptr) continue;
    index_.bitmaps[code] = std::make_unique<Bitmap>(rows_);
    words[code] = index_.bitmaps[code]->words().data();
  }
  wide_ ? make(codes32_, words) : make(codes16_, words);
  index_.complete = true;
}

const Bitmap& Column::where(Code code) const {
  if (index_.bitmaps.size() < codes()) index_.bitmaps.resize(codes());
  auto& bitmap = index_.bitmaps[code];
  if (bitmap == nullptr) {
    bitmap = std::make_unique<Bitmap>(rows_);
    wide_ ? make_one(codes32_, code, *bitmap) : make_one(codes16_, static_cast<std::uint16_t>(code), *bitmap);
  }
  return *bitmap;
}

std::size_t Column::bytes() const {
  std::size_t total = codes16_.capacity() * 2 + codes32_.capacity() * 4 + unknown_.words().size_bytes() +
                      values_.bytes() + composed_.size() * 128 + index_.bitmaps.capacity() * sizeof(void*);
  for (const auto& bitmap : index_.bitmaps)
    if (bitmap != nullptr) total += sizeof(Bitmap) + bitmap->words().size_bytes();
  return total;
}

}  // namespace tenure::population
