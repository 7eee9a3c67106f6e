#include "canonical.hpp"

#include <algorithm>

#include <tenure/policy/diff.hpp>

namespace tenure::policy {
namespace {

class Members {
 public:
  void compare(const std::string& path, const json::Value& before, const json::Value& after) {
    if (before == after) return;
    if (before.is_object() && after.is_object()) return objects(path, before.as_object(), after.as_object());
    if (before.is_array() && after.is_array()) return lists(path, before.as_array(), after.as_array());
    all_.push_back({path, before, after});
  }
  std::vector<MemberChange> take() { return std::move(all_); }

 private:
  static std::string under(const std::string& path, const std::string& member) {
    return path.empty() ? member : path + "." + member;
  }

  void objects(const std::string& path, const json::Object& before, const json::Object& after) {
    for (const auto& [name, value] : before) {
      const auto other = after.find(name);
      if (other == after.end())
        all_.push_back({under(path, name), value, std::nullopt});
      else
        compare(under(path, name), value, other->second);
    }
    for (const auto& [name, value] : after)
      if (!before.contains(name)) all_.push_back({under(path, name), std::nullopt, value});
  }

  // What both have at the beginning and at the end is the same element; of what is between, elements with one place in
  // both are compared, and the others are gone or new.
  void lists(const std::string& path, const json::Array& before, const json::Array& after) {
    std::size_t first = 0, last = 0;
    const std::size_t least = std::min(before.size(), after.size());
    while (first < least && before[first] == after[first]) ++first;
    while (last < least - first && before[before.size() - 1 - last] == after[after.size() - 1 - last]) ++last;
    const std::size_t before_end = before.size() - last, after_end = after.size() - last;
    for (std::size_t i = first; i < std::max(before_end, after_end); ++i) {
      const std::string element = path + "[" + std::to_string(i) + "]";
      if (i < before_end && i < after_end)
        compare(element, before[i], after[i]);
      else if (i < before_end)
        all_.push_back({element, before[i], std::nullopt});
      else
        all_.push_back({element, std::nullopt, after[i]});
    }
  }

  std::vector<MemberChange> all_;
};

DocumentChange whole(DocumentChange::What what, const DocumentKey& key) {
  return {what, key.first, key.second, {}};
}

}  // namespace

std::optional<PolicyDiff> diff(const std::vector<Document>& before, const std::vector<Document>& after,
                               Diagnostics& diagnostics) {
  CanonicalDocuments old_documents, new_documents;
  const auto old_set = load_with_documents(before, diagnostics, old_documents);
  const auto new_set = load_with_documents(after, diagnostics, new_documents);
  if (!old_set || !new_set) return std::nullopt;
  PolicyDiff out{old_set->digest, new_set->digest, {}};
  for (const auto& [key, document] : old_documents) {
    const auto other = new_documents.find(key);
    if (other == new_documents.end()) {
      out.documents.push_back(whole(DocumentChange::What::kRemoved, key));
      continue;
    }
    Members members;
    members.compare("", document, other->second);
    if (auto changed = members.take(); !changed.empty())
      out.documents.push_back({DocumentChange::What::kChanged, key.first, key.second, std::move(changed)});
  }
  for (const auto& [key, document] : new_documents)
    if (!old_documents.contains(key)) out.documents.push_back(whole(DocumentChange::What::kAdded, key));
  std::sort(out.documents.begin(), out.documents.end(), [](const DocumentChange& a, const DocumentChange& b) {
    return std::tie(a.kind, a.name) < std::tie(b.kind, b.name);
  });
  return out;
}

}  // namespace tenure::policy
