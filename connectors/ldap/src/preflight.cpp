// What the connection may do, found out without changing anything.
#include "connection.hpp"
#include "dn.hpp"

#include <tenure/base/text.hpp>

namespace tenure::connector_ldap {

using connector::PreflightFault;

namespace {

using Kind = Modification::Kind;

// The no-op control (critical): the server judges the request as it would any other and stops before the change. A
// server without it answers 12, and then the right stays unproven rather than missing.
bool refused_for_rights(const Verdict& verdict) {
  return verdict.code == code::kInsufficientAccess;
}

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
  if (config_.lock && !has_lock_)
    faults.push_back({"the attribute pwdAccountLockedTime (overlay ppolicy)",
                      "accounts are disabled by it; without it set disable: none"});
  for (const auto& account_class : config_.classes) {
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

Status LdapConnection::check_writing(std::vector<PreflightFault>& faults, const Deadline& deadline) {
  WriteOptions judged;
  judged.no_operation = true;
  bool any = false;
  for (const auto& account_class : config_.classes) {
    if (!account_class.managed) continue;
    any = true;
    const std::string dn = account_class.rdn_attribute + "=tenure-preflight," + account_class.base;
    connector::AccountDraft draft;
    draft.account_class = account_class.name;
    draft.name = "tenure-preflight";
    draft.enabled = !has_lock_;
    TENURE_TRY(const auto entry, to_entry(draft, account_class));
    TENURE_TRY(const Verdict verdict, wire_.add(dn, entry, judged, deadline));
    if (refused_for_rights(verdict))
      faults.push_back(
          {"write access to " + account_class.base, "accounts of class " + account_class.name + " are managed there"});
  }
  if (!any) return {};
  SearchRequest groups;
  groups.base = config_.groups.base;
  groups.filter = "(objectClass=" + config_.groups.object_class + ")";
  groups.attributes = {"1.1"};
  groups.page_size = config_.page_size;
  TENURE_TRY(const auto entries, wire_.search(groups, deadline));
  if (entries.empty()) return {};
  const std::string member = config_.groups.placeholder.empty() ? config_.endpoint.bind_dn : config_.groups.placeholder;
  TENURE_TRY(
      const Verdict verdict,
      wire_.modify(entries.front().dn, {{Kind::kAdd, config_.groups.member_attribute, {member}}}, judged, deadline));
  if (refused_for_rights(verdict))
    faults.push_back({"write access to " + config_.groups.member_attribute + " of groups below " + config_.groups.base,
                      "grants are members of groups"});
  return {};
}

}  // namespace tenure::connector_ldap
