#include "secrets.hpp"

#include <tenure/base/file.hpp>

namespace tenure::app {
namespace {

Result<std::string> first_line(const std::string& path, const std::string& reference) {
  auto text = read_file(path);
  if (!text) return fail(Reason::kSecretMissing, "the secret " + reference + " is not set (no readable " + path + ")");
  while (!text->empty() && (text->back() == '\n' || text->back() == '\r')) text->pop_back();
  return std::move(*text);
}

}  // namespace

Result<std::string> FolderSecrets::secret(const std::string& reference) {
  if (reference.starts_with("env:")) {
    const std::string name = reference.substr(4);
    if (auto value = variable_(name)) return *value;
    return first_line(folder_ + "/secrets/" + name, reference);
  }
  if (reference.starts_with("file:")) {
    const std::string path = reference.substr(5);
    return first_line(path.starts_with("/") ? path : folder_ + "/" + path, reference);
  }
  return fail(Reason::kSecretMissing, "\"" + reference + "\" is no reference to a secret (env:NAME or file:PATH)");
}

}  // namespace tenure::app
