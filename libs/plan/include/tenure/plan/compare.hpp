// Two plans side by side: what only one of them does, and what both do in another way. Values; no I/O; any thread.
//
// Two changes are about the same thing when they do the same (verb) to the same account (or the account still to be
// made for the same identity and class) and the same right with the same parameters; failing that, to the same right
// with other parameters. Ids, being digests of content, do not count.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <tenure/plan/plan.hpp>

namespace tenure::plan {

struct Both {
  const Change* a = nullptr;
  const Change* b = nullptr;
  // Members of plan/v1 that differ, in byte order: "prior", "reason". `needs` and a producer only when they name
  // another thing.
  std::vector<std::string> differs;
};

// Pointers into the two plans, which must outlive it; lists in the order of their plan (`differ` in that of A).
struct Comparison {
  std::vector<const Change*> only_a, only_b;
  std::vector<Both> differ;
  std::int64_t same = 0;
  bool policies_differ = false;
  // Everything beside the changes, in words: "guard removals in crm: 31 of 40 accounts", "approval privileged: 2 of
  // iam".
  std::vector<std::string> beside_only_a, beside_only_b;

  std::int64_t differences() const {
    return static_cast<std::int64_t>(only_a.size() + only_b.size() + differ.size() + beside_only_a.size() +
                                     beside_only_b.size()) +
           (policies_differ ? 1 : 0);
  }
};

// Each change of A is in exactly one of only_a, differ, same; each of B in one of only_b, differ, same.
Comparison compare(const Plan& a, const Plan& b);

}  // namespace tenure::plan
