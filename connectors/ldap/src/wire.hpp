// One LDAP session over libldap, with a deadline on everything. The only file pair that knows libldap.
//
// Reads return whole answers or errors (a page that did not come, a size limit, a referral: kTargetPartial), effect
// none. Writes return the server's verdict; an error means that there was none, and its effect says whether the request
// had left. Not thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <tenure/base/deadline.hpp>
#include <tenure/base/error.hpp>

namespace tenure::connector_ldap {

struct Endpoint {
  std::string uri;  // ldap://, ldaps:// or ldapi://
  bool starttls = false;
  std::string ca_file;  // empty = the system's
  std::string bind_dn;
};

struct Entry {
  std::string dn;
  std::map<std::string, std::vector<std::string>, std::less<>> attributes;  // names in lower case, values as bytes

  const std::vector<std::string>& values(std::string_view attribute) const;
  std::string first(std::string_view attribute) const;  // "" when there is none
};

enum class SearchScope : std::uint8_t { kBase, kSubtree };

struct SearchRequest {
  std::string base;
  SearchScope scope = SearchScope::kSubtree;
  std::string filter = "(objectClass=*)";
  std::vector<std::string> attributes;
  int page_size = 0;  // RFC 2696, critical; 0 = no pages
};

struct Modification {
  enum class Kind : std::uint8_t { kAdd, kDelete, kReplace };
  Kind kind = Kind::kReplace;
  std::string attribute;
  std::vector<std::string> values;
};

// Result codes of RFC 4511 and its extensions that somebody decides by.
namespace code {
inline constexpr int kSuccess = 0;
inline constexpr int kNoSuchAttribute = 16;
inline constexpr int kUndefinedAttributeType = 17;
inline constexpr int kAttributeOrValueExists = 20;
inline constexpr int kNoSuchObject = 32;
inline constexpr int kInsufficientAccess = 50;
inline constexpr int kUnwillingToPerform = 53;
inline constexpr int kObjectClassViolation = 65;
inline constexpr int kEntryAlreadyExists = 68;
inline constexpr int kAssertionFailed = 122;
}  // namespace code

struct Verdict {
  int code = 0;
  std::string text;  // of the server, for people
};

struct WriteOptions {
  std::string assertion;  // RFC 4528: a filter that the entry must match, else 122; empty = none
};

// An error for a verdict that was not success; `what` names the attempt.
Error verdict_error(const Verdict& verdict, const std::string& what);

class Wire {
 public:
  explicit Wire(Endpoint endpoint);
  ~Wire();
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  // Connected and bound on return; keeps a session that is still open. The password is used and not kept.
  // Errors kTargetUnreachable, kTargetTimeout, kTargetCredentials, kTargetProtocol; effect none.
  Status connect(std::string_view password, const Deadline& deadline);
  bool connected() const;
  // Counts the sessions opened so far: what was learnt about the server in another session may not hold any more.
  int generation() const;
  void close();

  // REQUIRES (all below): connect() succeeded in this call.
  Result<std::vector<Entry>> search(const SearchRequest& request, const Deadline& deadline);
  Result<Verdict> add(const std::string& dn, const std::vector<Modification>& attributes, const WriteOptions& options,
                      const Deadline& deadline);
  Result<Verdict> modify(const std::string& dn, const std::vector<Modification>& changes, const WriteOptions& options,
                         const Deadline& deadline);
  Result<Verdict> remove(const std::string& dn, const WriteOptions& options, const Deadline& deadline);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tenure::connector_ldap
