// Documents to a checked, compiled policy set (formats: docs/formats/policy.md). Pure: the caller reads the files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/policy/policy_set.hpp>

namespace tenure::policy {

// One file of the repository. It may hold several documents, separated by ---.
struct Document {
  std::string path;  // as shown in messages, relative to the repository: "roles/sales.yaml"
  std::string text;
};

// All errors of all documents are reported, each with file, line and column, what was expected and what to do:
// kYamlSyntax, kPolicySchema, kPolicyReference, kPolicyDuplicate and those of expressions (kCel...). nullopt when there
// is any error; warnings do not prevent loading. The result does not depend on the order of the documents.
//
// Deployment values in `connection` and `config` blocks ("${NAME}") stay as written: whoever opens the connection
// expands them. Secrets are references ("env:NAME", "file:path") and are never read here.
std::optional<PolicySet> load(const std::vector<Document>& documents, Diagnostics& diagnostics);

}  // namespace tenure::policy
