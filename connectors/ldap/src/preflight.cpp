// What the connection may do, found out without changing anything.
#include "connection.hpp"
#include "dn.hpp"

#include <tenure/base/text.hpp>

namespace tenure::connector_ldap {

using connector::PreflightFault;

namespace {

// A value that no entry has: deleting it answers 50 without the right, and 16 with it, before anything is changed.
// (OpenLDAP's no-op control is not used: with slapd 2.5.13 a no-op add makes back-mdb forget attribute numbers, and
// entries added afterwards cannot be read.)
constexpr const char* kNobody = "cn=tenure-preflight,cn=nobody";

}  // namespace

Result<std::vector<PreflightFault>> LdapConnection::preflight(const Call& call) {
  const Deadline deadline(call.timeout);
  TENURE_CHECK_OK(begin(deadline));
  std::vector<PreflightFault> faults;
  TENURE_CHECK_OK(check_reading(faults, deadline));
  if (faults.empty()) TENURE_CHECK_OK(check_writing(faults, deadline));
  return faults;
}

Status LdapConnection::check_reading(std::vector<PreflightFault>& faults, const Deadline& deadline) {
  const auto base_readable = [&](const std::string& base, const std::string& why) -> Status {
    SearchRequest request;
    request.base = base;
    request.scope = SearchScope::kBase;
    request.attributes = {"entryUUID"};
    const auto entries = wire_.search(request, deadline);
    if (!wire_.connected()) return fail(entries.error());
    if (!entries || entries->size() != 1)
      faults.push_back({"read access to " + base, why});
    else if (!is_uuid(entries->front().first("entryuuid")))
      faults.push_back({"read access to entryUUID below " + base, "it is the stable id of an entry"});
    return {};
  };
  for (const auto& account_class : config_.classes)
    TENURE_CHECK_OK(base_readable(account_class.base, "the accounts of class " + account_class.name + " are there"));
  TENURE_CHECK_OK(base_readable(config_.groups.base, "the groups are there"));
  const bool all_visible = faults.empty();
  if (config_.lock && !has_lock_)
    faults.push_back({"the attribute pwdAccountLockedTime (overlay ppolicy)",
                      "accounts are disabled by it; without it set disable: none"});
  for (const auto& account_class : config_.classes) {
    if (!all_visible) break;
    // A size limit shows only when the list is longer than it: read all, as read_all will.
    SearchRequest request;
    request.base = account_class.base;
    request.filter = account_class.filter;
    request.attributes = {"1.1"};
    request.page_size = config_.page_size;
    const auto entries = wire_.search(request, deadline);
    if (!wire_.connected()) return fail(entries.error());
    if (!entries) faults.push_back({"reading all entries below " + account_class.base, entries.error().message()});
  }
  if (!config_.monitor.empty()) {
    SearchRequest request;
    request.base = config_.monitor;
    request.filter = "(objectClass=monitorConnection)";
    request.attributes = {"monitorConnectionAuthzDN"};
    const auto entries = wire_.search(request, deadline);
    if (!wire_.connected()) return fail(entries.error());
    if (!entries || entries->empty())
      faults.push_back({"read access to " + config_.monitor, "sessions are listed there"});
  }
  return {};
}

// Proves the right to write attributes, on one entry of each kind. The right to add and delete entries cannot be proven
// without doing so.
Status LdapConnection::check_writing(std::vector<PreflightFault>& faults, const Deadline& deadline) {
  const auto one_of = [&](const std::string& base, const std::string& filter) -> Result<std::string> {
    SearchRequest any;
    any.base = base;
    any.filter = filter;
    any.attributes = {"1.1"};
    any.page_size = config_.page_size;
    TENURE_TRY(const auto entries, wire_.search(any, deadline));
    return entries.empty() ? std::string() : entries.front().dn;
  };
  const auto probe = [&](const std::string& dn, const std::string& attribute, const char* value,
                         const std::string& why) -> Status {
    if (dn.empty()) return {};
    TENURE_TRY(const Verdict verdict,
               wire_.modify(dn, {{Modification::Kind::kDelete, attribute, {value}}}, {}, deadline));
    if (verdict.code == code::kInsufficientAccess)
      faults.push_back({"write access to " + attribute + " of " + dn + " and its like", why});
    return {};
  };
  bool any_managed = false;
  for (const auto& account_class : config_.classes) {
    if (!account_class.managed) continue;
    any_managed = true;
    TENURE_TRY(const std::string dn, one_of(account_class.base, account_class.filter));
    for (const auto& attribute : account_class.attributes)
      if (ascii_lower(attribute) != ascii_lower(account_class.rdn_attribute))
        TENURE_CHECK_OK(probe(dn, attribute, kNobody, "accounts of class " + account_class.name + " are managed"));
    if (has_lock_)
      TENURE_CHECK_OK(probe(dn, kLockAttribute, "19000101000000Z",
                            "accounts of class " + account_class.name + " are disabled by it"));
  }
  if (!any_managed) return {};
  TENURE_TRY(const std::string dn, one_of(config_.groups.base, "(objectClass=" + config_.groups.object_class + ")"));
  return probe(dn, config_.groups.member_attribute, kNobody, "grants are members of groups");
}

}  // namespace tenure::connector_ldap
