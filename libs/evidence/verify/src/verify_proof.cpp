#include "bytes.hpp"
#include "checkpoint.hpp"
#include "tree.hpp"

#include <vector>

#include <tenure/evidence_verify/verify.hpp>

namespace tenure::evidence_verify {

ProofReport verify_proof(std::string_view proof, std::string_view entry, std::string_view vkey) {
  ProofReport report;
  const auto no = [&](std::string_view what) {
    report.what = what;
    return report;
  };
  const auto key = read_key(vkey);
  if (!key) return no("the key is malformed");
  // Header lines up to the first empty line; the checkpoint follows as it is.
  const std::size_t blank = proof.find("\n\n");
  if (blank == std::string_view::npos) return no("the proof has no checkpoint");
  std::vector<std::string_view> lines;
  for (std::string_view head = proof.substr(0, blank);;) {
    const std::size_t end = head.find('\n');
    lines.push_back(head.substr(0, end));
    if (end == std::string_view::npos) break;
    head.remove_prefix(end + 1);
  }
  std::size_t next = 0;
  if (lines[next++] != "c2sp.org/tlog-proof@v1") return no("the first line is not c2sp.org/tlog-proof@v1");
  if (next < lines.size() && lines[next].starts_with("extra ")) {
    if (!decode_base64(lines[next].substr(6))) return no("the extra data are not base64");
    ++next;
  }
  if (next >= lines.size() || !lines[next].starts_with("index ")) return no("there is no index");
  const auto index = decode_decimal(lines[next++].substr(6));
  if (!index) return no("the index is malformed");
  std::vector<Hash> hashes;
  for (; next < lines.size(); ++next) {
    const auto hash = decode_hash(lines[next]);
    if (!hash || hashes.size() == 63) return no("a line is not a hash");
    hashes.push_back(*hash);
  }
  std::string why;
  const auto checkpoint = read_checkpoint(proof.substr(blank + 2), *key, why);
  if (!checkpoint) return no("checkpoint: " + why);
  report.origin = checkpoint->origin;
  report.index = *index;
  report.size = checkpoint->size;
  if (!inclusion_holds(hash_leaf(entry), *index, checkpoint->size, hashes, checkpoint->root))
    return no("the entry does not lead to the signed root");
  report.ok = true;
  return report;
}

}  // namespace tenure::evidence_verify
