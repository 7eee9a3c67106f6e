// Two policy repositories side by side: documents and members that differ in meaning. Layout, comments, the order of
// files and members, and how an expression is spelt do not count: what is compared is what the digest is taken over.
// Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/base/hash.hpp>
#include <tenure/base/json.hpp>
#include <tenure/policy/load.hpp>

namespace tenure::policy {

struct MemberChange {
  std::string path;                          // "grants[0].entitlements"
  std::optional<json::Value> before, after;  // absent: the member is not there
  friend bool operator==(const MemberChange&, const MemberChange&) = default;
};

struct DocumentChange {
  enum class What : std::uint8_t { kAdded, kRemoved, kChanged };
  What what = What::kChanged;
  std::string kind, name;             // "Role", "sales-rep"
  std::vector<MemberChange> members;  // of kChanged, by path
};

struct PolicyDiff {
  Digest before, after;
  std::vector<DocumentChange> documents;  // by kind, name; empty: the same digest
};

// nullopt after diagnostics when one of the two does not load.
std::optional<PolicyDiff> diff(const std::vector<Document>& before, const std::vector<Document>& after,
                               Diagnostics& diagnostics);

}  // namespace tenure::policy
