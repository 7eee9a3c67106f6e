// A few items per row, of everyone: one array for all of them (CSR), and an overlay for rows whose number of items
// changed since, which settle() folds in once there are enough of them.
// One thread writes; const members are safe from any thread. Spans hold until the next write or settle().
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

namespace tenure::population {

template <class T>
class Rows {
 public:
  std::size_t rows() const { return offsets_.size() - 1; }
  std::span<const T> operator[](std::size_t row) const {
    if (!overlay_.empty())
      if (const auto it = overlay_.find(static_cast<std::uint32_t>(row)); it != overlay_.end()) return it->second;
    if (row >= rows()) return {};
    return {items_.data() + offsets_[row], items_.data() + offsets_[row + 1]};
  }
  void put(std::size_t row, std::span<const T> items) {
    if (row >= rows()) {  // behind the last: no overlay
      if (items.empty()) return;
      offsets_.resize(row + 1, offsets_.back());
      items_.insert(items_.end(), items.begin(), items.end());
      offsets_.push_back(static_cast<std::uint32_t>(items_.size()));
      return;
    }
    const std::size_t room = offsets_[row + 1] - offsets_[row];
    if (items.size() == room) {
      std::copy(items.begin(), items.end(), items_.begin() + offsets_[row]);
      if (!overlay_.empty()) overlay_.erase(static_cast<std::uint32_t>(row));
    } else {
      overlay_[static_cast<std::uint32_t>(row)].assign(items.begin(), items.end());
    }
  }
  // Everything at once. offsets has one element more than there are rows.
  void assign(std::vector<std::uint32_t> offsets, std::vector<T> items) {
    overlay_.clear();
    offsets_ = std::move(offsets);
    items_ = std::move(items);
    if (offsets_.empty()) offsets_.push_back(0);
  }
  void settle() {
    if (overlay_.size() * 100 > rows()) fold();
  }
  void fold() {
    if (overlay_.empty()) return;
    std::vector<std::uint32_t> offsets = {0};
    offsets.reserve(offsets_.size());
    std::vector<T> items;
    items.reserve(items_.size());
    for (std::size_t row = 0; row < rows(); ++row) {
      const std::span<const T> of_row = (*this)[row];
      items.insert(items.end(), of_row.begin(), of_row.end());
      offsets.push_back(static_cast<std::uint32_t>(items.size()));
    }
    assign(std::move(offsets), std::move(items));
  }
  void reserve(std::size_t rows, std::size_t items) {
    offsets_.reserve(rows + 1);
    items_.reserve(items);
  }
  std::size_t bytes() const {
    std::size_t total = offsets_.capacity() * sizeof(std::uint32_t) + items_.capacity() * sizeof(T);
    for (const auto& [row, items] : overlay_) total += 64 + items.capacity() * sizeof(T);
    return total;
  }

 private:
  std::vector<std::uint32_t> offsets_ = {0};
  std::vector<T> items_;
  std::unordered_map<std::uint32_t, std::vector<T>> overlay_;
};

}  // namespace tenure::population
