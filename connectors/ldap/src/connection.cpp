#include "connection.hpp"

#include "dn.hpp"

#include <algorithm>

#include <tenure/base/text.hpp>
#include <tenure/connector/verify.hpp>

namespace tenure::connector_ldap {

using connector::AccountDraft;
using connector::attribute_texts;
using connector::PreflightFault;
using connector::unverified;

namespace {

constexpr const char* kAssertionControl = "1.3.6.1.1.12";

using Kind = Modification::Kind;

// The attribute of the class whose name this is, in the spelling of the target document.
const std::string* declared(const ClassConfig& account_class, std::string_view name) {
  const auto found = std::find_if(account_class.attributes.begin(), account_class.attributes.end(),
                                  [&](const std::string& one) { return ascii_lower(one) == ascii_lower(name); });
  return found == account_class.attributes.end() ? nullptr : &*found;
}

std::unexpected<Error> undeclared(const ClassConfig& account_class, const std::string& name) {
  return fail(Reason::kConnectorConfig, "the class " + account_class.name + " does not declare the attribute " + name +
                                            ", so that it could not be read back");
}

}  // namespace

LdapConnection::LdapConnection(Config config, connector::SecretSource& secrets)
    : config_(std::move(config)),
      manifest_(ldap_manifest(!config_.monitor.empty())),
      secrets_(&secrets),
      wire_(config_.endpoint) {}

Status LdapConnection::begin(const Deadline& deadline) {
  TENURE_TRY(const std::string password, secrets_->secret(config_.password));
  TENURE_CHECK_OK(wire_.connect(password, deadline));
  if (learnt_in_ == wire_.generation()) return {};
  SearchRequest root;
  root.scope = SearchScope::kBase;
  root.attributes = {"supportedControl", "subschemaSubentry"};
  TENURE_TRY(const auto dse, wire_.search(root, deadline));
  if (dse.size() != 1) return fail(Reason::kTargetProtocol, "the server shows no root DSE");
  const auto& controls = dse.front().values("supportedcontrol");
  has_assertion_ = std::find(controls.begin(), controls.end(), kAssertionControl) != controls.end();
  has_lock_ = false;
  if (const std::string schema_dn = dse.front().first("subschemasubentry"); config_.lock && !schema_dn.empty()) {
    SearchRequest schema;
    schema.base = schema_dn;
    schema.scope = SearchScope::kBase;
    schema.attributes = {"attributeTypes"};
    if (const auto entries = wire_.search(schema, deadline); entries && entries->size() == 1) {
      const auto& types = entries->front().values("attributetypes");
      const std::string name = std::string("'") + kLockAttribute + "'";
      has_lock_ = std::any_of(types.begin(), types.end(),
                              [&](const std::string& type) { return type.find(name) != std::string::npos; });
    } else if (!wire_.connected()) {
      return fail(entries.error());
    }
  }
  learnt_in_ = wire_.generation();
  return {};
}

// --- reading -----------------------------------------------------------------------------------------------------

Result<model::Observation> LdapConnection::read_all(const Call& call) {
  const Deadline deadline(call.timeout);
  TENURE_CHECK_OK(begin(deadline));
  return Directory(config_, wire_, deadline).read_all();
}

Result<std::optional<model::AccountImage>> LdapConnection::read_account(const Call& call, const model::NativeId& id) {
  const Deadline deadline(call.timeout);
  TENURE_CHECK_OK(begin(deadline));
  TENURE_TRY(auto found, Directory(config_, wire_, deadline).account_by_id(id));
  if (!found) return std::optional<model::AccountImage>();
  return std::optional(std::move(found->image));
}

Result<std::optional<model::AccountImage>> LdapConnection::find_account(const Call& call,
                                                                        const std::string& account_class,
                                                                        const std::string& name) {
  const Deadline deadline(call.timeout);
  TENURE_CHECK_OK(begin(deadline));
  TENURE_TRY(auto found, Directory(config_, wire_, deadline).account_by_name(account_class, name));
  if (!found) return std::optional<model::AccountImage>();
  return std::optional(std::move(found->image));
}

Result<FoundAccount> LdapConnection::existing(Directory& directory, const model::NativeId& id) {
  TENURE_TRY(auto found, directory.account_by_id(id));
  if (!found) return fail(Reason::kTargetObjectMissing, "no entry has the entryUUID " + id.str());
  return std::move(*found);
}

LdapConnection::Image LdapConnection::read_back(
    Directory& directory, const model::NativeId& id,
    const std::function<std::optional<std::string>(const model::AccountImage&)>& shows) {
  auto found = directory.account_by_id(id);
  // The server has accepted the change; until it is seen, nobody knows.
  if (!found) return fail(std::move(found).error().add_context("reading back").with_effect(Effect::kUnknown));
  if (!*found) return unverified("the entry is gone after it was changed");
  if (const auto what = shows((*found)->image)) return unverified(*what);
  return std::move((*found)->image);
}

WriteOptions LdapConnection::only(const FoundAccount& account, bool unchanged) const {
  WriteOptions out;
  if (!has_assertion_) return out;
  out.assertion = "(entryUUID=" + account.image.account.id.str() + ")";
  if (unchanged && !account.entry_csn.empty())
    out.assertion = "(&" + out.assertion + "(entryCSN=" + escape_filter_value(account.entry_csn) + "))";
  return out;
}

// --- accounts ----------------------------------------------------------------------------------------------------

Result<std::vector<Modification>> LdapConnection::to_entry(const AccountDraft& draft,
                                                           const ClassConfig& account_class) const {
  std::vector<Modification> out;
  out.push_back({Kind::kAdd, "objectClass", account_class.object_classes});
  out.push_back({Kind::kAdd, account_class.rdn_attribute, {draft.name}});
  const std::string rdn = ascii_lower(account_class.rdn_attribute);
  bool has_cn = rdn == "cn";
  bool has_sn = rdn == "sn";
  for (const auto& [name, value] : draft.attributes) {
    if (declared(account_class, name) == nullptr) return undeclared(account_class, name);
    const auto texts = attribute_texts(value);
    const std::string lower = ascii_lower(name);
    if (lower == rdn) {
      if (texts != std::vector<std::string>{draft.name})
        return fail(Reason::kConnectorConfig,
                    "the attribute " + name + " is the name of the account and has another value");
      continue;
    }
    if (texts.empty()) continue;
    has_cn = has_cn || lower == "cn";
    has_sn = has_sn || lower == "sn";
    out.push_back({Kind::kAdd, name, texts});
  }
  // RFC 4519 section 3.12: a person has both. Where the policy maps none, the name must do.
  if (!has_cn) out.push_back({Kind::kAdd, "cn", {draft.name}});
  if (!has_sn) out.push_back({Kind::kAdd, "sn", {draft.name}});
  if (!draft.enabled) out.push_back({Kind::kAdd, kLockAttribute, {kLockedForEver}});
  return out;
}

LdapConnection::Image LdapConnection::create(const Call& call, const AccountDraft& draft) {
  const Deadline deadline(call.timeout);
  const auto account_class = std::find_if(config_.classes.begin(), config_.classes.end(),
                                          [&](const ClassConfig& one) { return one.name == draft.account_class; });
  if (account_class == config_.classes.end())
    return fail(Reason::kConnectorConfig, "the target declares no account class " + draft.account_class);
  if (draft.name.empty() || !is_utf8(draft.name)) return fail(Reason::kConnectorConfig, "an account needs a name");
  TENURE_TRY(const auto entry, to_entry(draft, *account_class));
  TENURE_CHECK_OK(begin(deadline));
  if (!draft.enabled && !has_lock_)
    return fail(Reason::kConnectorUnsupported, "this server has no ppolicy: an account cannot be disabled");
  const std::string dn = account_class->rdn_attribute + "=" + escape_dn_value(draft.name) + "," + account_class->base;
  Directory directory(config_, wire_, deadline);
  // By the name that people know it by, which may be in another container of the class.
  TENURE_TRY(const auto before, directory.account_by_name(draft.account_class, draft.name));
  const bool there = before.has_value();
  if (!there) {
    TENURE_TRY(const Verdict verdict, wire_.add(dn, entry, {}, deadline));
    if (verdict.code != code::kSuccess && verdict.code != code::kEntryAlreadyExists)
      return fail(verdict_error(verdict, "adding " + dn));
    if (verdict.code == code::kEntryAlreadyExists) {
      TENURE_TRY(const auto other, directory.account_by_name(draft.account_class, draft.name));
      if (!other) return fail(Reason::kTargetObjectExists, dn + " is there and is no account of the class");
      if (const auto what = connector::difference(other->image, draft))
        return fail(Reason::kTargetObjectExists, dn + " is there already: " + *what);
      return other->image;
    }
  }
  auto found =
      there ? Result<std::optional<FoundAccount>>(before) : directory.account_by_name(draft.account_class, draft.name);
  if (!found) return fail(std::move(found).error().add_context("reading back").with_effect(Effect::kUnknown));
  if (!*found) return unverified("the server added " + dn + ", but it is not there");
  if (const auto what = connector::difference((*found)->image, draft)) {
    if (there) return fail(Reason::kTargetObjectExists, (*found)->dn + " is there already: " + *what);
    return unverified(*what);
  }
  return std::move((*found)->image);
}

LdapConnection::Image LdapConnection::update(const Call& call, const model::NativeId& id,
                                             const model::AttributeMap& attributes) {
  const Deadline deadline(call.timeout);
  TENURE_CHECK_OK(begin(deadline));
  Directory directory(config_, wire_, deadline);
  TENURE_TRY(const FoundAccount found, existing(directory, id));
  const ClassConfig& account_class = *found.account_class;
  std::vector<Modification> changes;
  for (const auto& [name, value] : attributes) {
    const std::string* attribute = declared(account_class, name);
    if (attribute == nullptr || *attribute != name) return undeclared(account_class, name);
    const auto held = found.image.account.attributes.find(name);
    const auto wanted = attribute_texts(value);
    const json::Value before = held == found.image.account.attributes.end() ? json::Value() : held->second;
    if (attribute_texts(before) == wanted) continue;
    if (ascii_lower(name) == ascii_lower(account_class.rdn_attribute))
      return fail(Reason::kConnectorUnsupported, name + " names the entry: a rename is not an update");
    changes.push_back({Kind::kReplace, name, wanted});
  }
  if (changes.empty()) return found.image;
  TENURE_TRY(const Verdict verdict, wire_.modify(found.dn, changes, only(found, true), deadline));
  if (verdict.code != code::kSuccess) return fail(verdict_error(verdict, "modifying " + found.dn));
  return read_back(directory, id,
                   [&](const model::AccountImage& image) { return connector::difference(image, attributes); });
}

LdapConnection::Image LdapConnection::set_enabled(const Call& call, const model::NativeId& id, bool enabled) {
  const Deadline deadline(call.timeout);
  TENURE_CHECK_OK(begin(deadline));
  Directory directory(config_, wire_, deadline);
  TENURE_TRY(const FoundAccount found, existing(directory, id));
  if (enabled ? found.lock.empty() : found.lock == kLockedForEver) return found.image;
  if (!has_lock_)
    return fail(Reason::kConnectorUnsupported, "this server has no ppolicy: an account cannot be disabled or enabled");
  const std::vector<std::string> values =
      enabled ? std::vector<std::string>() : std::vector<std::string>{kLockedForEver};
  TENURE_TRY(const Verdict verdict,
             wire_.modify(found.dn, {{enabled ? Kind::kDelete : Kind::kReplace, kLockAttribute, values}},
                          only(found, false), deadline));
  if (verdict.code != code::kSuccess && !(enabled && verdict.code == code::kNoSuchAttribute))
    return fail(verdict_error(verdict, "modifying " + found.dn));
  return read_back(directory, id, [&](const model::AccountImage& image) -> std::optional<std::string> {
    if (image.account.enabled == enabled) return std::nullopt;
    return std::string("the entry is ") + (enabled ? "still locked" : "not locked");
  });
}

Status LdapConnection::remove(const Call& call, const model::NativeId& id) {
  const Deadline deadline(call.timeout);
  TENURE_CHECK_OK(begin(deadline));
  Directory directory(config_, wire_, deadline);
  TENURE_TRY(const auto found, directory.account_by_id(id));
  if (!found) return {};
  TENURE_TRY(const Verdict verdict, wire_.remove(found->dn, only(*found, false), deadline));
  if (verdict.code != code::kSuccess && verdict.code != code::kNoSuchObject)
    return fail(verdict_error(verdict, "deleting " + found->dn));
  // From here on the entry is said to be gone; whatever fails leaves the removal as a whole unproven.
  const auto rest = [&]() -> Status {
    // Without refint the name stays in its groups, and the next owner of the name would inherit them. Ignored groups
    // are left alone.
    TENURE_TRY(const auto groups, directory.groups_with_member(found->dn));
    for (const auto& group : groups) TENURE_CHECK_OK(drop_member(group.dn, found->dn, deadline));
    TENURE_TRY(const auto left, directory.groups_with_member(found->dn));
    if (!left.empty()) return unverified(left.front().dn + " still has the member " + found->dn);
    TENURE_TRY(const auto again, directory.account_by_id(id));
    if (again) return unverified(found->dn + " is still there");
    return {};
  }();
  if (!rest) {
    Error error = rest.error();
    return fail(std::move(error).add_context("after the deletion").with_effect(Effect::kUnknown));
  }
  return {};
}

// --- grants ------------------------------------------------------------------------------------------------------

LdapConnection::Image LdapConnection::grant(const Call& call, const model::NativeId& id,
                                            const model::EntitlementId& entitlement,
                                            const model::Parameters& parameters) {
  const Deadline deadline(call.timeout);
  TENURE_CHECK_OK(begin(deadline));
  Directory directory(config_, wire_, deadline);
  TENURE_TRY(const FoundAccount found, existing(directory, id));
  TENURE_TRY(const FoundGroup group, directory.group_of(entitlement, parameters));
  if (connector::holds(found.image, entitlement, parameters)) return found.image;
  TENURE_TRY(const Verdict verdict,
             wire_.modify(group.dn, {{Kind::kAdd, config_.groups.member_attribute, {found.dn}}}, {}, deadline));
  // 20 from OpenLDAP, 68 from Active Directory: it is a member already. The read-back tells.
  if (verdict.code != code::kSuccess && verdict.code != code::kAttributeOrValueExists &&
      verdict.code != code::kEntryAlreadyExists)
    return fail(verdict_error(verdict, "adding a member to " + group.dn));
  return read_back(directory, id, [&](const model::AccountImage& image) -> std::optional<std::string> {
    if (connector::holds(image, entitlement, parameters)) return std::nullopt;
    return group.dn + " does not have the member";
  });
}

Status LdapConnection::drop_member(const std::string& group_dn, const std::string& member_dn,
                                   const Deadline& deadline) {
  const std::string& member = config_.groups.member_attribute;
  std::vector<Modification> changes = {{Kind::kDelete, member, {member_dn}}};
  TENURE_TRY(Verdict verdict, wire_.modify(group_dn, changes, {}, deadline));
  if (verdict.code == code::kObjectClassViolation) {
    // The last member of a groupOfNames (RFC 4519 section 3.5 wants one).
    if (config_.groups.placeholder.empty())
      return fail(Reason::kTargetRefused,
                  "the last member of " + group_dn + " cannot be removed: groups.placeholder is not set");
    changes.push_back({Kind::kAdd, member, {config_.groups.placeholder}});
    TENURE_TRY(verdict, wire_.modify(group_dn, changes, {}, deadline));
  }
  // 16 from OpenLDAP, 53 from Active Directory: it was no member. The read-back tells.
  if (verdict.code == code::kSuccess || verdict.code == code::kNoSuchAttribute ||
      verdict.code == code::kUnwillingToPerform)
    return {};
  return fail(verdict_error(verdict, "removing a member from " + group_dn));
}

LdapConnection::Image LdapConnection::revoke(const Call& call, const model::NativeId& id,
                                             const model::EntitlementId& entitlement,
                                             const model::Parameters& parameters) {
  const Deadline deadline(call.timeout);
  TENURE_CHECK_OK(begin(deadline));
  Directory directory(config_, wire_, deadline);
  TENURE_TRY(const FoundAccount found, existing(directory, id));
  if (!connector::holds(found.image, entitlement, parameters)) return found.image;
  TENURE_TRY(const FoundGroup group, directory.group_of(entitlement, parameters));
  TENURE_CHECK_OK(drop_member(group.dn, found.dn, deadline));
  return read_back(directory, id, [&](const model::AccountImage& image) -> std::optional<std::string> {
    if (!connector::holds(image, entitlement, parameters)) return std::nullopt;
    return group.dn + " still has the member";
  });
}

// --- sessions ----------------------------------------------------------------------------------------------------

Result<std::vector<model::Session>> LdapConnection::list_sessions(const Call& call, const model::NativeId& id) {
  const Deadline deadline(call.timeout);
  TENURE_CHECK_OK(begin(deadline));
  Directory directory(config_, wire_, deadline);
  TENURE_TRY(const auto found, directory.account_by_id(id));
  // The server knows a session by the DN it was opened with: without the entry nobody knows which.
  if (!found)
    return fail(Reason::kConnectorUnsupported,
                "no entry has the entryUUID " + id.str() + " any more; its sessions cannot be told");
  SearchRequest request;
  request.base = config_.monitor;
  request.filter = "(objectClass=monitorConnection)";
  request.attributes = {"monitorConnectionNumber", "monitorConnectionAuthzDN", "monitorConnectionPeerAddress"};
  TENURE_TRY(const auto entries, wire_.search(request, deadline));
  // Our own session is always there: without it the list is not what it seems.
  const auto own = normal_dn(config_.endpoint.bind_dn);
  const auto wanted = normal_dn(found->dn);
  bool seen_own = false;
  std::vector<model::Session> out;
  for (const auto& entry : entries) {
    const auto dn = normal_dn(entry.first("monitorconnectionauthzdn"));
    seen_own = seen_own || dn == own;
    if (dn && dn == wanted)
      out.push_back({entry.first("monitorconnectionnumber"), entry.first("monitorconnectionpeeraddress")});
  }
  if (!seen_own)
    return fail(Reason::kTargetRights, "the list of connections under " + config_.monitor + " cannot be read whole");
  return out;
}

Result<std::vector<model::Session>> LdapConnection::end_sessions(const Call& call, const model::NativeId& id) {
  TENURE_TRY(auto sessions, list_sessions(call, id));
  if (sessions.empty()) return sessions;
  return fail(Reason::kConnectorUnsupported,
              std::to_string(sessions.size()) +
                  " session(s) of the account cannot be ended over LDAP: set an idletimeout, or restart the server");
}

}  // namespace tenure::connector_ldap
