// The Merkle tree of RFC 6962 section 2.1 (the same as RFC 9162): hashes, roots, inclusion and consistency proofs.
// Pure; any thread may call the free functions; a Frontier has one owner.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/base/hash.hpp>

namespace tenure::evidence {

Sha256 leaf_hash(std::string_view entry);                   // SHA-256(0x00 || entry)
Sha256 node_hash(const Sha256& left, const Sha256& right);  // SHA-256(0x01 || left || right)
Sha256 empty_root();                                        // SHA-256("")

// Root of the tree over these hashes (any number; of none: empty_root()).
Sha256 root_of(std::span<const Sha256> hashes);

// What must be remembered of a tree to append to it and to know its root: the roots of the complete subtrees from left
// to right, at most 64.
class Frontier {
 public:
  Frontier() = default;
  // Error kEvidenceBroken unless there is one root per set bit of size.
  static Result<Frontier> restore(std::uint64_t size, std::vector<Sha256> roots);
  void append(const Sha256& leaf);
  std::uint64_t size() const { return size_; }
  const std::vector<Sha256>& roots() const { return roots_; }  // largest subtree first
  Sha256 root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Sha256> roots_;
};

// Reads `count` consecutive hashes of tile level `level` from index `first` on: hash i of level L is the root of
// entries [i*256^L, (i+1)*256^L). The proof makers ask for 1 to 128 hashes that lie in one tile.
using HashReader = std::function<Result<std::vector<Sha256>>(unsigned level, std::uint64_t first, std::uint64_t count)>;

// Root of the first `size` entries. Errors: the reader's.
Result<Sha256> read_root(std::uint64_t size, const HashReader& reader);
Result<Frontier> read_frontier(std::uint64_t size, const HashReader& reader);

// Leaf side first. Error kEvidenceNotFound unless index < size; else the reader's.
Result<std::vector<Sha256>> prove_inclusion(std::uint64_t index, std::uint64_t size, const HashReader& reader);
// That the tree of `old_size` entries is a prefix of that of `size`. Error kEvidenceNotFound unless old_size <= size.
Result<std::vector<Sha256>> prove_consistency(std::uint64_t old_size, std::uint64_t size, const HashReader& reader);

// Error kProofInvalid.
Status verify_inclusion(const Sha256& leaf, std::uint64_t index, std::uint64_t size, std::span<const Sha256> proof,
                        const Sha256& root);
Status verify_consistency(std::uint64_t old_size, std::uint64_t size, std::span<const Sha256> proof,
                          const Sha256& old_root, const Sha256& root);

}  // namespace tenure::evidence
