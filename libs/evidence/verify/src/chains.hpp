// The chains of cases: dense, linked by hash, ended once.
#pragma once

#include "bytes.hpp"
#include "leaf_form.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

namespace tenure::evidence_verify {

class Chains {
 public:
  // Takes the next record of the log. `hash` is that of its bytes, `sealed` what the tile says; they differ where one
  // of the two is damaged, and either is accepted as the predecessor then, so that one damage is one fault. Returns
  // what is wrong with its place in its case.
  std::optional<std::string> add(const LeafForm& leaf, const Hash& hash, const Hash& sealed);

  // Entries could not be read: from now on a gap is a consequence, not a finding of its own.
  void entries_lost() { gaps_explained_ = true; }

  std::uint64_t cases() const { return cases_.size(); }
  std::uint64_t open_cases() const { return cases_.size() - closed_; }

 private:
  struct Head {
    std::int64_t seq = 0;
    Hash hash{}, sealed{};
    bool closed = false;
  };
  std::unordered_map<std::string, Head> cases_;
  std::uint64_t closed_ = 0;
  bool gaps_explained_ = false;
};

}  // namespace tenure::evidence_verify
