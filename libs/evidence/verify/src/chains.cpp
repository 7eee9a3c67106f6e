#include "chains.hpp"

namespace tenure::evidence_verify {

std::optional<std::string> Chains::add(const LeafForm& leaf, const Hash& hash, const Hash& sealed) {
  if (leaf.case_id.empty())
    return leaf.type == "case.closed" ? std::optional<std::string>("case.closed outside every case") : std::nullopt;
  Head& head = cases_[leaf.case_id];
  std::optional<std::string> wrong;
  const std::string name = "case " + leaf.case_id + ": ";
  const bool after_gap = gaps_explained_ && leaf.case_seq > head.seq + 1;
  if (head.closed) {
    wrong = name + "a record after case.closed";
  } else if (leaf.case_seq != head.seq + 1 && !after_gap) {
    wrong = name + "record " + std::to_string(leaf.case_seq) + " follows record " + std::to_string(head.seq);
  } else if (leaf.case_seq == 1 ? !leaf.case_prev.empty()
                                : !after_gap && leaf.case_prev != encode_hash(head.hash) &&
                                      leaf.case_prev != encode_hash(head.sealed)) {
    wrong = name + "record " + std::to_string(leaf.case_seq) + " names another predecessor";
  } else if (leaf.case_seq > 1 && !decode_hash(leaf.case_prev)) {
    wrong = name + "case_prev is not a hash";
  }
  const bool closes = leaf.type == "case.closed";
  if (closes && !wrong && leaf.case_count != leaf.case_seq)
    wrong = name + "case.closed states another number of records";
  if (closes && !head.closed) ++closed_;
  head = {leaf.case_seq, hash, sealed, head.closed || closes};
  return wrong;
}

}  // namespace tenure::evidence_verify
