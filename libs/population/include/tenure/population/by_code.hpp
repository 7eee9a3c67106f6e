// Which rows have a code (of a key, of a name): mostly one, now and then several. 4 bytes a code.
// One thread writes; const members are safe from any thread. Spans hold until the next write.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

namespace tenure::population {

class RowsByCode {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFF;  // not a row

  void add(std::uint32_t code, std::uint32_t row) {
    if (code >= one_.size()) one_.resize(code + std::size_t{1}, kNone);
    if (one_[code] == kNone) {
      one_[code] = row;
      return;
    }
    auto& rows = several_[code];
    if (one_[code] != kSeveral) rows.push_back(one_[code]);
    one_[code] = kSeveral;
    rows.push_back(row);
  }
  // REQUIRES: it was added.
  void remove(std::uint32_t code, std::uint32_t row) {
    if (one_[code] != kSeveral) {
      one_[code] = kNone;
      return;
    }
    const auto it = several_.find(code);
    auto& rows = it->second;
    rows.erase(std::find(rows.begin(), rows.end(), row));
    if (rows.size() > 1) return;
    one_[code] = rows.front();
    several_.erase(it);
  }
  // The only row with the code; kNone: there is none, or there are several.
  std::uint32_t only(std::uint32_t code) const {
    return code >= one_.size() || one_[code] == kSeveral ? kNone : one_[code];
  }
  std::span<const std::uint32_t> all(std::uint32_t code) const {
    if (code >= one_.size() || one_[code] == kNone) return {};
    if (one_[code] == kSeveral) return several_.at(code);
    return {&one_[code], 1};
  }
  void reserve(std::size_t codes) { one_.reserve(codes); }
  void shrink() { one_.shrink_to_fit(); }
  void clear() {
    one_.clear();
    several_.clear();
  }
  std::size_t bytes() const { return one_.capacity() * sizeof(std::uint32_t) + several_.size() * 96; }

 private:
  static constexpr std::uint32_t kSeveral = 0xFFFFFFFE;
  std::vector<std::uint32_t> one_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> several_;
};

}  // namespace tenure::population
