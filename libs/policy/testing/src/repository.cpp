#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <tenure/base/file.hpp>
#include <tenure/policy/testing/repository.hpp>

namespace tenure::policy::testing {

std::vector<Document> read_repository(const std::string& folder) {
  namespace fs = std::filesystem;
  std::vector<Document> documents;
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator(folder, error)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".yaml") continue;
    auto text = read_file(entry.path().string());
    if (!text) std::abort();
    documents.push_back({fs::relative(entry.path(), folder).generic_string(), std::move(*text)});
  }
  if (error || documents.empty()) {
    std::fprintf(stderr, "no policy repository in %s\n", folder.c_str());
    std::abort();
  }
  std::sort(documents.begin(), documents.end(), [](const Document& a, const Document& b) { return a.path < b.path; });
  return documents;
}

PolicySet load_repository(const std::string& folder) {
  Diagnostics diagnostics;
  auto set = load(read_repository(folder), diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.sorted()) std::fprintf(stderr, "%s\n", render(diagnostic).c_str());
  if (!set) std::abort();
  return std::move(*set);
}

}  // namespace tenure::policy::testing
