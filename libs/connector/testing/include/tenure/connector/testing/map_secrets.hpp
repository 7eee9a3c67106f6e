// Secrets from a table, for tests.
#pragma once

#include <map>
#include <string>

#include <tenure/connector/connector.hpp>

namespace tenure::connector::testing {

// Thread-safe as long as nobody calls set().
class MapSecrets final : public SecretSource {
 public:
  MapSecrets() = default;
  explicit MapSecrets(std::map<std::string, std::string> values) : values_(std::move(values)) {}
  void set(const std::string& reference, std::string value) { values_[reference] = std::move(value); }
  Result<std::string> secret(const std::string& reference) override;

 private:
  std::map<std::string, std::string> values_;
};

}  // namespace tenure::connector::testing
