// Secrets of a state folder: "env:NAME" is the process environment, else the file <folder>/secrets/NAME; "file:PATH" is
// a file, relative to the folder. Read when asked, never kept, never printed.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <tenure/connector/connector.hpp>

namespace tenure::app {

class FolderSecrets final : public connector::SecretSource {
 public:
  FolderSecrets(std::string folder, std::function<std::optional<std::string>(const std::string&)> variable)
      : folder_(std::move(folder)), variable_(std::move(variable)) {}
  Result<std::string> secret(const std::string& reference) override;

 private:
  std::string folder_;
  std::function<std::optional<std::string>(const std::string&)> variable_;
};

}  // namespace tenure::app
