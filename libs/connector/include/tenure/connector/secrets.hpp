// Keeping secret values out of everything that is shown or stored (T14), whatever a connector or a target says.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/error.hpp>
#include <tenure/connector/connector.hpp>

namespace tenure::connector {

// Knows the secret values that were handed out and replaces them in texts. A value shorter than kShortest is not
// replaced: it would tear ordinary words apart, and its absence from messages is the connector's own duty. Thread-safe.
class Scrubber {
 public:
  static constexpr std::size_t kShortest = 4;

  void add(std::string_view secret);
  // Every occurrence of a known value, also in base64 (as HTTP Basic carries it), becomes "[secret]".
  std::string clean(std::string_view text) const;
  // The same error with clean texts.
  Error clean(const Error& error) const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> values_;  // longest first
};

// Hands out the secrets of `inner` and tells each value to the scrubber. Thread-safe if `inner` is.
class RememberingSecrets final : public SecretSource {
 public:
  // `inner` outlives this object.
  RememberingSecrets(SecretSource& inner, std::shared_ptr<Scrubber> scrubber)
      : inner_(&inner), scrubber_(std::move(scrubber)) {}
  Result<std::string> secret(const std::string& reference) override;

 private:
  SecretSource* inner_;
  std::shared_ptr<Scrubber> scrubber_;
};

}  // namespace tenure::connector
