#include <algorithm>

#include <tenure/base/hash.hpp>
#include <tenure/connector/secrets.hpp>

namespace tenure::connector {

void Scrubber::add(std::string_view secret) {
  if (secret.size() < kShortest) return;
  const std::lock_guard lock(mutex_);
  for (std::string form : {std::string(secret), to_base64(secret)})
    if (std::find(values_.begin(), values_.end(), form) == values_.end()) values_.push_back(std::move(form));
  // A secret that contains another one must go first, or its rest would stay.
  std::stable_sort(values_.begin(), values_.end(),
                   [](const std::string& a, const std::string& b) { return a.size() > b.size(); });
}

std::string Scrubber::clean(std::string_view text) const {
  std::string out(text);
  const std::lock_guard lock(mutex_);
  for (const auto& value : values_) {
    for (std::size_t at = out.find(value); at != std::string::npos; at = out.find(value, at)) {
      out.replace(at, value.size(), "[secret]");
      at += 8;
    }
  }
  return out;
}

Error Scrubber::clean(const Error& error) const {
  Error out(error.reason(), clean(error.message()), error.effect(), error.retry());
  for (const auto& what : error.context()) out.add_context(clean(what));
  return out;
}

Result<std::string> RememberingSecrets::secret(const std::string& reference) {
  auto value = inner_->secret(reference);
  if (value) scrubber_->add(*value);
  return value;
}

}  // namespace tenure::connector
