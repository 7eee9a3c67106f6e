#include "tree.hpp"

namespace tenure::evidence_verify {
namespace {

std::size_t largest_power_below(std::size_t n) {
  std::size_t k = 1;
  while (2 * k < n) k *= 2;
  return k;
}

}  // namespace

Hash tree_root(std::span<const Hash> leaves) {
  if (leaves.empty()) return sha256("");
  if (leaves.size() == 1) return leaves[0];
  const std::size_t k = largest_power_below(leaves.size());
  return hash_node(tree_root(leaves.first(k)), tree_root(leaves.subspan(k)));
}

Hash root_of_rows(const std::vector<std::vector<Hash>>& rows) {
  // What stands further right is folded in first. Within a row the complete subtrees are taken from the right as well:
  // each has as many hashes as the lowest set bit of what is left.
  std::optional<Hash> right;
  for (const auto& row : rows) {
    std::span<const Hash> rest = row;
    while (!rest.empty()) {
      const std::size_t n = rest.size() & (~rest.size() + 1);
      const Hash subtree = tree_root(rest.last(n));
      right = right ? hash_node(subtree, *right) : subtree;
      rest = rest.first(rest.size() - n);
    }
  }
  return right ? *right : sha256("");
}

bool inclusion_holds(const Hash& leaf, std::uint64_t index, std::uint64_t size, std::span<const Hash> proof,
                     const Hash& root) {
  if (index >= size) return false;
  // From the root down: which side the entry is on at every split; then fold back up.
  std::vector<bool> entry_is_right;
  for (std::uint64_t n = size; n > 1;) {
    std::uint64_t k = 1;
    while (2 * k < n) k *= 2;
    entry_is_right.push_back(index >= k);
    if (index >= k)
      index -= k, n -= k;
    else
      n = k;
  }
  if (proof.size() != entry_is_right.size()) return false;
  Hash hash = leaf;
  for (std::size_t i = 0; i < proof.size(); ++i)
    hash = entry_is_right[proof.size() - 1 - i] ? hash_node(proof[i], hash) : hash_node(hash, proof[i]);
  return hash == root;
}

}  // namespace tenure::evidence_verify
