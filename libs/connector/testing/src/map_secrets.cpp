#include <tenure/connector/testing/map_secrets.hpp>

namespace tenure::connector::testing {

Result<std::string> MapSecrets::secret(const std::string& reference) {
  const auto found = values_.find(reference);
  if (found == values_.end()) return fail(Reason::kSecretMissing, "the secret " + reference + " is not set");
  return found->second;
}

}  // namespace tenure::connector::testing
