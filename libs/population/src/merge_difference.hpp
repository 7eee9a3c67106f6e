// The difference of two strictly ascending arrays: equal runs are skipped by the given kernel, and only what differs is
// merged element by element.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include <tenure/population/holders.hpp>

namespace tenure::population {

template <class Run, class Left, class Right>
void merge_difference(std::span<const AccountIndex> left, std::span<const AccountIndex> right, Run equal_run,
                      Left only_left, Right only_right) {
  std::size_t i = 0, j = 0;
  while (i < left.size() && j < right.size()) {
    const std::size_t equal = equal_run(left.data() + i, right.data() + j, std::min(left.size() - i, right.size() - j));
    i += equal;
    j += equal;
    while (i < left.size() && j < right.size() && left[i] != right[j]) {
      if (left[i] < right[j])
        only_left(left[i++]);
      else
        only_right(right[j++]);
    }
  }
  for (; i < left.size(); ++i) only_left(left[i]);
  for (; j < right.size(); ++j) only_right(right[j]);
}

}  // namespace tenure::population
