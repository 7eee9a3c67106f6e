// The form of a leaf, checked byte by byte: canonical JSON (RFC 8785) with ASCII keys in ascending order and integers
// only, and the members that a verifier needs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tenure::evidence_verify {

struct LeafForm {
  std::string case_id;  // empty: outside every case
  std::int64_t case_seq = 0;
  std::string case_prev;  // base64; empty = null
  std::string type;
  std::optional<std::int64_t> case_count;  // facts.count of case.closed
};

// nullopt with a sentence in `why` and its place in `at`.
std::optional<LeafForm> read_leaf(std::string_view bytes, std::string& why, std::size_t& at);

}  // namespace tenure::evidence_verify
