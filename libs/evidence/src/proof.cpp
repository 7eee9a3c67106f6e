#include "decimal.hpp"

#include <algorithm>

#include <tenure/evidence/proof.hpp>

namespace tenure::evidence {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
// A path in a tree of 2^63 entries.
constexpr std::size_t kHashesMax = 63;

std::unexpected<Error> bad(std::string_view what) {
  return fail(Reason::kProofInvalid, std::string(what));
}

// Cuts the next line off; false at the end of the text.
bool next_line(std::string_view& rest, std::string_view& line) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return false;
  line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return true;
}

}  // namespace

std::string to_string(const TlogProof& proof) {
  std::string out = std::string(kFirstLine) + "\n";
  if (!proof.extra.empty()) out += "extra " + to_base64(proof.extra) + "\n";
  out += "index " + std::to_string(proof.index) + "\n";
  for (const auto& hash : proof.hashes) out += hash.base64() + "\n";
  return out + "\n" + proof.checkpoint;
}

Result<TlogProof> parse_proof(std::string_view text) {
  TlogProof proof;
  std::string_view line;
  if (!next_line(text, line) || line != kFirstLine) return bad("the first line is not " + std::string(kFirstLine));
  if (!next_line(text, line)) return bad("the text ends early");
  if (line.starts_with("extra ")) {
    auto extra = from_base64(line.substr(6));
    if (!extra || extra->empty()) return bad("the extra data are not base64");
    proof.extra = *std::move(extra);
    if (!next_line(text, line)) return bad("the text ends early");
  }
  if (!line.starts_with("index ") || !read_decimal(line.substr(6), INT64_MAX, proof.index)) return bad("no index");
  while (true) {
    if (!next_line(text, line)) return bad("the text ends early");
    if (line.empty()) break;
    const auto bytes = from_base64(line);
    if (!bytes || bytes->size() != 32) return bad("a line is no hash");
    if (proof.hashes.size() == kHashesMax) return bad("too many hashes");
    std::ranges::transform(*bytes, proof.hashes.emplace_back().bytes.begin(),
                           [](char c) { return static_cast<std::uint8_t>(c); });
  }
  if (text.empty()) return bad("no checkpoint");
  proof.checkpoint = std::string(text);
  return proof;
}

Result<TlogProof> make_proof(std::uint64_t index, std::string_view checkpoint_bytes, const Checkpoint& checkpoint,
                             const FileReader& files) {
  TlogProof proof;
  proof.index = index;
  TENURE_TRY(proof.hashes, prove_inclusion(index, checkpoint.size, make_hash_reader(checkpoint.size, files)));
  proof.checkpoint = std::string(checkpoint_bytes);
  return proof;
}

Result<OpenedCheckpoint> verify_proof(const TlogProof& proof, std::string_view entry,
                                      std::span<const VerifierKey> known) {
  TENURE_TRY(OpenedCheckpoint opened, open_checkpoint(proof.checkpoint, known));
  TENURE_CHECK_OK(
      verify_inclusion(leaf_hash(entry), proof.index, opened.checkpoint.size, proof.hashes, opened.checkpoint.root));
  return opened;
}

}  // namespace tenure::evidence
