// Typed reading of a connector's own settings: every fault becomes a diagnostic that names the path, the first does not
// hide the tenth, and a key that nobody asked for is a fault with the nearest known key.
//
// Used twice: by Connector::check() with the caller's Diagnostics, and by Connector::open() with its own, which turns
// the first fault into an error kConnectorConfig.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/diagnostic.hpp>
#include <tenure/base/json.hpp>
#include <tenure/base/time.hpp>

namespace tenure::connector {

// Reads one object. A reader lives no longer than the value, the place and the diagnostics it was given. After a fault
// the fallback (or an empty value) is returned, so that reading goes on. Not thread-safe.
class ConfigReader {
 public:
  // `path` is how the object is called in messages ("config", "classes.people"). A value that is null reads as an
  // empty object; one that is no object is a fault.
  ConfigReader(const json::Value& value, std::string path, const Place& place, Diagnostics& diagnostics);

  bool has(std::string_view key) const;
  const std::string& path() const { return path_; }

  std::string text(std::string_view key);  // required, not empty
  std::string text_or(std::string_view key, std::string_view fallback);
  bool boolean_or(std::string_view key, bool fallback);
  std::int64_t integer_or(std::string_view key, std::int64_t fallback, std::int64_t least, std::int64_t most);
  Duration duration_or(std::string_view key, Duration fallback);
  // A list of strings; one string counts as a list of one. Empty when absent.
  std::vector<std::string> texts(std::string_view key);
  // One of `allowed`; the fallback when absent.
  std::string choice_or(std::string_view key, std::string_view fallback, const std::vector<std::string>& allowed);
  // "env:NAME" or "file:path". A value that is no reference is a fault, and is not repeated in the message: it may be
  // the secret itself.
  std::string secret_reference(std::string_view key, bool required);
  // A nested object; a reader of an empty object when absent.
  ConfigReader object(std::string_view key);
  // The elements of a list of objects.
  std::vector<ConfigReader> objects(std::string_view key);
  // Members whose keys are the caller's own (an attribute map): key to text, in byte order.
  std::vector<std::pair<std::string, std::string>> text_map(std::string_view key);

  void fault(std::string_view key, std::string what, std::string expected = {});
  // Reports every key that was not asked for. Call it last.
  void no_other_keys();

 private:
  const json::Value* take(std::string_view key);
  std::string path_of(std::string_view key) const;

  const json::Value* value_;
  std::string path_;
  const Place* place_;
  Diagnostics* diagnostics_;
  std::set<std::string, std::less<>> asked_;
};

bool is_secret_reference(std::string_view text);

// Replaces ${NAME} in every string of `value` by what `lookup` gives for NAME, for values that differ by deployment
// (host names, folders); "$$" is a "$". Not for secrets: those are references that stay references. A name that lookup
// does not know is a fault.
json::Value expand_variables(const json::Value& value, const std::string& path, const Place& place,
                             const std::function<std::optional<std::string>(const std::string&)>& lookup,
                             Diagnostics& diagnostics);

}  // namespace tenure::connector
