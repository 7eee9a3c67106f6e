// Who should hold what and who does, as two matrices of the same company: what everybody has, what departments have,
// and a long tail; then 0.1 % of it changed, half taken away and half added. For figures about differences alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <tenure/population/holders.hpp>

namespace tenure::bench {

struct MatrixSize {
  std::size_t accounts = 1'000'000;
  std::size_t entitlements = 8'000;
  std::size_t grants = 20'000'000;
  double changed_share = 0.001;
  std::uint64_t seed = 1;
};

struct Matrix {
  std::vector<std::uint64_t> offsets;
  std::vector<std::uint32_t> accounts;
};

struct Matrices {
  Matrix desired, observed;
  std::size_t missing = 0, extra = 0;  // as planted
};

Matrices make_matrices(const MatrixSize& size);

}  // namespace tenure::bench
