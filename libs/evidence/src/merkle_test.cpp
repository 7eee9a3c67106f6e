#include <map>

#include <gtest/gtest.h>

#include <tenure/evidence/merkle.hpp>

namespace tenure::evidence {
namespace {

Sha256 hash_of(std::string_view base64) {
  Sha256 hash;
  const std::string bytes = from_base64(base64).value();
  std::copy(bytes.begin(), bytes.end(), hash.bytes.begin());
  return hash;
}

std::vector<Sha256> number_leaves(std::uint64_t n) {
  std::vector<Sha256> leaves;
  for (std::uint64_t i = 0; i < n; ++i) leaves.push_back(leaf_hash(std::to_string(i)));
  return leaves;
}

// The definition, word for word: the oracle for everything else.
Sha256 mth(std::span<const Sha256> d) {
  if (d.empty()) return sha256("");
  if (d.size() == 1) return d[0];
  std::size_t k = 1;
  while (k * 2 < d.size()) k *= 2;
  return node_hash(mth(d.first(k)), mth(d.subspan(k)));
}
std::vector<Sha256> path(std::size_t m, std::span<const Sha256> d) {
  if (d.size() == 1) return {};
  std::size_t k = 1;
  while (k * 2 < d.size()) k *= 2;
  auto out = m < k ? path(m, d.first(k)) : path(m - k, d.subspan(k));
  out.push_back(m < k ? mth(d.subspan(k)) : mth(d.first(k)));
  return out;
}
std::vector<Sha256> subproof(std::size_t m, std::span<const Sha256> d, bool whole) {
  if (m == d.size()) return whole ? std::vector<Sha256>{} : std::vector<Sha256>{mth(d)};
  std::size_t k = 1;
  while (k * 2 < d.size()) k *= 2;
  auto out = m <= k ? subproof(m, d.first(k), whole) : subproof(m - k, d.subspan(k), false);
  out.push_back(m <= k ? mth(d.subspan(k)) : mth(d.first(k)));
  return out;
}

// Reads hashes of tile levels straight out of the leaves.
HashReader reader_over(const std::vector<Sha256>& leaves) {
  return [&leaves](unsigned level, std::uint64_t first, std::uint64_t count) -> Result<std::vector<Sha256>> {
    std::vector<Sha256> out;
    const std::uint64_t span = std::uint64_t{1} << (8 * level);
    for (std::uint64_t i = first; i < first + count; ++i) {
      if ((i + 1) * span > leaves.size()) return fail(Reason::kEvidenceNotFound, "beyond the leaves");
      out.push_back(mth(std::span(leaves).subspan(i * span, span)));
    }
    return out;
  };
}

TEST(Merkle, KnownAnswers) {
  const std::map<std::uint64_t, std::string> roots = {
      {0, "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},   {1, "2zQm6HgGjSjSabbIcXIyLOU3K2V1bQeJAB00g19gHAM="},
      {2, "ywCYnZSlacCmeK4EK2Pc1GJduWRAUX83put5duok7Us="},   {3, "cl1SMNto9VdHDcNfHYhlgTrNfrsHrRUndBQd7LrnEyc="},
      {7, "o+I7Msy2v5bQktFl2KpUbgmCnejwOw6JV1gdHha5K98="},   {256, "goUV0DPBnYyQHzfsy4rtkZZncDSG+NL/8c9wQDIcXbE="},
      {257, "HtoEmkNR2G92JSvX7At3Rq11t/oDFq1fVB29pFijEsQ="},
  };
  Frontier frontier;
  for (std::uint64_t size = 0; size <= 257; ++size) {
    if (const auto it = roots.find(size); it != roots.end()) {
      EXPECT_EQ(frontier.root().base64(), it->second) << size;
      EXPECT_EQ(root_of(number_leaves(size)).base64(), it->second) << size;
    }
    frontier.append(leaf_hash(std::to_string(size)));
  }
}

TEST(Merkle, KnownProofs) {
  const auto leaves = number_leaves(7);
  const std::vector<Sha256> inclusion = {hash_of("+mHj3sNDlYn0eEyJO/Mh0AhPBMVyx68raOPzNgo1tIY="),
                                         hash_of("ywCYnZSlacCmeK4EK2Pc1GJduWRAUX83put5duok7Us="),
                                         hash_of("lz8IOVfHNZ+xlDrPnmaJvKbKXqcZfYCKrTwUSYaJ7+A=")};
  const std::vector<Sha256> consistency = {inclusion[0], hash_of("kGxdJIXK5yIHOkMPTQT+F2dQdZLO8iZimurbhaLskJ0="),
                                           inclusion[1], inclusion[2]};
  EXPECT_EQ(prove_inclusion(3, 7, reader_over(leaves)).value(), inclusion);
  EXPECT_EQ(prove_consistency(3, 7, reader_over(leaves)).value(), consistency);
}

// Every proof of sizes m, n is the one of the RFC, verifies, and stops verifying after any change to it.
void check_sizes(std::uint64_t m, std::uint64_t n, const std::vector<Sha256>& all) {
  const std::vector<Sha256> leaves(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(n));
  const auto reader = reader_over(leaves);
  const Sha256 root = mth(leaves), old_root = mth(std::span(leaves).first(m));
  ASSERT_EQ(read_root(n, reader).value(), root);

  const auto consistency = prove_consistency(m, n, reader).value();
  if (m > 0) {
    ASSERT_EQ(consistency, subproof(m, leaves, true)) << m << " " << n;
  }
  ASSERT_TRUE(verify_consistency(m, n, consistency, old_root, root)) << m << " " << n;
  auto longer = consistency;
  longer.push_back(root);
  EXPECT_FALSE(verify_consistency(m, n, longer, old_root, root)) << m << " " << n;
  if (!consistency.empty()) {
    auto bent = consistency;
    bent[bent.size() / 2].bytes[7] ^= 1;
    EXPECT_FALSE(verify_consistency(m, n, bent, old_root, root)) << m << " " << n;
    EXPECT_FALSE(verify_consistency(m, n, std::span(consistency).first(consistency.size() - 1), old_root, root));
    EXPECT_FALSE(verify_consistency(m, n, consistency, root, root)) << m << " " << n;
    EXPECT_FALSE(verify_consistency(m, n, consistency, old_root, old_root)) << m << " " << n;
  }
  if (m == n) return;
  const auto inclusion = prove_inclusion(m, n, reader).value();
  ASSERT_EQ(inclusion, path(m, leaves)) << m << " " << n;
  ASSERT_TRUE(verify_inclusion(leaves[m], m, n, inclusion, root)) << m << " " << n;
  EXPECT_FALSE(verify_inclusion(leaves[m], m, n, longer, root));
  if (n > 1) {
    EXPECT_FALSE(verify_inclusion(leaves[m], (m + 1) % n, n, inclusion, root));
  }
  EXPECT_FALSE(verify_inclusion(leaf_hash("another"), m, n, inclusion, root));
  if (!inclusion.empty()) {
    auto bent = inclusion;
    bent[0].bytes[31] ^= 0x80;
    EXPECT_FALSE(verify_inclusion(leaves[m], m, n, bent, root));
    EXPECT_FALSE(verify_inclusion(leaves[m], m, n, std::span(inclusion).first(inclusion.size() - 1), root));
  }
}

TEST(Merkle, AllSmallSizes) {
  const auto leaves = number_leaves(70);
  for (std::uint64_t n = 1; n < 70; ++n)
    for (std::uint64_t m = 0; m <= n; ++m) check_sizes(m, n, leaves);
}

TEST(Merkle, SizesAtTheEdgesOfTiles) {
  const auto leaves = number_leaves(600);
  const std::uint64_t sizes[] = {255, 256, 257, 383, 384, 511, 512, 513, 600};
  for (const auto n : sizes)
    for (const auto m : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{128}, n - 1, n, n / 2, std::uint64_t{255}})
      if (m <= n) check_sizes(m, n, leaves);
}

TEST(Merkle, NoProofBeyondTheTree) {
  const auto leaves = number_leaves(5);
  EXPECT_EQ(prove_inclusion(5, 5, reader_over(leaves)).error().reason(), Reason::kEvidenceNotFound);
  EXPECT_EQ(prove_consistency(6, 5, reader_over(leaves)).error().reason(), Reason::kEvidenceNotFound);
  EXPECT_FALSE(verify_inclusion(leaves[0], 0, 0, {}, empty_root()));
  EXPECT_FALSE(verify_consistency(3, 2, {}, mth(leaves), mth(leaves)));
  EXPECT_FALSE(verify_consistency(0, 5, {}, mth(leaves), mth(leaves)));  // size 0 has one root
  EXPECT_FALSE(verify_consistency(5, 5, {}, mth(leaves), empty_root()));
}

TEST(Merkle, FrontierIsRestoredOnlyWhole) {
  const auto leaves = number_leaves(300);
  const auto frontier = read_frontier(300, reader_over(leaves)).value();
  EXPECT_EQ(frontier.root(), mth(leaves));
  EXPECT_EQ(Frontier::restore(300, frontier.roots()).value().root(), mth(leaves));
  EXPECT_FALSE(Frontier::restore(301, frontier.roots()));
}

}  // namespace
}  // namespace tenure::evidence
