#include <bit>

#include <tenure/evidence/merkle.hpp>

namespace tenure::evidence {
namespace {

// REQUIRES: n > 1. Where RFC 6962 splits n entries.
std::uint64_t split_point(std::uint64_t n) {
  return std::bit_floor(n - 1);
}

Sha256 fold(std::span<const Sha256> roots) {
  if (roots.empty()) return empty_root();
  Sha256 root = roots.back();
  for (std::size_t i = roots.size() - 1; i-- > 0;) root = node_hash(roots[i], root);
  return root;
}

// Root of the complete subtree of 2^height entries that begins at index * 2^height.
Result<Sha256> read_subtree(unsigned height, std::uint64_t index, const HashReader& reader) {
  const unsigned level = height / 8, within = height % 8;
  const std::uint64_t count = std::uint64_t{1} << within;
  TENURE_TRY(const std::vector<Sha256> hashes, reader(level, index << within, count));
  if (hashes.size() != count)
    return fail(Reason::kEvidenceBroken, "a tile gave another number of hashes than was asked for");
  return root_of(hashes);
}

// Root of entries [begin, end). REQUIRES: begin < end, and begin is a multiple of the largest power of two <= end -
// begin, which holds for every range that the recursion of RFC 6962 meets.
Result<Sha256> read_range(std::uint64_t begin, std::uint64_t end, const HashReader& reader) {
  const std::uint64_t n = end - begin;
  if (std::has_single_bit(n)) {
    const auto height = static_cast<unsigned>(std::countr_zero(n));
    return read_subtree(height, begin >> height, reader);
  }
  const std::uint64_t k = split_point(n);
  TENURE_TRY(const Sha256 left, read_range(begin, begin + k, reader));
  TENURE_TRY(const Sha256 right, read_range(begin + k, end, reader));
  return node_hash(left, right);
}

// Both proofs walk down from the root; what they collect on the way is root side first and is turned round at the end.
struct Step {
  std::uint64_t begin, end;
};

Result<std::vector<Sha256>> read_steps(const std::vector<Step>& steps, const HashReader& reader) {
  std::vector<Sha256> proof;
  proof.reserve(steps.size());
  for (std::size_t i = steps.size(); i-- > 0;) {
    TENURE_TRY(proof.emplace_back(), read_range(steps[i].begin, steps[i].end, reader));
  }
  return proof;
}

std::unexpected<Error> wrong(std::string_view what) {
  return fail(Reason::kProofInvalid, std::string(what));
}

}  // namespace

Sha256 leaf_hash(std::string_view entry) {
  return sha256({std::string_view("\0", 1), entry});
}
Sha256 node_hash(const Sha256& left, const Sha256& right) {
  return sha256({"\x01", left.view(), right.view()});
}
Sha256 empty_root() {
  return sha256("");
}

Sha256 root_of(std::span<const Sha256> hashes) {
  if (hashes.size() == 1) return hashes[0];
  Frontier frontier;
  for (const auto& hash : hashes) frontier.append(hash);
  return frontier.root();
}

Result<Frontier> Frontier::restore(std::uint64_t size, std::vector<Sha256> roots) {
  if (roots.size() != static_cast<std::size_t>(std::popcount(size)))
    return fail(Reason::kEvidenceBroken, "a frontier of size " + std::to_string(size) + " has not " +
                                             std::to_string(roots.size()) + " subtrees");
  Frontier frontier;
  frontier.size_ = size;
  frontier.roots_ = std::move(roots);
  return frontier;
}

void Frontier::append(const Sha256& leaf) {
  Sha256 hash = leaf;
  for (std::uint64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
    hash = node_hash(roots_.back(), hash);
    roots_.pop_back();
  }
  roots_.push_back(hash);
  ++size_;
}

Sha256 Frontier::root() const {
  return fold(roots_);
}

Result<Frontier> read_frontier(std::uint64_t size, const HashReader& reader) {
  std::vector<Sha256> roots;
  for (std::uint64_t begin = 0; begin < size;) {
    const std::uint64_t n = std::bit_floor(size - begin);
    TENURE_TRY(roots.emplace_back(), read_range(begin, begin + n, reader));
    begin += n;
  }
  return Frontier::restore(size, std::move(roots));
}

Result<Sha256> read_root(std::uint64_t size, const HashReader& reader) {
  TENURE_TRY(const Frontier frontier, read_frontier(size, reader));
  return frontier.root();
}

Result<std::vector<Sha256>> prove_inclusion(std::uint64_t index, std::uint64_t size, const HashReader& reader) {
  if (index >= size)
    return fail(Reason::kEvidenceNotFound, "entry " + std::to_string(index) + " in a log of " + std::to_string(size));
  std::vector<Step> steps;
  for (std::uint64_t begin = 0, end = size; end - begin > 1;) {
    const std::uint64_t middle = begin + split_point(end - begin);
    if (index < middle) {
      steps.push_back({middle, end});
      end = middle;
    } else {
      steps.push_back({begin, middle});
      begin = middle;
    }
  }
  return read_steps(steps, reader);
}

Result<std::vector<Sha256>> prove_consistency(std::uint64_t old_size, std::uint64_t size, const HashReader& reader) {
  if (old_size > size)
    return fail(Reason::kEvidenceNotFound, "size " + std::to_string(old_size) + " of a log of " + std::to_string(size));
  if (old_size == 0 || old_size == size) return std::vector<Sha256>{};
  std::vector<Step> steps;
  std::uint64_t begin = 0, end = size;
  while (old_size != end) {
    const std::uint64_t middle = begin + split_point(end - begin);
    if (old_size <= middle) {
      steps.push_back({middle, end});
      end = middle;
    } else {
      steps.push_back({begin, middle});
      begin = middle;
    }
  }
  // The verifier knows the old root; only if this last subtree is not the whole old tree must it be given.
  if (begin != 0) steps.push_back({begin, end});
  return read_steps(steps, reader);
}

Status verify_inclusion(const Sha256& leaf, std::uint64_t index, std::uint64_t size, std::span<const Sha256> proof,
                        const Sha256& root) {
  if (index >= size) return wrong("the index lies beyond the tree");
  std::uint64_t f = index, s = size - 1;
  Sha256 hash = leaf;
  for (const auto& sibling : proof) {
    if (s == 0) return wrong("the proof is too long");
    if ((f & 1) != 0 || f == s) {
      hash = node_hash(sibling, hash);
      while ((f & 1) == 0 && f != 0) f >>= 1, s >>= 1;
    } else {
      hash = node_hash(hash, sibling);
    }
    f >>= 1, s >>= 1;
  }
  if (s != 0) return wrong("the proof is too short");
  if (hash != root) return wrong("the entry does not lead to the root");
  return {};
}

Status verify_consistency(std::uint64_t old_size, std::uint64_t size, std::span<const Sha256> proof,
                          const Sha256& old_root, const Sha256& root) {
  if (old_size > size) return wrong("the older tree is larger");
  if (old_size == size || old_size == 0) {
    if (!proof.empty()) return wrong("the proof is too long");
    if (old_size == size && old_root != root) return wrong("two roots for one size");
    if (old_size == 0 && old_root != empty_root()) return wrong("the empty tree has another root");
    return {};
  }
  if (proof.empty()) return wrong("the proof is too short");
  std::uint64_t f = old_size - 1, s = size - 1;
  while ((f & 1) != 0) f >>= 1, s >>= 1;
  const bool implicit = std::has_single_bit(old_size);
  Sha256 x = implicit ? old_root : proof[0], y = x;
  for (const auto& hash : implicit ? proof : proof.subspan(1)) {
    if (s == 0) return wrong("the proof is too long");
    if ((f & 1) != 0 || f == s) {
      x = node_hash(hash, x);
      y = node_hash(hash, y);
      while ((f & 1) == 0 && f != 0) f >>= 1, s >>= 1;
    } else {
      y = node_hash(y, hash);
    }
    f >>= 1, s >>= 1;
  }
  if (s != 0) return wrong("the proof is too short");
  if (x != old_root) return wrong("it does not lead to the older root");
  if (y != root) return wrong("it does not lead to the newer root");
  return {};
}

}  // namespace tenure::evidence
