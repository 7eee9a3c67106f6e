// Two plans side by side, for people and scripts. Pure: the same values give the same text.
#pragma once

#include <string>
#include <vector>

#include <tenure/base/json.hpp>
#include <tenure/plan/compare.hpp>

namespace tenure::cli {

struct DiffView {
  const plan::Plan& a;
  Digest digest_a;
  const plan::Plan& b;
  Digest digest_b;
  const plan::Comparison& found;
};

// Folded: the first changes of each list and a count of the others; the last line is the verdict.
std::string diff_text(const DiffView& view, bool full);
json::Object diff_fields(const DiffView& view);
// One object per difference between changes: "in" is "a", "b" or "both"; "a" and "b" hold the changes as in plan/v1.
std::vector<json::Value> diff_rows(const plan::Comparison& found);

}  // namespace tenure::cli
