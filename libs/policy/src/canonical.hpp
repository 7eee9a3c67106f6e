// The documents as the digest sees them. Private to libs/policy.
#pragma once

#include <map>
#include <string>
#include <utility>

#include <tenure/base/json.hpp>
#include <tenure/policy/load.hpp>

namespace tenure::policy {

using DocumentKey = std::pair<std::string, std::string>;  // kind, name
using CanonicalDocuments = std::map<DocumentKey, json::Value>;

// As load(); the documents are complete only when there is a set.
std::optional<PolicySet> load_with_documents(const std::vector<Document>& documents, Diagnostics& diagnostics,
                                             CanonicalDocuments& canonical);

}  // namespace tenure::policy
